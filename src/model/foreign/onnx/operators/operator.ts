/** What a rule for an operator is given, and how it reads its inputs. */
import type { ParsedNode } from '../../../formats/onnx/onnxParse.ts'
import type { Constant } from '../../../formats/onnx/onnxTensor.ts'
import type { Activation, Gate, Value } from '../onnxActivation.ts'
import { type Point, Refusal } from '../onnxPoint.ts'

export interface Context {
  readonly node: ParsedNode
  /** Undefined where an optional input is left out. */
  readonly inputs: readonly (Value | undefined)[]
  readonly opset: number
  /** Nothing else reads input `i`. */
  readonly alone: (i: number) => boolean
  /** The beginnings of the chains of the two strands. */
  readonly roots: { readonly forward: Point; readonly reverse: Point }
}

export type Operator = (context: Context, x: Activation) => Value | readonly Value[]

/** The input, where it is in the middle of a function that is written out. */
export function gateOf({ inputs }: Context): Gate | undefined {
  return inputs[0]?.kind === 'gate' ? inputs[0] : undefined
}

export function asActivation(value: Value | undefined): Activation {
  if (value?.kind !== 'activation') throw new Refusal('joins what the network computes with constants')
  return value
}

/** Integer inputs that say how: shapes, axes, indices. */
export function constantAt(inputs: readonly (Value | undefined)[], i: number): Constant | undefined {
  const value = inputs[i]
  if (value !== undefined && value.kind !== 'constant') {
    throw new Refusal('is told how by what the network computes')
  }
  return value
}

/** Weights of an operator, of a rank, in float32. */
export function weightsAt(
  inputs: readonly (Value | undefined)[],
  i: number,
): { dims: readonly number[]; values: Float32Array } | undefined {
  const value = inputs[i]
  if (value === undefined) return undefined
  if (value.kind !== 'constant') throw new Refusal('multiplies two things that the network computes')
  const { dims, values } = value
  return { dims, values: values instanceof Float32Array ? values : Float32Array.from(values) }
}

export function scalar(value: number): Constant {
  return { kind: 'constant', dims: [], values: Float64Array.of(value) }
}

/** @returns the number that all of a constant is, or undefined */
export function onlyValue(value: Value | undefined): number | undefined {
  if (value?.kind !== 'constant') return undefined
  const [first] = value.values
  return first !== undefined && value.values.every((other) => other === first) ? first : undefined
}
