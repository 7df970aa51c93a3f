/** Reads the logic of a model from a run's database: the sets, alternatives and pairs that the page shows. */
import { z } from 'zod'
import { motifLabels } from '../motif/motifLabels.ts'
import { leastSiteInformation } from '../motif/naming.ts'
import type { Database } from '../store/duckdb.ts'
import type { Row } from '../store/tables.ts'
import type { LogicFacts, MotifRef, PairFacts, PositionClusterFacts, Quartiles } from './logicFacts.ts'

/** Rows of the tables, and pairs drawn, of each model. */
const setLimit = 10
const alternativeLimit = 10
const pairLimit = 6
const positionClusterLimit = 8

const viewSchema = z.enum(['parts', 'positions'])
const spacingSchema = z.enum(['fixed', 'preferred', 'periodic', 'close', 'free'])

/** @returns what each motif of the run is called, by its id */
export async function loadMotifRefs(database: Database): Promise<ReadonlyMap<number, MotifRef>> {
  const motifs = await database.rows<Row<'motifs'>>(
    'SELECT motif_id, model_id, cluster_id, name, naming, consensus FROM motifs ORDER BY motif_id',
  )
  const labels = motifLabels(
    motifs,
    await database.rows<Row<'motif_matches'>>(
      'SELECT motif_id, target_id, target_name FROM motif_matches WHERE match_rank = 0',
    ),
  )
  return new Map(
    motifs.map(({ motif_id, cluster_id, name }) => [
      motif_id,
      { motifId: motif_id, name, label: labels.get(motif_id)!, order: cluster_id },
    ]),
  )
}

/** @returns undefined where the stage that makes it has not run */
export async function loadLogic(
  database: Database,
  modelId: number,
  refs: ReadonlyMap<number, MotifRef>,
): Promise<LogicFacts | undefined> {
  const of = `model_id = ${modelId}`
  const [logic] = await database.rows<Row<'model_logic'>>(`SELECT * FROM model_logic WHERE ${of}`)
  if (logic === undefined) return undefined
  const view = viewSchema.parse(logic.view)
  const refsOf = (ids: readonly number[]): MotifRef[] => ids.map((id) => refs.get(id)!)
  const sets = await database.rows<Row<'motif_sets'>>(
    `SELECT * FROM motif_sets WHERE ${of} ORDER BY sis DESC, set_id`,
  )
  const motifsOf = new Map(sets.map(({ set_id, motifs }) => [set_id, refsOf(motifs)]))
  const alternatives = await database.rows<Row<'motif_alternatives'>>(
    `SELECT * FROM motif_alternatives WHERE ${of} ORDER BY alternative_id`,
  )
  const [counts] = await database.rows<{ sequences: number; saying: number; pairs: number }>(
    `SELECT
       (SELECT count(DISTINCT sequence_id)::INTEGER FROM sis WHERE ${of} AND NOT vacuous) AS sequences,
       (SELECT count(DISTINCT (sequence_id, rank))::INTEGER FROM sis_parts p JOIN motifs m USING (motif_id)
        WHERE p.${of} AND m.site_information >= ${leastSiteInformation}) AS saying,
       (SELECT count(*)::INTEGER FROM motif_pairs WHERE ${of}) AS pairs`,
  )
  return {
    view,
    summary: logic.summary,
    partGap: logic.part_gap,
    partGapWithin: logic.part_gap_within,
    sis: logic.sis,
    sequences: counts!.sequences,
    sisInMotifs: logic.sis_in_motifs,
    sisInSayingMotifs: counts!.saying,
    singleBases: logic.single_bases,
    partsInNoMotif: logic.parts_in_no_motif,
    halfPositions: logic.half_positions,
    sets: sets.slice(0, setLimit).map(({ motifs, sis, sequences, complete }) => ({
      motifs: refsOf(motifs),
      sis,
      sequences,
      complete,
    })),
    setCount: sets.length,
    alternatives: alternatives.slice(0, alternativeLimit).map(({ sets: ids, sequences }) => ({
      sets: ids.map((id) => motifsOf.get(id)!),
      sequences,
    })),
    alternativeCount: alternatives.length,
    severalSis: alternatives.reduce((sum, { sequences }) => sum + sequences, 0),
    pairs: view === 'parts' ? await loadPairs(database, modelId, refs) : [],
    pairCount: counts!.pairs,
    positionClusters: view === 'positions' ? await loadPositions(database, modelId) : [],
  }
}

