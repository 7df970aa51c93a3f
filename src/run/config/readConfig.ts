/** Reads a config file, points errors at their line, and resolves its paths. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { closest, distance } from 'fastest-levenshtein'
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import { ConfigError } from '../../base/errors.ts'
import { configSchema, importSchema, sourceKinds, type ConfigFile } from './configSchema.ts'
import { checkComparedRuns, withoutSequences } from './comparedRuns.ts'
import { notYaml } from './readYaml.ts'
import { checkFills } from './fills.ts'
import { checkDependents, strayKey, withoutRivals } from './rivals.ts'
import { schemaMessage } from './schemaMessages.ts'
import { innerSchema, mapInputPaths, schemaAt } from './schemaParts.ts'

/**
 * @param overrides values that win over the file's, by dotted path, e.g. `extract.max-sis`; undefined takes the file's away.
 * What they contradict in the file goes with it (rivals.ts), contradictions among themselves are errors
 * @param nameOf what the user typed for an override, or for what lies at a path in it
 * @returns the config as written, defaults filled in, every input path absolute (they are relative to the file)
 */
export async function readConfigFile(
  path: string,
  overrides: Readonly<Record<string, unknown>> = {},
  nameOf: (key: string, path?: readonly PropertyKey[]) => string = (key, path = key.split('.')) =>
    flagName(path),
): Promise<ConfigFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw unreadable(path, error)
  }
  const lines = new LineCounter()
  const [document, value] = parseYaml(text, path, lines)
  const changes = withoutRivals(overrides, nameOf)
  for (const [key, override] of Object.entries(changes)) setIn(value, key.split('.'), override, nameOf(key))
  return resolvePaths(
    validateConfig(
      value,
      (keys) => {
        const dotted = `${keys.join('.')}.`
        const overridden = Object.keys(overrides).find((key) => dotted.startsWith(`${key}.`))
        if (overridden !== undefined) return nameOf(overridden, keys)
        return `${path}${lineOf(document, lines, keys)}`
      },
      overrides,
    ),
    dirname(resolve(path)),
  )
}

function unreadable(path: string, error: unknown): ConfigError {
  const { code } = error as NodeJS.ErrnoException
  const why =
    code === 'ENOENT' || code === 'ENOTDIR'
      ? 'no such file; check the path'
      : code === 'EISDIR'
        ? 'is a directory; give a config file (YAML)'
        : `cannot be read (${code ?? String(error)})`
  return new ConfigError(`${path}: ${why}`, { cause: error })
}

/** @returns the flag of the key at a path: `--max-sis` for extract, max-sis; numbers of items are passed over */
export function flagName(path: readonly PropertyKey[]): string {
  return `--${String(path.findLast((part) => typeof part === 'string' && !/^\d+$/.test(part)))}`
}

function parseYaml(text: string, path: string, lines: LineCounter): [Document, unknown] {
  let document: Document
  let value: unknown
  try {
    document = parseDocument(text, { lineCounter: lines, logLevel: 'error' })
    const broken = document.errors[0]
    if (broken !== undefined) throw broken
    value = document.toJS() ?? {}
  } catch (error) {
    throw notYaml(error, path)
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ConfigError(`${path}: holds no keys; write it as key: value, e.g. seed: 1`)
  }
  return [document, value]
}

/**
 * @param place names the place of a key path in messages
 * @param overrides what of the value was not in the file, by dotted path
 * @throws ConfigError with one line for the first thing that is wrong
 */
export function validateConfig(
  value: unknown,
  place: (path: readonly PropertyKey[]) => string,
  overrides: Readonly<Record<string, unknown>> = {},
): ConfigFile {
  const result = configSchema.safeParse(withoutSequences(value), { error: schemaMessage })
  if (!result.success) {
    const issue = result.error.issues[0]!
    if (issue.code === 'unrecognized_keys') {
      const key = issue.keys[0]!
      throw new ConfigError(
        `${place([...issue.path, key])}: ${unknownKey(key, issue.path.map(String).join('.'), keysAt(issue.path))}`,
      )
    }
    const where = place(issue.path)
    const key = where.startsWith('--') ? '' : `: ${issue.path.map(String).join('.')}`
    throw new ConfigError(`${where}${key} ${issue.message}`)
  }
  const config = result.data
  checkDependents(config, overrides, place)
  checkFills(config, place)
  checkComparedRuns(config, place)
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
    const stray = strayKey(source, kinds[0]!)
    if (stray !== undefined) {
      throw new ConfigError(`${place(['sequences', 'sources', i, stray.key])}: ${stray.problem}`)
    }
    if (source['genomic-negatives'] > 0 && source.label === 0) {
      throw new ConfigError(
        `${place(['sequences', 'sources', i, 'genomic-negatives'])}: genomic-negatives are drawn for positives, but label 0 makes negatives of the BED's windows; remove one of the two`,
      )
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
    if (given !== 1 && config.runs === undefined)
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
function unknownKey(key: string, where: string, known: readonly string[]): string {
  const nearest = known.length > 0 ? closest(key, known) : undefined
  const suggestion =
    nearest !== undefined && distance(key, nearest) <= Math.max(2, key.length / 3)
      ? `did you mean '${nearest}'?`
      : `known keys: ${known.join(', ')}`
  return `unknown key '${key}'${where === '' ? '' : ` in ${where}`}; ${suggestion}`
}

function keysAt(path: readonly PropertyKey[]): string[] {
  const schema = schemaAt(configSchema, path)
  const inner = schema && innerSchema(schema)
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : []
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

function setIn(target: unknown, path: readonly string[], value: unknown, name: string): void {
  let holder = target as Record<string, unknown>
  for (const key of path.slice(0, -1)) {
    holder[key] ??= {}
    if (typeof holder[key] !== 'object') throw new ConfigError(`${name}: '${key}' holds no keys`)
    holder = holder[key] as Record<string, unknown>
  }
  const last = path.at(-1)!
  // Of a key that is taken away the schema's default is left.
  if (value === undefined) Reflect.deleteProperty(holder, last)
  else holder[last] = value
}

/** Makes input paths absolute, from `base`; `${NAME}` in a path is the environment variable. */
export function resolvePaths(config: ConfigFile, base: string): ConfigFile {
  const path = (text: string): string => {
    const expanded = text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const value = process.env[name]
      if (value === undefined) {
        throw new ConfigError(
          `path '${text}': the environment variable ${name} is not set; set it or write the path out`,
        )
      }
      // A relative value is relative to where the command was typed, as a shell would read it.
      return resolve(value)
    })
    return resolve(base, expanded)
  }
  return mapInputPaths(configSchema, config, path) as ConfigFile
}
