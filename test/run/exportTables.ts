/** Tables of small runs for the tests of exports: sequences on a genome's two strands or on none, parts in motifs and in none. */
import { join } from 'node:path'
import { Random } from '../../src/base/random.ts'
import { decodeSequence, encodeSequence, reverseComplement } from '../../src/sequence/alphabet.ts'
import type { Row, TableName } from '../../src/store/tables.ts'
import { writeTable } from '../../src/store/tableWriter.ts'
import { modelRow, sequenceRow } from '../store/fixtures.ts'

export interface ExportTables {
  readonly sequences: readonly Row<'sequences'>[]
  readonly models: readonly Row<'models'>[]
  readonly clusterings: readonly Row<'clusterings'>[]
  readonly motifs: readonly Row<'motifs'>[]
  readonly motif_matches: readonly Row<'motif_matches'>[]
  readonly sis_parts: readonly Row<'sis_parts'>[]
  readonly part_scores: readonly Row<'part_scores'>[]
}

export async function writeExportTables(
  directory: string,
  tables: ExportTables,
  without: readonly TableName[] = [],
): Promise<void> {
  for (const name of Object.keys(tables) as (keyof ExportTables)[]) {
    if (without.includes(name)) continue
    await writeTable(name, join(directory, 'tables', name, 'all.parquet'), tables[name] as readonly never[])
  }
}

export function reversed(letters: string): string {
  return decodeSequence(reverseComplement(encodeSequence(letters)))
}

export function motifRow(
  id: number,
  model: number | null,
  change: Partial<Row<'motifs'>> = {},
): Row<'motifs'> {
  return {
    motif_id: id,
    name: `motif_${id}`,
    model_id: model,
    clustering_id: model ?? 2,
    cluster_id: 0,
    nsites: 10,
    width: 3,
    consensus: 'CAG',
    information: 5,
    pfm: [
      [0, 10, 0, 0],
      [9, 0, 0, 1],
      [0, 0, 4, 0],
    ],
    ppm: [
      [0.01, 0.97, 0.01, 0.01],
      [0.84, 0.02, 0.02, 0.12],
      [0.15, 0.15, 0.55, 0.15],
    ],
    site_pfm: [
      [1, 3, 3, 3],
      [0, 10, 0, 0],
      [10, 0, 0, 0],
      [0, 0, 9, 0],
    ],
    site_offset: -1,
    site_consensus: 'NCAG',
    site_information: 6,
    palindrome: false,
    clusters_merged: 1,
    naming: 'unlike',
    ...change,
  }
}

export function matchRow(motif: number, change: Partial<Row<'motif_matches'>> = {}): Row<'motif_matches'> {
  return {
    motif_id: motif,
    target_id: 'MA0139.1',
    target_name: 'CTCF',
    match_rank: 0,
    p_value: 1e-9,
    e_value: 1e-6,
    q_value: 1e-6,
    optimal_offset: 0,
    overlap: 3,
    query_consensus: 'CAG',
    target_consensus: 'CAG',
    orientation: '+',
    ...change,
  }
}

export function clusteringRow(id: number, name: string): Row<'clusterings'> {
  return {
    clustering_id: id,
    name,
    model_id: name === 'joint' ? null : id,
    method: 'dbscan',
    parameters: '{}',
    parts: 10,
    single_bases: 0,
    noise: 0,
  }
}

type Key = readonly [model: number, sequence: number, rank: number, part: number]
type Site = readonly [motif: number, strand: '+' | '-', start: number, end: number, score: number]

export function partRow(
  [model_id, sequence_id, rank, part]: Key,
  [first, pattern]: readonly [number, string],
  site?: Site,
): Row<'sis_parts'> {
  return {
    model_id,
    sequence_id,
    rank,
    part,
    first,
    last: first + pattern.length - 1,
    size: pattern.replaceAll('-', '').length,
    pattern,
    motif_id: site?.[0] ?? null,
    strand: site?.[1] ?? null,
    site_start: site?.[2] ?? null,
    site_end: site?.[3] ?? null,
    site_score: site?.[4] ?? null,
  }
}

/** A genome of two chromosomes, windows of it on both strands, a sequence in twelve of nowhere, and sites wherever they fall. */
export function randomExport(seed: number): { genome: Map<string, string>; tables: ExportTables } {
  const random = new Random(seed, 'export')
  const letters = (length: number): string =>
    decodeSequence(new Uint8Array(length).map(() => random.below(4)))
  const genome = new Map([
    ['chr2', letters(600)],
    ['chr10', letters(400)],
  ])
  const width = 30
  const sequences = Array.from({ length: 60 }, (_, id) => {
    const chrom = random.below(2) === 0 ? 'chr2' : 'chr10'
    const bases = genome.get(chrom)!
    const start = random.below(bases.length - width)
    const end = start + width
    const strand = random.below(2) === 0 ? '+' : '-'
    const forward = bases.slice(start, end)
    const sequence = strand === '+' ? forward : reversed(forward)
    const onGenome = { name: `peak ${id}`, chrom, start, end, strand, sequence } as const
    const nowhere = { chrom: null, start: null, end: null, strand: null, sequence: letters(width) } as const
    return sequenceRow(id, random.below(12) === 0 ? { ...nowhere, name: `shuffled ${id}` } : onGenome)
  })
  const sis_parts = sequences.flatMap(({ sequence_id }) =>
    [0, 1].flatMap((model) =>
      [0, 1, 2].map((part) => {
        const start = random.below(width + 6) - 6
        const site = [
          model,
          random.below(2) === 0 ? '+' : '-',
          start,
          start + 7,
          random.below(20) - 4,
        ] as const
        return partRow(
          [model, sequence_id, 0, part],
          [random.below(width - 4), 'C-G'],
          random.below(4) > 0 ? site : undefined,
        )
      }),
    ),
  )
  return {
    genome,
    tables: {
      sequences,
      models: [modelRow(0, 'cnn'), modelRow(1, 'fc')],
      clusterings: [clusteringRow(0, 'cnn'), clusteringRow(1, 'fc')],
      motifs: [motifRow(0, 0, { name: 'cnn_1', naming: 'named' }), motifRow(1, 1, { name: 'fc_1' })],
      motif_matches: [matchRow(0)],
      sis_parts,
      part_scores: sis_parts.map(({ model_id, sequence_id, rank, part }) => ({
        model_id,
        sequence_id,
        rank,
        part,
        score_alone: Math.fround(random.below(100) / 100),
      })),
    },
  }
}
