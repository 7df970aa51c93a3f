/** Reads a config file, points errors at their line, and resolves its paths. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { closest, distance } from 'fastest-levenshtein'
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import { ConfigError } from '../base/errors.ts'
import { configSchema, importSchema, sourceKinds, type ConfigFile } from './configSchema.ts'

/** The keys of a config that name files, by dotted path; `*` is any item of a list. */
export const pathKeys: readonly string[] = [
  ...['fasta', 'target', 'positives', 'negatives', 'table', 'bed', 'bam', 'peaks', 'genome', 'simulate'].map(
    (key) => `sequences.sources.*.${key}`,
  ),
  ...['architecture', 'artifact', 'file', 'weights'].map((key) => `models.*.${key}`),
  'cluster.known-motifs',
]

/**
 * @param overrides values that win over the file's, by dotted path, e.g. `extract.max-sis`; they come from the command
 *   line, so paths in them are relative to the working directory
 * @returns the config as written, defaults filled in, every input path absolute (in the file they are relative to it)
 */
export async function readConfigFile(
  path: string,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<ConfigFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new ConfigError(
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    )
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const broken = document.errors[0]
  if (broken !== undefined) {
    throw new ConfigError(
      `${path}:${lines.linePos(broken.pos[0]).line}: not YAML: ${broken.message.split('\n')[0]}`,
    )
  }
  const value: unknown = document.toJS() ?? {}
  for (const [key, override] of Object.entries(overrides)) {
    const keys = key.split('.')
    setIn(value, keys, mapPaths(override, keys, process.cwd()))
  }
  return resolvePaths(
    validateConfig(value, (keys) => {
      const overridden = Object.keys(overrides).find((key) => keys.join('.').startsWith(key))
      if (overridden !== undefined) return `--${overridden.split('.').at(-1)!}`
      return `${path}${lineOf(document, lines, keys)}`
    }),
    dirname(resolve(path)),
  )
}

/**
 * @param place names the place of a key path in messages
 * @throws ConfigError with one line for the first thing that is wrong
 */
export function validateConfig(value: unknown, place: (path: readonly PropertyKey[]) => string): ConfigFile {
  const result = configSchema.safeParse(value)
  if (!result.success) {
    const issue = result.error.issues[0]!
    if (issue.code === 'unrecognized_keys') {
      const key = issue.keys[0]!
      throw new ConfigError(
        `${place([...issue.path, key])}: ${unknownKey(key, issue.path.map(String).join('.'), keysAt(issue.path))}`,
      )
    }
    throw new ConfigError(`${place(issue.path)}: ${issue.path.map(String).join('.')}: ${issue.message}`)
  }
  const config = result.data
  for (const [i, source] of config.sequences.sources.entries()) {
    const kinds = sourceKinds.filter((kind) => source[kind] !== undefined)
    const here = place(['sequences', 'sources', i])
    const wrong = (what: string): ConfigError => new ConfigError(`${here}: ${what}`)
    if (kinds.length !== 1)
      throw wrong(`a source needs exactly one of ${sourceKinds.join(', ')}; it has ${kinds.length}`)
    if ((source.bed ?? source.bam) !== undefined) {
      if (source.genome === undefined)
        throw wrong(`a ${kinds[0]} source needs 'genome', an indexed FASTA file`)
      if (config.sequences.length === undefined) throw wrong(`a ${kinds[0]} source needs 'length'`)
    }
    if (config.sequences['split-by'] === 'source' && source.split === undefined) {
      throw wrong("split-by: source needs 'split' in every source")
    }
  }
  const names = new Set<string>()
  for (const [i, model] of config.models.entries()) {
    const given = [model.architecture, model.layers, model.artifact, model.file].filter(
      (item) => item !== undefined,
    ).length
    const here = place(['models', i])
    if (given !== 1)
      throw new ConfigError(`${here}: a model needs exactly one of architecture, layers, artifact, file`)
    if ((model.artifact ?? model.file) !== undefined && model.strands !== undefined)
      throw new ConfigError(
        `${here}: a model trained before reads the strands it was trained on; remove 'strands'`,
      )
    if (model.file === undefined) {
      const key = importKeys.find((name) => model[name] !== undefined)
      if (key !== undefined) throw new ConfigError(`${here}: '${key}' is for a model from a file; add 'file'`)
    }
    if (names.has(model.name)) throw new ConfigError(`${here}: two models are named '${model.name}'`)
    names.add(model.name)
  }
  return config
}

