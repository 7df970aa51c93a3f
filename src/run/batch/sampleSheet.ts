/**
 * The sheet of a batch: a TSV with one sample a line. Its columns are `sample`, `config` (a config file), `models` (as
 * `sis train --models` takes them), any key of a source of sequences (`positives`, `bed`, `genome`, …), and any other key of
 * a config, dotted (`extract.quantile`). An empty cell says nothing.
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { ConfigError, SisError } from '../../base/errors.ts'
import { asReadError } from '../../io/files/fileErrors.ts'
import { configSchema, nameRule, sourceSchema, type ConfigFile } from '../config/configSchema.ts'
import { givenModel } from '../config/givenModel.ts'
import { readConfigFile, resolvePaths, validateConfig } from '../config/readConfig.ts'
import { isInputPath, schemaAt } from '../config/schemaParts.ts'

export interface Sample {
  readonly name: string
  /** `sheet.tsv:3`, for messages. */
  readonly place: string
  readonly config: ConfigFile
}

const sourceKeys = Object.keys(sourceSchema.shape)

/**
 * @returns the samples of the sheet, their configs read and checked, their paths absolute (in the sheet they are relative to
 * it); and every fault that was found
 * @throws ConfigError or DataError where the sheet itself cannot be read
 */
export async function readSampleSheet(path: string): Promise<{ samples: Sample[]; faults: SisError[] }> {
  const [header, ...rows] = await linesOf(path)
  if (header === undefined) throw new ConfigError(`${path}: is empty; its first line names the columns`)
  const columns = columnsOf(header.cells, `${path}:${header.line}`)
  if (rows.length === 0) throw new ConfigError(`${path}: has no samples below its line of columns`)
  const samples: Sample[] = []
  const faults: SisError[] = []
  const seen = new Map<string, string>()
  for (const { cells, line } of rows) {
    const place = `${path}:${line}`
    try {
      if (cells.length > columns.length)
        throw new ConfigError(`${place}: has ${cells.length} cells, and there are ${columns.length} columns`)
      const given = new Map(columns.map((column, i) => [column, (cells[i] ?? '').trim()]))
      const name = given.get('sample')!
      if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name))
        throw new ConfigError(`${place}: the sample's name '${name}' ${nameRule}`)
      const before = seen.get(name)
      if (before !== undefined) throw new ConfigError(`${place}: sample '${name}' is on ${before} already`)
      seen.set(name, `line ${line}`)
      samples.push({ name, place, config: await configOf(given, path, place) })
    } catch (error) {
      if (!(error instanceof SisError)) throw error
      faults.push(error)
    }
  }
  return { samples, faults }
}

interface Line {
  readonly line: number
  readonly cells: readonly string[]
}

/** Lines that are empty or comments are passed over. */
async function linesOf(path: string): Promise<Line[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw asReadError(error, path)
  }
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, i) => ({ line: i + 1, cells: line.split('\t') }))
    .filter(({ cells: [first = '', ...others] }) => {
      return !first.startsWith('#') && (first.trim() !== '' || others.some((cell) => cell.trim() !== ''))
    })
}

function columnsOf(names: readonly string[], place: string): string[] {
  const columns = names.map((name) => name.trim())
  if (!columns.includes('sample')) {
    const tabs = names.length === 1 ? '; columns are separated by tabs' : ''
    throw new ConfigError(`${place}: has no column 'sample'${tabs}`)
  }
  for (const [i, column] of columns.entries()) {
    if (column === '') throw new ConfigError(`${place}: column ${i + 1} has no name`)
    if (columns.indexOf(column) < i) throw new ConfigError(`${place}: two columns are named '${column}'`)
    const known =
      ['sample', 'config', 'models', ...sourceKeys].includes(column) ||
      schemaAt(configSchema, column.split('.')) !== undefined
    if (known) continue
    throw new ConfigError(
      `${place}: there is no column '${column}'; it may be sample, config, models, a key of a source (${sourceKeys.slice(0, 5).join(', ')}, …) or a dotted key of a config, e.g. extract.quantile`,
    )
  }
  return columns
}

async function configOf(
  given: ReadonlyMap<string, string>,
  sheet: string,
  place: string,
): Promise<ConfigFile> {
  const base = dirname(resolve(sheet))
  const overrides: Record<string, unknown> = {}
  const source: Record<string, unknown> = {}
  for (const [column, text] of given) {
    if (text === '' || column === 'sample' || column === 'config') continue
    if (column === 'models') {
      overrides['models'] = text.split(/[\s,]+/).map((model) => givenModel(model, base))
      continue
    }
    const isOfSource = sourceKeys.includes(column)
    const path = isOfSource ? ['sequences', 'sources', '0', column] : column.split('.')
    const value = valueOf(text, path, base, `${place}: ${column}`)
    if (isOfSource) source[column] = value
    else overrides[column] = value
  }
  if (Object.keys(source).length > 0) overrides['sequences.sources'] = [source]
  const nameOf = (key: string, path: readonly PropertyKey[] = key.split('.')): string => {
    const last = path.findLast((part) => typeof part === 'string' && !/^\d+$/.test(part))
    const isOfSource = key === 'sequences.sources' && sourceKeys.includes(String(last))
    return `${place}: ${isOfSource ? String(last) : key}`
  }
  const config = given.get('config') ?? ''
  if (config !== '') return readConfigFile(resolve(base, config), overrides, nameOf)
  if (Object.keys(source).length === 0) {
    throw new ConfigError(`${place}: gives neither a config nor sequences (e.g. positives)`)
  }
  const placeOf = (path: readonly PropertyKey[]): string => {
    const key = Object.keys(overrides).find((one) => `${path.join('.')}.`.startsWith(`${one}.`))
    return key === undefined ? place : nameOf(key, path)
  }
  return resolvePaths(validateConfig(nested(overrides), placeOf, overrides), base)
}

/** As YAML would read it; a path is relative to the sheet. */
function valueOf(text: string, path: readonly string[], base: string, place: string): unknown {
  const schema = schemaAt(configSchema, path)
  if (schema !== undefined && isInputPath(schema, text))
    return text.startsWith('${') ? text : resolve(base, text)
  try {
    return parse(text)
  } catch (error) {
    throw new ConfigError(`${place} is not YAML: ${(error as Error).message.split('\n')[0]!}`, {
      cause: error,
    })
  }
}

/** `{ 'extract.quantile': 0.9 }` → `{ extract: { quantile: 0.9 } }` */
function nested(overrides: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(overrides)) {
    const path = key.split('.')
    let holder = root
    for (const part of path.slice(0, -1)) holder = (holder[part] ??= {}) as Record<string, unknown>
    holder[path.at(-1)!] = value
  }
  return root
}
