/** Reads tables of a run from their Parquet files, streaming; and the sequences packed for computing. */
import { dirname } from 'node:path'
import { DataError } from '../base/errors.ts'
import { encodeLetters } from '../sequence/alphabet.ts'
import { splitNames, type SequenceSet, type Split } from '../sequence/sequenceSet.ts'
import { openShared, withShared } from './duckdb.ts'
import { tableOf } from './schema.ts'
import { parquetScan, sqlName, sqlText } from './sqlText.ts'
import { tableFiles } from './tableFiles.ts'
import type { Row, TableName } from './tables.ts'
import { plainValue } from './values.ts'

/** Which rows are read, and in which order. */
export interface ReadOptions {
  /** SQL condition, e.g. `model_id = 0`. */
  readonly where?: string
  /** SQL order; the table's primary key unless given. */
  readonly orderBy?: string
}

/**
 * The rows of a table, in the order of its primary key unless told otherwise, never all at once.
 * @param source the run directory, or the Parquet files themselves
 * @param columns the columns to read
 * Throws DataError where the run has no such table.
 */
export async function* readTable<T extends TableName, C extends keyof Row<T> & string>(
  source: string | readonly string[],
  table: T,
  columns: readonly C[],
  options: ReadOptions = {},
): AsyncGenerator<Pick<Row<T>, C>> {
  const files = await filesOf(source, table)
  const database = await openShared({ blame: dirname(files[0]!) })
  try {
    const result = await database.stream(selection(files, table, columns, options))
    for await (const chunk of database.chunks(result)) {
      const read = chunk.convertColumns(plainValue)
      for (let row = 0; row < chunk.rowCount; row++) {
        yield Object.fromEntries(columns.map((name, i) => [name, read[i]![row]])) as Pick<Row<T>, C>
      }
    }
  } finally {
    await database.close()
  }
}

/** @returns how many rows a Parquet file has. Throws DataError where it is none */
export async function tableRows(file: string): Promise<number> {
  return withShared({ blame: file }, async (database) => {
    const [row] = await database.rows<{ rows: number }>(
      `SELECT count(*)::INTEGER AS rows FROM ${parquetScan([file])}`,
    )
    return row!.rows
  })
}

/** All rows of a table that is small enough to hold. */
export async function readRows<T extends TableName, C extends keyof Row<T> & string>(
  source: string | readonly string[],
  table: T,
  columns: readonly C[],
  options: ReadOptions = {},
): Promise<Pick<Row<T>, C>[]> {
  const rows: Pick<Row<T>, C>[] = []
  for await (const row of readTable(source, table, columns, options)) rows.push(row)
  return rows
}

export interface SequenceOptions {
  /** Only the sequences of this split. */
  readonly split?: Split | undefined
  /** Names of the labels, as run.json has them; otherwise label, or label_1, label_2, … */
  readonly labelNames?: readonly string[] | undefined
}

/** Whether some sequences of a run were read from the reverse strand, so that the strand of each means something. */
export async function hasReverseStrand(runDirectory: string): Promise<boolean> {
  const files = await filesOf(runDirectory, 'sequences')
  return withShared({ blame: dirname(files[0]!) }, async (database) => {
    const [found] = await database.rows<{ reverse: boolean }>(
      `SELECT count(*) > 0 AS reverse FROM ${parquetScan(files)} WHERE strand = '-'`,
    )
    return found!.reverse
  })
}

/** Sequences as they stream: n rows of one length L. */
export interface SequenceBatch {
  readonly ids: Int32Array // [n]
  readonly codes: Uint8Array // [n, L]
  readonly length: number
}

