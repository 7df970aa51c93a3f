/** Reads what motif table and cards say of each motif from a run's database, aggregated by SQL. */
import { reverseComplementMatrix } from '../motif/motif.ts'
import type { Database } from '../store/duckdb.ts'
import type { Row } from '../store/tables.ts'
import type { CardFacts, EnrichmentFacts, InstanceFacts, KnownMatch, MarginFacts } from './cardFacts.ts'
import type { PlaceFacts } from './reportData.ts'

/** Known motifs shown for each motif. */
const knownShown = 3
const placeBins = 25
const marginBins = 24
/** Of the instances of a motif, ordered by the bits of their sites: those that a card shows. */
const quantiles = [1, 0.9, 0.75, 0.5, 0.25, 0.1, 0]

export async function loadKnown(
  database: Database,
  clusteringId: number,
): Promise<ReadonlyMap<number, readonly KnownMatch[]>> {
  const rows = await database.rows<Row<'motif_matches'> & Pick<Row<'known_motifs'>, 'ppm'>>(
    `SELECT x.*, k.ppm FROM motif_matches x JOIN known_motifs k USING (target_id) JOIN motifs m USING (motif_id)
     WHERE m.clustering_id = ${clusteringId} AND match_rank < ${knownShown} ORDER BY motif_id, match_rank`,
  )
  return grouped(rows, (row) => {
    const orientation = row.orientation === '-' ? '-' : '+'
    return {
      targetId: row.target_id,
      targetName: row.target_name,
      pValue: row.p_value,
      eValue: row.e_value,
      qValue: row.q_value,
      orientation,
      offset: row.optimal_offset,
      overlap: row.overlap,
      ppm: orientation === '-' ? reverseComplementMatrix(row.ppm) : row.ppm,
    }
  })
}

/** Where the middle of each motif's site columns lies in the sequences. */
export async function loadPlaces(
  database: Database,
  clusteringId: number,
): Promise<ReadonlyMap<number, PlaceFacts>> {
  const [longest] = await database.rows<{ length: number }>(
    'SELECT coalesce(max(length(sequence)), 0)::INTEGER AS length FROM sequences',
  )
  const { length } = longest!
  const binWidth = Math.max(1, Math.ceil(length / placeBins))
  const bins = Math.max(1, Math.ceil(length / binWidth))
  const rows = await database.rows<{ motif_id: number; bin: number; n: number; distance: number }>(
    `WITH middles AS (
       SELECT motif_id, cluster_id, site_offset + (len(site_pfm) - 1) / 2 AS middle
       FROM motifs WHERE clustering_id = ${clusteringId}
     ), placed AS (
       SELECT motif_id, CASE WHEN k.strand = '+' THEN p.first - k.motif_offset + middle
                             ELSE p.last + k.motif_offset - middle END AS place
       FROM (SELECT * FROM cluster_members WHERE clustering_id = ${clusteringId}) k JOIN middles USING (cluster_id)
       JOIN (SELECT model_id, sequence_id, rank, part, first, last FROM sis_parts) p USING (model_id, sequence_id, rank, part)
     ), distances AS (
       SELECT motif_id, median(abs(place + 0.5 - ${length / 2}))::DOUBLE AS distance FROM placed GROUP BY motif_id
     )
     SELECT motif_id, greatest(0, least(${bins - 1}, floor(place / ${binWidth})))::INTEGER AS bin, count(*)::INTEGER AS n,
       distance
     FROM placed JOIN distances USING (motif_id) GROUP BY ALL`,
  )
  const places = new Map<number, PlaceFacts & { counts: number[] }>()
  for (const { motif_id, bin, n, distance } of rows) {
    const own = places.get(motif_id) ?? {
      binWidth,
      length,
      centreDistance: distance,
      counts: new Array<number>(bins).fill(0),
    }
    own.counts[bin] = n
    places.set(motif_id, own)
  }
  return places
}

export async function loadEnrichment(database: Database): Promise<ReadonlyMap<number, EnrichmentFacts>> {
  const rows = await database.rows<Row<'motif_enrichment'>>('SELECT * FROM motif_enrichment')
  return new Map(
    rows.map((row) => [
      row.motif_id,
      {
        splits: row.splits,
        siteP: row.site_p,
        positives: row.positives,
        positivesWith: row.positives_with,
        negatives: row.negatives,
        negativesWith: row.negatives_with,
        oddsRatio: row.odds_ratio,
        pValue: row.p_value,
      },
    ]),
  )
}

/** @param motifIds of the model's own clustering */
export async function loadCards(
  database: Database,
  modelId: number,
  motifIds: readonly number[],
): Promise<ReadonlyMap<number, CardFacts>> {
  if (motifIds.length === 0) return new Map()
  const among = `motif_id IN (${motifIds.join(', ')})`
  const margins = await loadMargins(database, modelId, among)
  const instances = await loadInstances(database, modelId, among)
  return new Map(motifIds.map((id) => [id, { margins: margins.get(id), instances: instances.get(id) ?? [] }]))
}