type ScoreRow = { readonly pair_id: number } & Readonly<Record<'a' | 'b' | 'both', readonly number[]>>

async function loadPairs(
  database: Database,
  modelId: number,
  refs: ReadonlyMap<number, MotifRef>,
): Promise<PairFacts[]> {
  const pairs = await database.rows<Row<'motif_pairs'> & { a_reads: boolean; b_reads: boolean }>(
    `SELECT p.*, a.palindrome AS a_reads, b.palindrome AS b_reads
     FROM motif_pairs p JOIN motifs a ON a.motif_id = motif_a JOIN motifs b ON b.motif_id = motif_b
     WHERE p.model_id = ${modelId} ORDER BY pairs DESC, pair_id LIMIT ${pairLimit}`,
  )
  if (pairs.length === 0) return []
  const among = `pair_id IN (${pairs.map(({ pair_id }) => pair_id).join(', ')})`
  const arrangements = await database.rows<{ pair_id: number; arrangement: string; pairs: number }>(
    `SELECT pair_id, arrangement, count(*)::INTEGER AS pairs FROM part_pairs WHERE ${among}
     GROUP BY ALL ORDER BY pair_id, pairs DESC, arrangement`,
  )
  const distances = await database.rows<Row<'pair_distances'>>(
    `SELECT * FROM pair_distances WHERE ${among} ORDER BY pair_id, gap`,
  )
  const quartiles = (column: string): string =>
    `quantile_cont(${column}::DOUBLE, [0.0, 0.25, 0.5, 0.75, 1.0])`
  const partOf = (alias: string, part: string): string =>
    `JOIN part_scores ${alias} ON ${['model_id', 'sequence_id', 'rank']
      .map((column) => `${alias}.${column} = x.${column}`)
      .join(' AND ')} AND ${alias}.part = x.${part}`
  const scores = await database.rows<ScoreRow>(
    `SELECT pair_id, ${quartiles('a.score_alone')} AS a, ${quartiles('b.score_alone')} AS b,
       ${quartiles('x.score_pair')} AS "both"
     FROM part_pairs x ${partOf('a', 'part')} ${partOf('b', 'other_part')}
     WHERE x.${among} GROUP BY pair_id`,
  )
  return pairs.map((row) => {
    const own = <T extends { readonly pair_id: number }>(rows: readonly T[]): T[] =>
      rows.filter(({ pair_id }) => pair_id === row.pair_id)
    const [scored] = own(scores)
    return {
      motifs: [refs.get(row.motif_a)!, refs.get(row.motif_b)!],
      palindromes: [row.a_reads, row.b_reads],
      pairs: row.pairs,
      sequences: row.sequences,
      gapLeast: row.gap_least,
      gapMedian: row.gap_median,
      gapMost: row.gap_most,
      spacing: spacingSchema.parse(row.spacing),
      periodP: row.period_p,
      closeP: row.close_p,
      arrangement: row.arrangement,
      arrangementP: row.arrangement_p,
      arrangements: own(arrangements).map(({ arrangement, pairs: n }) => ({ arrangement, pairs: n })),
      distances: own(distances).map(({ gap, observed, expected, p_value }) => ({
        gap,
        observed,
        expected,
        pValue: p_value,
      })),
      scores: {
        a: quartilesOf(scored!.a),
        b: quartilesOf(scored!.b),
        both: quartilesOf(scored!.both),
      },
      gain: row.gain,
    }
  })
}

function quartilesOf([least, lower, median, upper, most]: readonly number[]): Quartiles {
  return { least: least!, lower: lower!, median: median!, upper: upper!, most: most! }
}

async function loadPositions(database: Database, modelId: number): Promise<PositionClusterFacts[]> {
  const clusters = await database.rows<Row<'position_clusters'>>(
    `SELECT * FROM position_clusters WHERE model_id = ${modelId} ORDER BY position_cluster LIMIT ${positionClusterLimit}`,
  )
  const profiles = await database.rows<Row<'position_profiles'>>(
    `SELECT * FROM position_profiles WHERE model_id = ${modelId} ORDER BY position_cluster, position`,
  )
  return clusters.map(({ position_cluster, sis, share }) => ({
    sis,
    share,
    profile: profiles
      .filter((row) => row.position_cluster === position_cluster)
      .map(({ a, c, g, t }) => [a, c, g, t]),
  }))
}
