/** What the config's schema is made of, for those that read it: what wraps a key, and which keys name input files. */
import { z } from 'zod'

/** What help says of a flag whose absence means something; a schema's own default is told by itself (cli/flags.ts). */
export function withDefault(text: string, value: string): string {
  return `${text} [default: ${value}]`
}

/** Strips what wraps a schema: optional, default, prefault. */
export function innerSchema(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod
  return 'innerType' in def ? innerSchema(def.innerType as z.core.$ZodType) : schema
}

interface InputPath {
  /** Which of its values are paths; all unless given. */
  readonly isPath: (text: string) => boolean
}

const inputPaths = z.registry<InputPath>()

/** A key that names an input file: relative to the config file, as a flag to the working directory. */
export function inputPath(isPath: InputPath['isPath'] = () => true): z.ZodString {
  const schema = z.string()
  inputPaths.add(schema, { isPath })
  return schema
}

/** Whether a value of this key is the path of an input file. */
export function isInputPath(schema: z.core.$ZodType, value: unknown): value is string {
  return typeof value === 'string' && inputPaths.get(innerSchema(schema))?.isPath(value) === true
}

/** @returns the schema of a key, by its path; undefined where there is no such key */
export function schemaAt(root: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = root
  for (const key of path) {
    if (schema === undefined) return undefined
    const inner: z.core.$ZodType = innerSchema(schema)
    if (inner instanceof z.ZodArray) schema = inner.element
    else if (inner instanceof z.ZodObject)
      schema = (inner.shape as Record<string, z.core.$ZodType>)[String(key)]
    else return undefined
  }
  return schema
}

/** The value with each path of an input file in it changed. */
export function mapInputPaths(
  schema: z.core.$ZodType,
  value: unknown,
  change: (path: string) => string,
): unknown {
  const inner = innerSchema(schema)
  if (isInputPath(inner, value)) return change(value)
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item) => mapInputPaths(inner.element, item, change))
  }
  if (inner instanceof z.ZodObject && typeof value === 'object' && value !== null) {
    const shape = inner.shape as Record<string, z.core.$ZodType>
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        shape[key] === undefined ? item : mapInputPaths(shape[key], item, change),
      ]),
    )
  }
  return value
}
