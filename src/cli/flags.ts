/** Flags made from the config schema, so that a flag and a key of the config file are one thing. */
import { resolve } from 'node:path'
import type { Options } from 'yargs'
import { z } from 'zod'
import { ConfigError } from '../base/errors.ts'
import { configSchema, importSchema } from '../run/config/configSchema.ts'
import type { FileOptions } from '../import/importModel.ts'
import { flagName } from '../run/config/readConfig.ts'
import { schemaMessage } from '../run/config/schemaMessages.ts'
import { innerSchema, isInputPath, schemaAt, withDefault } from '../run/config/schemaParts.ts'

export interface Flag extends Options {
  /** Its value, where it names an input file, is relative to the working directory; the config's own paths are not. */
  readonly absolute?: (value: unknown) => unknown
}

export type Flags = Readonly<Record<string, Flag>>

/** @returns one yargs option for each key of the section */
export function flagsOf(section: z.ZodType, omit: readonly string[] = []): Flags {
  const schema = innerSchema(section)
  if (!(schema instanceof z.ZodObject)) throw new TypeError('a section of the config is an object')
  const flags: Record<string, Flag> = {}
  const fields: Record<string, z.ZodType> = schema.shape
  for (const [key, field] of Object.entries(fields)) {
    if (omit.includes(key)) continue
    flags[key] = flagOf(field)
  }
  return flags
}

/** @returns the yargs option of one key */
export function flagOf(field: z.ZodType): Flag {
  return {
    ...flagType(innerSchema(field)),
    description: describe(field),
    requiresArg: !isBoolean(field),
    absolute: (value) => (isInputPath(field, value) ? absolutePath(value) : value),
  }
}

/** @returns the flags that were given, as overrides of `section` in the config file */
export function overridesOf(
  argv: Readonly<Record<string, unknown>>,
  flags: Flags,
  section: string,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(flags)
      .filter((key) => argv[key] !== undefined)
      .map((key) => [
        section === '' ? key : `${section}.${key}`,
        flags[key]!.absolute?.(argv[key]) ?? argv[key],
      ]),
  )
}

/**
 * Flags as their schema reads them, defaults filled in.
 * @throws ConfigError naming the flag
 */
export function parseFlags<Section extends z.ZodType>(
  section: Section,
  argv: Readonly<Record<string, unknown>>,
): z.output<Section> {
  const result = section.safeParse(argv, { error: schemaMessage })
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new ConfigError(`${flagName(path)} ${message}`)
}

/** What a user says of a model file. */
export function importOptionsOf(argv: Readonly<Record<string, unknown>>): FileOptions {
  const given = Object.fromEntries(Object.keys(importSchema.shape).map((key) => [key, argv[key]]))
  const options = parseFlags(importSchema, given)
  return {
    weights: options.weights,
    order: options['input-order'],
    alphabet: options.alphabet,
    outputTensor: /^\d+$/.test(String(options['output-tensor']))
      ? Number(options['output-tensor'])
      : options['output-tensor'],
    outputNames: options['output-names'],
    transform: options.transform,
  }
}

/** `--set extract.max-sis=3`: the value is read as YAML would read it, a path from the working directory. */
export function parseAssignments(
  assignments: readonly string[],
  parse: (text: string) => unknown,
  wrong: (assignment: string) => Error,
): Record<string, unknown> {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const at = assignment.indexOf('=')
      if (at < 1) throw wrong(assignment)
      const [key, value] = [assignment.slice(0, at), parse(assignment.slice(at + 1))]
      const schema = schemaAt(configSchema, key.split('.'))
      return [key, schema !== undefined && isInputPath(schema, value) ? absolutePath(value) : value]
    }),
  )
}

/** A path that begins with an environment variable is expanded where the config is read. */
function absolutePath(path: string): string {
  return path.startsWith('${') ? path : resolve(path)
}

function isBoolean(field: z.ZodType): boolean {
  return innerSchema(field) instanceof z.ZodBoolean
}

function flagType(schema: z.core.$ZodType): Options {
  if (schema instanceof z.ZodBoolean) return { type: 'boolean' }
  if (schema instanceof z.ZodNumber) return { type: 'number' }
  if (schema instanceof z.ZodEnum) return { type: 'string', choices: schema.options.map(String) }
  if (schema instanceof z.ZodArray) {
    const { type, choices } = flagType(schema.element)
    // As text: yargs would read a chromosome named 1 as a number, and 0,0,0,0 as none.
    return {
      type: 'array',
      string: true,
      ...(type === 'number' ? { coerce: numbersOf } : {}),
      ...(choices === undefined ? {} : { choices, coerce: piecesOf }),
    }
  }
  return { type: 'string' }
}

/** `0 0.5`, `0,0.5` and `0, 0.5` are the same list. */
function piecesOf(given: readonly unknown[]): string[] {
  return given.flatMap((text) => String(text).split(',')).filter((piece) => piece !== '')
}

/** @returns a number for each piece; what is none stays as it is, for the schema to refuse */
function numbersOf(given: readonly unknown[]): (number | string)[] {
  return piecesOf(given).map((piece) => (Number.isNaN(Number(piece)) ? piece : Number(piece)))
}

function describe(field: z.ZodType): string {
  const text = field.description ?? inner(field)?.description ?? ''
  const { def } = field._zod
  if (!('defaultValue' in def)) return text
  const value = def.defaultValue
  if (!Array.isArray(value)) return withDefault(text, String(value))
  return value.length === 0 ? text : withDefault(text, value.join(' '))
}

function inner(field: z.ZodType): z.ZodType | undefined {
  const { def } = field._zod
  return 'innerType' in def ? (def.innerType as z.ZodType) : undefined
}