const importKeys = [...Object.keys(importSchema.shape), 'check'] as (
  keyof typeof importSchema.shape | 'check'
)[]

/** A message for a key that does not exist, with the nearest one that does. */
export function unknownKey(key: string, where: string, known: readonly string[]): string {
  const nearest = known.length > 0 ? closest(key, known) : undefined
  const suggestion =
    nearest !== undefined && distance(key, nearest) <= Math.max(2, key.length / 3)
      ? `did you mean '${nearest}'?`
      : `known keys: ${known.join(', ')}`
  return `unknown key '${key}'${where === '' ? '' : ` in ${where}`}; ${suggestion}`
}

/** Strips what wraps a schema: optional, default, prefault. */
export function innerSchema(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod
  return 'innerType' in def ? innerSchema(def.innerType as z.core.$ZodType) : schema
}

function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: z.core.$ZodType = configSchema
  for (const key of path) {
    schema = innerSchema(schema)
    if (schema instanceof z.ZodArray) schema = schema.element
    else if (schema instanceof z.ZodObject)
      schema = (schema.shape as Record<string, z.core.$ZodType>)[String(key)]!
  }
  schema = innerSchema(schema)
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): string {
  for (let depth = path.length; depth > 0; depth--) {
    const parent: unknown = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true)
    // A key's line is that of its own node, an item's that of the item.
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && item.key.value === path[depth - 1])
      : undefined
    const node: unknown = pair?.key ?? document.getIn(path.slice(0, depth), true)
    const range = isNode(node) ? node.range : undefined
    if (range) return `:${lines.linePos(range[0]).line}`
  }
  return ''
}

function setIn(target: unknown, path: readonly string[], value: unknown): void {
  let holder = target as Record<string, unknown>
  for (const key of path.slice(0, -1)) {
    holder[key] ??= {}
    if (typeof holder[key] !== 'object')
      throw new ConfigError(`--set ${path.join('.')}: '${key}' holds no keys`)
    holder = holder[key] as Record<string, unknown>
  }
  holder[path.at(-1)!] = value
}

/** Makes input paths absolute, from `base`; `${NAME}` in a path is the environment variable. */
export function resolvePaths(config: ConfigFile, base: string): ConfigFile {
  return mapPaths(config, [], base) as ConfigFile
}

/** @param keys where in a config the value stands */
function mapPaths(value: unknown, keys: readonly string[], base: string): unknown {
  if (Array.isArray(value)) return value.map((item, i) => mapPaths(item, [...keys, String(i)], base))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, mapPaths(inner, [...keys, key], base)]),
    )
  }
  if (typeof value !== 'string') return value
  const at = keys.map((key) => (/^\d+$/.test(key) ? '*' : key)).join('.')
  if (!pathKeys.includes(at) || (at === 'models.*.architecture' && !isPath(value))) return value
  return resolve(base, expandVariables(value))
}

function expandVariables(path: string): string {
  return path.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = process.env[name]
    if (value === undefined) {
      throw new ConfigError(
        `path '${path}': the environment variable ${name} is not set; set it or write the path out`,
      )
    }
    // A relative value is relative to where the command was typed, as a shell would read it.
    return resolve(value)
  })
}

/** Architectures are named (`cnn`) or files of layers (`my-net.yaml`). */
export function isPath(architecture: string): boolean {
  return /\.ya?ml$/.test(architecture) || architecture.includes('/')
}
