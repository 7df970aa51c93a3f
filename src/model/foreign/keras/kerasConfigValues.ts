/** Values in the configuration of a Keras layer, as its versions write them. */
import { isObject } from '../../formats/json.ts'

/** @returns a whole number from 0, also where it stands in a list of one */
export function integer(value: unknown): number | undefined {
  const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
  return typeof single === 'number' && Number.isSafeInteger(single) && single >= 0 ? single : undefined
}

/** @returns `count` whole numbers from 0; one number stands for all of them */
export function integers(value: unknown, count: number): number[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : Array.from({ length: count }, () => value)
  if (list.length !== count) return undefined
  const numbers = list.map((item) => integer(item))
  return numbers.every((item) => item !== undefined) ? numbers : undefined
}

/** @returns the name of an activation function, or undefined where it is none of Keras' functions */
export function activationName(value: unknown): string | undefined {
  if (value === undefined || value === null) return 'linear'
  if (typeof value === 'string') return value
  // Keras 3 may write { class_name: 'function', config: 'relu' }.
  if (isObject(value) && value['class_name'] === 'function' && typeof value['config'] === 'string')
    return value['config']
  return undefined
}

/** As `integer`, from 1. */
export function count(value: unknown): number | undefined {
  const number = integer(value)
  return number === 0 ? undefined : number
}

/** As `integers`, from 1. */
export function counts(value: unknown, length: number): number[] | undefined {
  const numbers = integers(value, length)
  return numbers?.includes(0) === true ? undefined : numbers
}
