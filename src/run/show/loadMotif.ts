/** Reads what is told of one motif: known motifs like it, where its parts lie, and its best sites. */
import type { MotifFacts } from '../../report/reportData.ts'
import type { Database } from '../../store/duckdb.ts'
import type { Place } from './place.ts'

interface ShownMatch {
  readonly targetId: string
  readonly targetName: string
  readonly pValue: number
  readonly qValue: number
  /** Of the motif's start in the known one. */
  readonly offset: number
  readonly overlap: number
  readonly orientation: string
}

export interface ShownSite extends Place {
  readonly sequence: string
  readonly model: string
  readonly split: string
  /** In the sequence, 0-based, half-open, within its ends. */
  readonly siteStart: number
  readonly siteEnd: number
  readonly siteStrand: string
  /** As the motif reads. */
  readonly letters: string
  /** Bits; null of a motif of all models together. */
  readonly siteScore: number | null
}

export interface ShownMotif {
  readonly motif: MotifFacts
  readonly matches: readonly ShownMatch[]
  /** Bases of the longest sequence. */
  readonly length: number
  /** [length]: parts whose middle lies there. */
  readonly positions: readonly number[]
  /** The highest score first. */
  readonly sites: readonly ShownSite[]
}

/** Known motifs told of. */
const matchesTold = 5

/** @param limit most sites */
export async function loadMotif(database: Database, motif: MotifFacts, limit: number): Promise<ShownMotif> {
  const { motifId } = motif
  const matches = await database.rows<ShownMatch>(
    `SELECT target_id AS "targetId", target_name AS "targetName", p_value AS "pValue", q_value AS "qValue",
       optimal_offset AS "offset", overlap, orientation
     FROM motif_matches WHERE motif_id = ${motifId} ORDER BY match_rank LIMIT ${matchesTold}`,
  )
  // Of a motif of all models together, only where its parts lie is known.
  const parts = `parts AS (
    SELECT s.name AS sequence, o.name AS model, s.split, s.chrom, s.start, s."end", s.strand, m.strand AS "siteStrand",
      s.sequence AS bases, p.sequence_id,
      greatest(0, CASE WHEN p.motif_id = ${motifId} THEN p.site_start ELSE p.first END) AS "siteStart",
      least(length(s.sequence), CASE WHEN p.motif_id = ${motifId} THEN p.site_end ELSE p.last + 1 END) AS "siteEnd",
      CASE WHEN p.motif_id = ${motifId} THEN p.site_score END AS "siteScore"
    FROM motifs k JOIN cluster_members m ON m.clustering_id = k.clustering_id AND m.cluster_id = k.cluster_id
    JOIN sis_parts p ON p.model_id = m.model_id AND p.sequence_id = m.sequence_id AND p.rank = m.rank AND p.part = m.part
    JOIN sequences s ON s.sequence_id = m.sequence_id JOIN models o ON o.model_id = m.model_id
    WHERE k.motif_id = ${motifId}
  )`
  const [longest] = await database.rows<{ length: number }>(
    'SELECT coalesce(max(length(sequence)), 0)::INTEGER AS length FROM sequences',
  )
  const middles = await database.rows<{ position: number; n: number }>(
    `WITH ${parts} SELECT (("siteStart" + "siteEnd" - 1) // 2)::INTEGER AS position, count(*)::INTEGER AS n
     FROM parts WHERE "siteEnd" > "siteStart" GROUP BY position`,
  )
  const positions = new Array<number>(longest!.length).fill(0)
  for (const { position, n } of middles) positions[position] = n
  const sites = await database.rows<ShownSite>(
    `WITH ${parts} SELECT sequence, model, split, chrom, start, "end", strand, "siteStart", "siteEnd", "siteStrand",
       CASE WHEN "siteStrand" = '-'
         THEN reverse(translate(substr(bases, "siteStart" + 1, "siteEnd" - "siteStart"), 'ACGT', 'TGCA'))
         ELSE substr(bases, "siteStart" + 1, "siteEnd" - "siteStart") END AS letters,
       "siteScore"
     FROM parts WHERE "siteEnd" > "siteStart"
     ORDER BY "siteScore" DESC NULLS LAST, sequence_id, "siteStart" LIMIT ${limit}`,
  )
  return { motif, matches, length: longest!.length, positions, sites }
}
