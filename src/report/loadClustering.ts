/** Reads clusterings and their motifs from a run's database: each model's own, and the joint one with the models' shares. */
import { z } from 'zod'
import { ppmOf } from '../motif/motif.ts'
import { namings } from '../motif/naming.ts'
import type { Database } from '../store/duckdb.ts'
import type { Row } from '../store/tables.ts'
import { loadModelSites } from './loadModelSites.ts'
import { loadCards, loadEnrichment, loadKnown, loadPlaces } from './loadCards.ts'
import type { MotifRef } from './logicFacts.ts'
import type {
  AloneFacts,
  ClusteringFacts,
  ClusterShare,
  JointClusteringFacts,
  ModelFacts,
  MotifFacts,
} from './reportData.ts'

const namingSchema = z.enum(namings)
/** Motifs of a clustering that reach the page. */
const motifLimit = 200
/** The largest have a card, and so have further ones with at least this share of the largest one's SIS. */
const fewestCards = 8
const cardLimit = 40
const cardShare = 0.02

interface LoadedClustering extends ClusteringFacts {
  readonly clusteringId: number
  readonly motifs: readonly (MotifFacts & { readonly clusterId: number })[]
}

type MotifRow = Row<'motifs'> & {
  parts: number
  sis: number
  sequences: number
  adopted: number
  stability: number
}

/** @param modelId null for the joint clustering */
export async function loadClustering(
  database: Database,
  modelId: number | null,
  refs: ReadonlyMap<number, MotifRef>,
): Promise<LoadedClustering | undefined> {
  const [clustering] = await database.rows<Row<'clusterings'>>(
    `SELECT * FROM clusterings WHERE model_id ${modelId === null ? 'IS NULL' : `= ${modelId}`} ORDER BY clustering_id LIMIT 1`,
  )
  if (clustering === undefined) return undefined
  const motifs = await database.rows<MotifRow>(
    `WITH members AS (
       SELECT cluster_id, count(*)::INTEGER AS parts,
         count(DISTINCT (model_id, sequence_id, rank))::INTEGER AS sis,
         count(DISTINCT sequence_id)::INTEGER AS sequences,
         (count(*) FILTER (adopted))::INTEGER AS adopted
       FROM cluster_members WHERE clustering_id = ${clustering.clustering_id} GROUP BY cluster_id
     )
     SELECT m.*, k.parts, k.sis, k.sequences, k.adopted, c.stability
     FROM motifs m JOIN members k USING (cluster_id) JOIN clusters c USING (clustering_id, cluster_id)
     WHERE m.clustering_id = ${clustering.clustering_id}
     ORDER BY k.parts DESC, m.cluster_id LIMIT ${motifLimit}`,
  )
  const id = clustering.clustering_id
  const known = await loadKnown(database, id)
  const places = await loadPlaces(database, id)
  const enrichment = await loadEnrichment(database)
  const shown = motifs.filter(
    ({ sis }, i) => i < fewestCards || (i < cardLimit && sis >= cardShare * motifs[0]!.sis),
  )
  const cards =
    modelId === null
      ? new Map<number, never>()
      : await loadCards(
          database,
          modelId,
          shown.map(({ motif_id }) => motif_id),
        )
  const alone = modelId === null ? new Map<number, AloneFacts>() : await loadAlone(database, modelId)
  return {
    clusteringId: id,
    method: clustering.method,
    parts: clustering.parts,
    singleBases: clustering.single_bases,
    noise: clustering.noise,
    motifs: motifs.map((row) => ({
      ...refs.get(row.motif_id)!,
      clusterId: row.cluster_id,
      nsites: row.nsites,
      size: row.parts,
      sis: row.sis,
      sequences: row.sequences,
      adopted: row.adopted,
      stability: row.stability,
      clustersMerged: row.clusters_merged,
      palindrome: row.palindrome,
      alone: alone.get(row.motif_id),
      consensus: row.consensus,
      information: row.information,
      ppm: row.ppm,
      sitePpm: ppmOf(row.site_pfm, row.nsites),
      siteConsensus: row.site_consensus,
      siteInformation: row.site_information,
      siteOffset: row.site_offset,
      naming: namingSchema.parse(row.naming),
      match: known.get(row.motif_id)?.[0],
      known: known.get(row.motif_id) ?? [],
      places: places.get(row.motif_id),
      enrichment: enrichment.get(row.motif_id),
      card: cards.get(row.motif_id),
    })),
  }
}

/** What each motif's parts score by themselves; nothing before the stage that scores them. */
async function loadAlone(database: Database, modelId: number): Promise<ReadonlyMap<number, AloneFacts>> {
  const rows = await database.rows<AloneFacts & { motif_id: number }>(
    `SELECT motif_id, median(score_alone)::DOUBLE AS median,
       (count(*) FILTER (CASE WHEN direction = '<=' THEN score_alone <= threshold ELSE score_alone >= threshold END))::INTEGER
         AS sufficient
     FROM part_scores JOIN sis_parts USING (model_id, sequence_id, rank, part) JOIN models USING (model_id)
     WHERE model_id = ${modelId} AND motif_id IS NOT NULL GROUP BY motif_id`,
  )
  return new Map(rows.map(({ motif_id, median, sufficient }) => [motif_id, { median, sufficient }]))
}

export async function loadJointClustering(
  database: Database,
  models: readonly ModelFacts[],
  refs: ReadonlyMap<number, MotifRef>,
): Promise<JointClusteringFacts | undefined> {
  const joint = await loadClustering(database, null, refs)
  if (joint === undefined) return undefined
  const shares = await database.rows<
    Omit<ClusterShare, 'ownMotif'> & { cluster_id: number; own_motif: number | null }
  >(
    `SELECT cluster_id, model_id AS "modelId", count(*)::INTEGER AS parts,
       count(DISTINCT (sequence_id, rank))::INTEGER AS sis, mode(p.motif_id) AS own_motif
     FROM cluster_members JOIN (SELECT model_id, sequence_id, rank, part, motif_id FROM sis_parts) p
       USING (model_id, sequence_id, rank, part)
     WHERE clustering_id = ${joint.clusteringId} GROUP BY cluster_id, model_id`,
  )
  const ofModels = await loadModelSites(database, joint.clusteringId)
  const sharesOf = new Map(shares.map((row) => [`${row.cluster_id} ${row.modelId}`, row]))
  return {
    ...joint,
    motifs: joint.motifs.map((motif) => ({
      ...motif,
      shares: models.map(({ modelId }) => {
        const own = sharesOf.get(`${motif.clusterId} ${modelId}`)
        return {
          modelId,
          parts: own?.parts ?? 0,
          sis: own?.sis ?? 0,
          ownMotif: own?.own_motif ?? undefined,
        }
      }),
      ofModels: ofModels.get(motif.motifId) ?? [],
    })),
  }
}
