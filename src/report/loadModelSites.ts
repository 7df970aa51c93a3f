/** Reads what each model has of the largest joint motifs, base by base, in the joint motif's columns. */
import { ppmOf } from '../motif/motif.ts'
import { baseCount, baseLetters } from '../sequence/alphabet.ts'
import type { Database } from '../store/duckdb.ts'
import type { ModelSites } from './reportData.ts'

/** Joint motifs whose models are laid side by side. */
const shown = 8

/** @returns by motif_id; models in the order of their ids */
export async function loadModelSites(
  database: Database,
  clusteringId: number,
): Promise<ReadonlyMap<number, readonly ModelSites[]>> {
  const rows = await database.rows<{
    motif_id: number
    model_id: number
    columns: number
    parts: number
    column: number
    letter: string
    sites: number
    kept: number
  }>(
    `WITH members AS (
       SELECT m.motif_id, k.model_id, k.strand, k.motif_offset, p.first, p.last, k.sequence_id, k.rank,
         m.site_offset, len(m.site_pfm) AS columns
       FROM cluster_members k
       JOIN (SELECT motif_id, cluster_id, site_offset, site_pfm FROM motifs
             WHERE clustering_id = ${clusteringId} AND cluster_id < ${shown}) m USING (cluster_id)
       JOIN sis_parts p USING (model_id, sequence_id, rank, part)
       WHERE k.clustering_id = ${clusteringId}
     ), cells AS (
       SELECT motif_id, model_id, strand AS turn, columns, first, last, sequence_id, rank, unnest(range(columns)) AS "column",
         CASE WHEN strand = '+' THEN first - motif_offset + site_offset + "column"
              ELSE last + motif_offset - site_offset - "column" END AS place
       FROM members
     )
     SELECT motif_id, model_id, columns::INTEGER AS columns, n::INTEGER AS parts, "column"::INTEGER AS "column",
       CASE WHEN turn = '-' THEN translate(substr(sequence, place + 1, 1), 'ACGT', 'TGCA')
            ELSE substr(sequence, place + 1, 1) END AS letter,
       count(*)::INTEGER AS sites,
       (count(*) FILTER (place BETWEEN first AND last AND list_contains(positions, place)))::INTEGER AS kept
     FROM cells JOIN sequences q USING (sequence_id) JOIN sis s USING (model_id, sequence_id, rank)
     JOIN (SELECT motif_id, model_id, count(*) AS n FROM members GROUP BY ALL) USING (motif_id, model_id)
     WHERE place BETWEEN 0 AND length(sequence) - 1
     GROUP BY ALL ORDER BY motif_id, model_id`,
  )
  const counts = new Map<
    string,
    { motif: number; model: number; parts: number; sites: number[][]; kept: number[][] }
  >()
  for (const { motif_id, model_id, columns, parts, column, letter, sites, kept } of rows) {
    const key = `${motif_id} ${model_id}`
    const empty = (): number[][] =>
      Array.from({ length: columns }, () => new Array<number>(baseCount).fill(0))
    const own = counts.get(key) ?? { motif: motif_id, model: model_id, parts, sites: empty(), kept: empty() }
    counts.set(key, own)
    const base = baseLetters.indexOf(letter)
    if (base < 0) continue
    own.sites[column]![base]! += sites
    own.kept[column]![base]! += kept
  }
  const found = new Map<number, ModelSites[]>()
  for (const { motif, model, parts, sites, kept } of counts.values()) {
    const list = found.get(motif) ?? []
    list.push({ modelId: model, parts, sitePpm: ppmOf(sites, parts), keptPpm: ppmOf(kept, parts) })
    found.set(motif, list)
  }
  return found
}