async function loadMargins(
  database: Database,
  modelId: number,
  among: string,
): Promise<ReadonlyMap<number, MarginFacts>> {
  const rows = await database.rows<{
    motif_id: number
    alone: boolean
    bin: number
    n: number
    low: number
    high: number
  }>(
    `WITH own AS (
       SELECT p.motif_id, s.sequence_id, s.rank, part,
         CASE WHEN direction = '<=' THEN -1 ELSE 1 END * (score_sis - threshold) AS margin,
         CASE WHEN direction = '<=' THEN -1 ELSE 1 END * (score_alone - threshold) AS margin_alone
       FROM sis_parts p JOIN sis s USING (model_id, sequence_id, rank) JOIN models USING (model_id)
       LEFT JOIN part_scores USING (model_id, sequence_id, rank, part)
       WHERE model_id = ${modelId} AND p.${among}
     ), both_kinds AS (
       -- An SIS with two parts of the motif is one SIS.
       SELECT motif_id, false AS alone, any_value(margin) AS margin FROM own GROUP BY motif_id, sequence_id, rank
       UNION ALL SELECT motif_id, true, margin_alone FROM own WHERE margin_alone IS NOT NULL
     ), ranges AS (
       -- One scale for all motifs of the model, so that cards compare.
       SELECT min(margin)::DOUBLE AS low, greatest(max(margin), min(margin) + 1e-6)::DOUBLE AS high FROM both_kinds
     )
     SELECT motif_id, alone, low, high,
       least(${marginBins - 1}, floor((margin - low) / (high - low) * ${marginBins}))::INTEGER AS bin, count(*)::INTEGER AS n
     FROM both_kinds, ranges GROUP BY ALL`,
  )
  const margins = new Map<number, { low: number; high: number; sis: number[]; parts: number[] }>()
  for (const { motif_id, alone, bin, n, low, high } of rows) {
    const empty = (): number[] => new Array<number>(marginBins).fill(0)
    const own = margins.get(motif_id) ?? { low, high, sis: empty(), parts: empty() }
    ;(alone ? own.parts : own.sis)[bin] = n
    margins.set(motif_id, own)
  }
  return new Map(
    [...margins].map(([id, own]) => [id, own.parts.some((n) => n > 0) ? own : { ...own, parts: [] }]),
  )
}

interface InstanceRow {
  readonly motif_id: number
  readonly place: number
  readonly n: number
  readonly site_score: number
  readonly sequence_id: number
  readonly name: string
  readonly split: string
  readonly label: number | null
  readonly sequence: string
  readonly chrom: string | null
  readonly seq_start: number | null
  readonly seq_end: number | null
  readonly seq_strand: string | null
  readonly site_start: number
  readonly site_end: number
  readonly strand: string
  readonly rank: number
  readonly positions: readonly number[]
  readonly score_sis: number
}

async function loadInstances(
  database: Database,
  modelId: number,
  among: string,
): Promise<ReadonlyMap<number, readonly InstanceFacts[]>> {
  const wanted = quantiles.map((quantile) => `round((1 - ${quantile}) * (n - 1))`).join(', ')
  const rows = await database.rows<InstanceRow>(
    `WITH ranked AS (
       SELECT motif_id, sequence_id, rank, site_start, site_end, strand, site_score,
         row_number() OVER (PARTITION BY motif_id ORDER BY site_score DESC, sequence_id, rank, part) - 1 AS place,
         count(*) OVER (PARTITION BY motif_id) AS n
       FROM sis_parts WHERE model_id = ${modelId} AND ${among}
     )
     SELECT motif_id, place::INTEGER AS place, n::INTEGER AS n, site_score, sequence_id, q.name, split, label, sequence, chrom,
       q.start AS seq_start, q."end" AS seq_end, q.strand AS seq_strand, site_start, site_end, r.strand AS strand, rank,
       positions, score_sis
     FROM ranked r JOIN sequences q USING (sequence_id)
     JOIN (SELECT * FROM sis WHERE model_id = ${modelId}) USING (sequence_id, rank)
     WHERE place IN (${wanted}) ORDER BY motif_id, place`,
  )
  return grouped(rows, instanceOf)
}

function instanceOf(row: InstanceRow): InstanceFacts {
  const start = Math.min(row.sequence.length, Math.max(0, row.site_start))
  const end = Math.max(start, Math.min(row.sequence.length, row.site_end))
  const strand = row.strand === '-' ? '-' : '+'
  const positions = Array.from({ length: end - start }, (_, i) => (strand === '+' ? start + i : end - 1 - i))
  const kept = new Set(row.positions)
  return {
    quantile: row.n < 2 ? 1 : 1 - row.place / (row.n - 1),
    bits: row.site_score,
    sequenceId: row.sequence_id,
    name: row.name,
    split: row.split,
    label: row.label,
    start,
    end,
    strand,
    genome: genomePlace(row, start, end, strand),
    letters: positions.map((position) => readOn(strand, row.sequence[position]!)).join(''),
    kept: positions.map((position) => kept.has(position)),
    rank: row.rank,
    scoreSis: row.score_sis,
  }
}

function genomePlace(
  { chrom, seq_start, seq_end, seq_strand }: InstanceRow,
  start: number,
  end: number,
  strand: '+' | '-',
): InstanceFacts['genome'] {
  if (chrom === null || seq_start === null || seq_end === null) return undefined
  if (seq_strand !== '-') return { chrom, start: seq_start + start, end: seq_start + end, strand }
  return { chrom, start: seq_end - end, end: seq_end - start, strand: strand === '+' ? '-' : '+' }
}

const complements: Readonly<Record<string, string>> = { A: 'T', C: 'G', G: 'C', T: 'A' }

function readOn(strand: '+' | '-', letter: string): string {
  return strand === '+' ? letter : (complements[letter] ?? letter)
}

function grouped<R extends { readonly motif_id: number }, T>(
  rows: readonly R[],
  make: (row: R) => T,
): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const row of rows) {
    const own = groups.get(row.motif_id) ?? []
    own.push(make(row))
    groups.set(row.motif_id, own)
  }
  return groups
}