/** The sequences of a run packed for computing; DataError where their lengths differ. */
export async function readSequenceSet(
  runDirectory: string,
  options: SequenceOptions = {},
): Promise<SequenceSet> {
  const files = await filesOf(runDirectory, 'sequences')
  return withShared({ blame: dirname(files[0]!) }, async (database) => {
    const where = splitCondition(options.split)
    const [shape] = await database.rows<{ count: number; length: number | null; targets: number | null }>(
      `SELECT count(*) AS count, arg_min(length(sequence), sequence_id) AS length, max(len(labels)) AS targets
       FROM ${parquetScan(files)} WHERE ${where}`,
    )
    const count = shape!.count
    const length = shape!.length ?? 0
    const targets = shape!.targets ?? options.labelNames?.length ?? 1
    const labelNames =
      options.labelNames ??
      (targets === 1 ? ['label'] : Array.from({ length: targets }, (_, i) => `label_${i + 1}`))
    const set = {
      count,
      length,
      ids: new Int32Array(count),
      codes: new Uint8Array(count * length),
      labels: new Float32Array(count * targets).fill(NaN),
      labelNames,
      splits: new Uint8Array(count),
    }
    const columns = ['sequence_id', 'name', 'sequence', 'label', 'labels', 'split'] as const
    const result = await database.stream(selection(files, 'sequences', columns, { where }))
    let row = 0
    for await (const chunk of database.chunks(result)) {
      const [ids, names, letters, label, labels, splits] = chunk.convertColumns(plainValue) as [
        number[],
        string[],
        string[],
        (number | null)[],
        (number[] | null)[],
        Split[],
      ]
      for (let i = 0; i < ids.length; i++, row++) {
        set.ids[row] = ids[i]!
        encodeRow(letters[i]!, names[i]!, set.codes, row, length)
        set.splits[row] = splitNames.indexOf(splits[i]!)
        const values = labels[i] ?? (label[i] === null ? [] : [label[i]!])
        for (let t = 0; t < values.length; t++) set.labels[row * targets + t] = values[t]!
      }
    }
    return set
  })
}

/** The sequences of a run in order of id, `batchRows` at a time (the last batch may be shorter). */
export async function* streamSequenceBatches(
  runDirectory: string,
  batchRows: number,
  options: Pick<SequenceOptions, 'split'> = {},
): AsyncGenerator<SequenceBatch> {
  const files = await filesOf(runDirectory, 'sequences')
  const database = await openShared({ blame: dirname(files[0]!) })
  try {
    const columns = ['sequence_id', 'name', 'sequence'] as const
    const where = splitCondition(options.split)
    const result = await database.stream(selection(files, 'sequences', columns, { where }))
    let length = 0
    let ids = new Int32Array(0)
    let codes = new Uint8Array(0)
    let filled = 0
    for await (const chunk of database.chunks(result)) {
      const [chunkIds, names, letters] = chunk.getColumns() as [number[], string[], string[]]
      for (let i = 0; i < chunkIds.length; i++) {
        if (filled === 0) {
          length ||= letters[i]!.length
          ids = new Int32Array(batchRows)
          codes = new Uint8Array(batchRows * length)
        }
        ids[filled] = chunkIds[i]!
        encodeRow(letters[i]!, names[i]!, codes, filled, length)
        filled++
        if (filled === batchRows) {
          yield { ids, codes, length }
          filled = 0
        }
      }
    }
    if (filled > 0) yield { ids: ids.slice(0, filled), codes: codes.slice(0, filled * length), length }
  } finally {
    await database.close()
  }
}

function encodeRow(letters: string, name: string, codes: Uint8Array, row: number, length: number): void {
  if (letters.length !== length) {
    throw new DataError(`has ${letters.length} bases where others have ${length}; all must have one length`, {
      sequence: name,
    })
  }
  const bad = encodeLetters(letters, codes, row * length)
  if (bad >= 0) throw new DataError(`'${letters[bad]}' is not an IUPAC letter`, { sequence: name })
}

function splitCondition(split: Split | undefined): string {
  return split === undefined ? 'true' : `split = ${sqlText(split)}`
}

async function filesOf(source: string | readonly string[], table: TableName): Promise<readonly string[]> {
  if (typeof source !== 'string') return source
  const files = await tableFiles(source, table)
  if (files.length === 0) {
    throw new DataError(`the run has no table '${table}' yet; run the stage that makes it first`, {
      file: source,
    })
  }
  return files
}

function selection(
  files: readonly string[],
  table: TableName,
  columns: readonly string[],
  options: ReadOptions,
): string {
  const key = tableOf(table).primaryKey.map(sqlName).join(', ')
  // One file is sorted by its key already (see tableWriter.ts): sorting a million sequences again costs memory.
  const order = options.orderBy ?? (files.length === 1 ? undefined : key)
  return `SELECT ${columns.map(sqlName).join(', ')} FROM ${parquetScan(files)}
    ${options.where === undefined ? '' : `WHERE ${options.where}`} ${order === undefined ? '' : `ORDER BY ${order}`}`
}
