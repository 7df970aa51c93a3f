/**
 * Attributions in the formats of other tools: a track of what each base is worth (bedGraph), and the arrays that
 * modisco-lite 3.0.0 (`modisco motifs -s ohe.npz -a shap.npz`) and finemo 0.41 (`extract-regions-modisco-fmt`) read.
 */
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { zipSync } from 'fflate'
import { ConfigError } from '../../base/errors.ts'
import { count, counted, listed } from '../../base/format.ts'
import { npyBytes } from '../../io/arrays/npy.ts'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { makeDirectory } from '../../io/files/makeDirectory.ts'
import { writePieces } from '../../io/files/writePieces.ts'
import { baseCount, encodeSequence } from '../../sequence/alphabet.ts'
import { sqlText } from '../../store/sqlText.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { readRows, readTable } from '../../store/tableReader.ts'
import type { Row } from '../../store/tables.ts'
import type { RunContext } from '../record/context.ts'

export const attributionFormats = ['bedgraph', 'modisco-inputs'] as const
export type AttributionFormat = (typeof attributionFormats)[number]

interface AttributionExport {
  readonly format: AttributionFormat
  /** For modisco-inputs, a folder. */
  readonly output: Writable | string
  /** Name of a model; the only one that has the method unless given. */
  readonly model?: string | undefined
  /** The only one there is unless given. */
  readonly method?: string | undefined
}

/** Of a run's context what this needs. */
interface ExportContext {
  readonly directory: Pick<RunContext['directory'], 'path'>
  readonly reporter: Pick<RunContext['reporter'], 'warn'>
  readonly signal: AbortSignal
}

type Explained = Pick<Row<'attributions'>, 'sequence_id' | 'importance' | 'contributions'>
type Place = Pick<Row<'sequences'>, 'name' | 'chrom' | 'start' | 'end' | 'strand' | 'sequence'>

/** @throws ConfigError where it is not clear which attributions are meant, or the format cannot hold them */
export async function exportAttributions(context: ExportContext, options: AttributionExport): Promise<void> {
  const { directory, reporter, signal } = context
  const { format, output } = options
  const { modelId, method } = await chooseSource(directory.path, options)
  // Of several replicates the first.
  const where = `model_id = ${modelId} AND method = ${sqlText(method)} AND replicate = 0`
  const columns = ['sequence_id', 'importance', 'contributions'] as const
  const explained = await readRows(directory.path, 'attributions', columns, { where })
  const wanted = new Set(explained.map(({ sequence_id }) => sequence_id))
  const places = new Map<number, Place>()
  const placeColumns = ['sequence_id', 'name', 'chrom', 'start', 'end', 'strand', 'sequence'] as const
  for await (const row of readTable(directory.path, 'sequences', placeColumns)) {
    if (wanted.has(row.sequence_id)) places.set(row.sequence_id, row)
  }
  if (format === 'modisco-inputs') {
    if (typeof output !== 'string') {
      throw new ConfigError('--as modisco-inputs writes ohe.npz and shap.npz: name a folder with --out')
    }
    await writeArrays(explained, places, output)
    if (explained.every(({ contributions }) => contributions === null)) {
      reporter.warn(
        `${method} says nothing of bases that a sequence does not have: contributions of those are 0 in shap.npz`,
      )
    }
    return
  }
  const intervals = intervalsOf(explained, places)
  if (intervals.length === 0) {
    throw new ConfigError(
      '--as bedgraph needs genome coordinates, which the explained sequences do not have; BED with a genome, or FASTA whose names are chr:start-end, gives them',
    )
  }
  const without = explained.length - intervals.length
  if (without > 0) {
    reporter.warn(
      `${count(without)} of ${counted(explained.length, 'sequence')} have no genome coordinates: left out`,
    )
  }
  await writePieces(bedGraph(intervals), output, signal)
}

