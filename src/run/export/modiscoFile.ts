/**
 * A model's motifs as modisco-lite 3.0.0 has its patterns (its io.py, `save_hdf5`), for its `report` and `meme`. SIS have no
 * contributions: `contrib_scores` is 1 where the SIS keeps the base and 0 elsewhere, a pattern's is the share of its seqlets
 * that keep it; `hypothetical_contribs` is the same, since SIS say nothing of bases that a sequence does not have. The file
 * says so in its attribute `sis_contributions`.
 */
import { ConfigError } from '../../base/errors.ts'
import { Hdf5Writer } from '../../io/hdf5/hdf5.ts'
import { baseCount, encodeSequence } from '../../sequence/alphabet.ts'
import { readRows } from '../../store/tableReader.ts'

const contributionsNote =
  'contrib_scores: 1 where the sufficient input subset keeps the base, else 0; patterns: the share of seqlets that keep it; hypothetical_contribs: the same'

/** A place that a motif's site has in a sequence, wholly within it. */
interface Seqlet {
  readonly sequence_id: number
  readonly start: number // 0-based
  readonly end: number // half-open
  readonly strand: string
  /** Positions of the kept bases in the sequence. */
  readonly kept: ReadonlySet<number>
}

export interface ModiscoFile {
  readonly bytes: Uint8Array
  readonly patterns: number
  readonly seqlets: number
  /** Sites that reach beyond their sequence: seqlets of a pattern are equally long, so these are left out. */
  readonly cut: number
}

/**
 * Patterns in the order of the motifs' sites, most first; `example_idx` is the sequence's id in the run.
 * @param model its name
 * @throws ConfigError where there is none
 */
export async function modiscoFile(runDirectory: string, model: string): Promise<ModiscoFile> {
  const models = await readRows(runDirectory, 'models', ['model_id', 'name'])
  const modelId = models.find(({ name }) => name === model)?.model_id
  if (modelId === undefined) throw new ConfigError(`--model ${model}: there is no such model`)
  const seqlets = new Map<number, Seqlet[]>()
  let cut = 0
  const parts = await readRows(
    runDirectory,
    'sis_parts',
    ['sequence_id', 'first', 'pattern', 'motif_id', 'strand', 'site_start', 'site_end'],
    { where: `model_id = ${modelId} AND motif_id IS NOT NULL` },
  )
  const sequences = new Map(
    (await readRows(runDirectory, 'sequences', ['sequence_id', 'sequence'])).map((row) => [
      row.sequence_id,
      row.sequence,
    ]),
  )
  for (const { sequence_id, first, pattern, motif_id, strand, site_start, site_end } of parts) {
    const [start, end] = [site_start!, site_end!]
    if (start < 0 || end > sequences.get(sequence_id)!.length) {
      cut++
      continue
    }
    const kept = new Set<number>()
    for (let i = 0; i < pattern.length; i++) if (pattern[i] !== '-') kept.add(first + i)
    const found = seqlets.get(motif_id!) ?? []
    seqlets.set(motif_id!, found)
    found.push({ sequence_id, start, end, strand: strand!, kept })
  }
  const patterns = [...seqlets.entries()]
    .sort(([a, { length: left }], [b, { length: right }]) => right - left || a - b)
    .map(([motifId, found]) => ({ motifId, found }))
  const names = new Map(
    (await readRows(runDirectory, 'motifs', ['motif_id', 'name'])).map(({ motif_id, name }) => [
      motif_id,
      name,
    ]),
  )
  const writer = await Hdf5Writer.create()
  try {
    const longest = [...sequences.values()].reduce((most, { length }) => Math.max(most, length), 0)
    writer.integer('', 'window_size', longest)
    writer.text('', 'sis_contributions', contributionsNote)
    writer.group('pos_patterns')
    for (const [i, { motifId, found }] of patterns.entries()) {
      const path = `pos_patterns/pattern_${i}`
      writer.group(path)
      writer.text(path, 'sis_motif', names.get(motifId)!)
      writePattern(writer, path, found, sequences)
    }
    return {
      bytes: writer.finish(),
      patterns: patterns.length,
      seqlets: patterns.reduce((sum, { found }) => sum + found.length, 0),
      cut,
    }
  } finally {
    writer.close()
  }
}

function writePattern(
  writer: Hdf5Writer,
  path: string,
  seqlets: readonly Seqlet[],
  sequences: ReadonlyMap<number, string>,
): void {
  const width = seqlets[0]!.end - seqlets[0]!.start
  const cells = width * baseCount
  const letters = new Float32Array(seqlets.length * cells) // [n, width, 4], as the motif reads
  const kept = new Float32Array(seqlets.length * cells)
  for (const [row, seqlet] of seqlets.entries()) {
    const codes = encodeSequence(sequences.get(seqlet.sequence_id)!.slice(seqlet.start, seqlet.end))
    for (const [at, code] of codes.entries()) {
      if (code >= baseCount) continue
      const forward = seqlet.strand === '+'
      const column = forward ? at : width - 1 - at
      const cell = row * cells + column * baseCount + (forward ? code : baseCount - 1 - code)
      letters[cell] = 1
      if (seqlet.kept.has(seqlet.start + at)) kept[cell] = 1
    }
  }
  const group = `${path}/seqlets`
  writer.group(group)
  const all = [seqlets.length, width, baseCount]
  writer.integers(`${group}/n_seqlets`, [seqlets.length])
  writer.integers(
    `${group}/start`,
    seqlets.map(({ start }) => start),
  )
  writer.integers(
    `${group}/end`,
    seqlets.map(({ end }) => end),
  )
  writer.integers(
    `${group}/example_idx`,
    seqlets.map(({ sequence_id }) => sequence_id),
  )
  writer.integers(
    `${group}/is_revcomp`,
    seqlets.map(({ strand }) => Number(strand === '-')),
  )
  writer.tensor(`${group}/sequence`, { shape: all, values: letters })
  for (const name of ['contrib_scores', 'hypothetical_contribs'])
    writer.tensor(`${group}/${name}`, { shape: all, values: kept })
  const shape = [width, baseCount]
  writer.tensor(`${path}/sequence`, { shape, values: meanOf(letters, cells) })
  for (const name of ['contrib_scores', 'hypothetical_contribs'])
    writer.tensor(`${path}/${name}`, { shape, values: meanOf(kept, cells) })
}

/** Over the first axis. */
function meanOf(values: Float32Array, cells: number): Float32Array {
  const sums = new Float64Array(cells)
  for (let i = 0; i < values.length; i++) sums[i % cells]! += values[i]!
  return Float32Array.from(sums, (sum) => sum / (values.length / cells))
}