async function chooseSource(
  runDirectory: string,
  { model, method }: AttributionExport,
): Promise<{ readonly modelId: number; readonly method: string }> {
  const models = await readRows(runDirectory, 'models', ['model_id', 'name'])
  if (model !== undefined && models.every(({ name }) => name !== model)) {
    throw new ConfigError(`--model ${model}: the run has ${listed(models.map(({ name }) => name))}`)
  }
  const found = new Map<
    string,
    { readonly modelId: number; readonly model: string; readonly method: string }
  >()
  const hasAny = (await tableFiles(runDirectory, 'attributions')).length > 0
  const rows = hasAny ? await readRows(runDirectory, 'attributions', ['model_id', 'method']) : []
  for (const { model_id, method: of } of rows) {
    const name = models.find((one) => one.model_id === model_id)!.name
    found.set(`${model_id} ${of}`, { modelId: model_id, model: name, method: of })
  }
  const all = [...found.values()]
  const told = listed(all.map((one) => `${one.method} of ${one.model}`))
  if (all.length === 0) throw new ConfigError(`the run has no attributions; 'sis explain' makes them`)
  const chosen = all.filter(
    (one) => (model === undefined || one.model === model) && (method === undefined || one.method === method),
  )
  if (chosen.length === 1) return chosen[0]!
  throw new ConfigError(
    chosen.length === 0
      ? `there are no such attributions: the run has ${told}`
      : `which attributions? --method and --model choose one; the run has ${told}`,
  )
}

/** What the bases of a stretch of a chromosome are worth, along it. */
interface Interval {
  readonly chrom: string
  readonly start: number
  readonly values: readonly number[]
}

/** By chromosome (in the order of its bytes) and start. */
function intervalsOf(explained: readonly Explained[], places: ReadonlyMap<number, Place>): Interval[] {
  const intervals = explained.flatMap(({ sequence_id, importance }): Interval[] => {
    const { chrom, start, strand } = places.get(sequence_id)!
    if (chrom === null || start === null) return []
    return [{ chrom, start, values: strand === '-' ? importance.toReversed() : importance }]
  })
  const bytes = (text: string) => Buffer.from(text)
  return intervals.sort((a, b) => Buffer.compare(bytes(a.chrom), bytes(b.chrom)) || a.start - b.start)
}

/** A line a base. Where sequences overlap it is their mean, since a bedGraph has one value for each base. */
function* bedGraph(intervals: readonly Interval[]): Generator<string> {
  let chrom = ''
  let first = 0
  let held: { sum: number; count: number }[] = []
  const flush = (before: number): string => {
    const done = held.splice(0, Math.max(0, before - first))
    const lines = done.map(({ sum, count }, i) => {
      const value = Number((sum / count).toPrecision(7))
      return `${chrom}\t${first + i}\t${first + i + 1}\t${value}\n`
    })
    first += done.length
    return lines.join('')
  }
  for (const interval of intervals) {
    const { start, values } = interval
    yield flush(interval.chrom === chrom ? start : Infinity)
    if (interval.chrom !== chrom || held.length === 0) {
      chrom = interval.chrom
      first = start
      held = []
    }
    for (const [i, value] of values.entries()) {
      const one = (held[start - first + i] ??= { sum: 0, count: 0 })
      one.sum += value
      one.count++
    }
  }
  yield flush(Infinity)
}

/** ohe.npz and shap.npz, [n, 4, L] each, and sequences.tsv, which says whose the rows are. */
async function writeArrays(
  explained: readonly Explained[],
  places: ReadonlyMap<number, Place>,
  folder: string,
): Promise<void> {
  const length = explained[0]!.importance.length
  const size = length * baseCount
  const letters = new Float32Array(explained.length * size)
  const worth = new Float32Array(explained.length * size)
  const lines: string[] = []
  for (const [row, { sequence_id, importance, contributions }] of explained.entries()) {
    const { name, chrom, start, end, strand, sequence } = places.get(sequence_id)!
    lines.push(`${[name, chrom ?? '', start ?? '', end ?? '', strand ?? ''].join('\t')}\n`)
    for (const [at, code] of encodeSequence(sequence).entries()) {
      const cell = (base: number) => row * size + base * length + at
      if (code < baseCount) letters[cell(code)] = 1
      if (contributions !== null) {
        for (let base = 0; base < baseCount; base++) worth[cell(base)] = contributions[at * baseCount + base]!
      } else if (code < baseCount) worth[cell(code)] = importance[at]!
    }
  }
  makeDirectory(folder)
  const shape = [explained.length, baseCount, length]
  for (const [name, values] of [
    ['ohe', letters],
    ['shap', worth],
  ] as const) {
    await writeFileAtomically(
      join(folder, `${name}.npz`),
      zipSync({ 'arr_0.npy': npyBytes({ shape, values }) }),
    )
  }
  await writePieces(lines, join(folder, 'sequences.tsv'))
}
