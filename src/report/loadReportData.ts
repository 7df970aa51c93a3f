/** Reads what the page shows from a run's database, aggregated by SQL so that a large run stays small in memory. */
import type { Database } from '../store/duckdb.ts'
import type { Row } from '../store/tables.ts'
import { skillOf, type SplitSkill } from '../train/chance.ts'
import { loadClustering, loadJointClustering } from './loadClustering.ts'
import { loadAttributions, loadScorecard } from './loadScorecard.ts'
import type { MotifRef } from './logicFacts.ts'
import { loadReach } from './loadReach.ts'
import { loadLogic, loadMotifRefs } from './loadLogic.ts'
import type {
  ComparisonFacts,
  CrossSufficiency,
  ExampleSequence,
  ExplainedFacts,
  ModelFacts,
  OverlapFacts,
  RankedGroup,
  ReportData,
  RunFacts,
  ScoreHistogram,
  SequenceFacts,
  SplitCounts,
  SubsetFacts,
  TruthFacts,
} from './reportData.ts'

/** Points of a ROC curve: enough for a smooth line, few enough for a small page. */
const rankGroups = 400
const scoreBins = 25
const overlapBins = 10

export interface LoadOptions {
  /** Example sequences of each model. */
  readonly examples: number
}

/** @param database a run's sis.duckdb, open for reading */
export async function loadReportData(
  database: Database,
  run: RunFacts,
  { examples }: LoadOptions,
): Promise<ReportData> {
  const rows = await database.rows<Row<'models'>>('SELECT * FROM models ORDER BY model_id')
  const models: ModelFacts[] = []
  const refs = await loadMotifRefs(database)
  for (const row of rows) models.push(await loadModel(database, row, refs, examples))
  return {
    run,
    sequences: await loadSequences(database),
    models,
    comparison: models.length < 2 ? undefined : await loadComparison(database, models, refs),
  }
}

async function loadSequences(database: Database): Promise<SequenceFacts> {
  const groups = await database.rows<SequenceFacts['groups'][number]>(
    `SELECT split, label, count(*)::INTEGER AS count FROM sequences GROUP BY split, label
     ORDER BY list_position(['train', 'valid', 'test'], split), label DESC`,
  )
  const [lengths] = await database.rows<{ shortest: number; longest: number }>(
    `SELECT coalesce(min(length(sequence)), 0)::INTEGER AS shortest, coalesce(max(length(sequence)), 0)::INTEGER AS longest
     FROM sequences`,
  )
  return { groups, ...lengths! }
}

async function loadModel(
  database: Database,
  row: Row<'models'>,
  refs: ReadonlyMap<number, MotifRef>,
  examples: number,
): Promise<ModelFacts> {
  const id = row.model_id
  const history = await database.rows<Row<'training_history'>>(
    `SELECT * FROM training_history WHERE model_id = ${id} AND kept ORDER BY epoch`,
  )
  const [truth] = await database.rows<TruthFacts>(
    `SELECT sequences, precision, recall, f1 FROM truth_scores WHERE model_id = ${id}`,
  )
  return {
    modelId: id,
    name: row.name,
    architecture: row.architecture,
    parameters: row.parameters,
    outputName: row.output_name,
    direction: row.direction === '<=' ? '<=' : '>=',
    threshold: row.threshold,
    quantile: row.quantile,
    background: row.background,
    scoreMasked: row.score_masked,
    metrics: [
      { split: 'train', auroc: row.auroc_train, auprc: row.auprc_train },
      { split: 'valid', auroc: row.auroc_valid, auprc: row.auprc_valid },
      { split: 'test', auroc: row.auroc_test, auprc: row.auprc_test },
    ],
    skill: await loadSkill(database, row),
    ranking: await loadRanking(database, row),
    scores: await loadScores(database, row),
    history: history.map(({ epoch, loss, valid_loss }) => ({ epoch, loss, validLoss: valid_loss })),
    explained: await loadExplained(database, row),
    subsets: await loadSubsets(database, id),
    reach: await loadReach(database, id),
    clustering: await loadClustering(database, id, refs),
    logic: await loadLogic(database, id, refs),
    examples: await loadExamples(database, row, refs, examples),
    truth,
    scorecard: await loadScorecard(database, id),
  }
}

/** The label that an output predicts: its own where each output has one, the first otherwise. */
export function labelOf({ output }: Row<'models'>): string {
  return `CASE WHEN len(labels) > ${output} THEN labels[${output + 1}] ELSE label END`
}

/** Predictions of the model's output with their label and split: of compared runs, each model has scored its own's sequences. */
function scored(row: Row<'models'>): string {
  return `SELECT p.score, ${labelOf(row)} AS label, s.split FROM predictions p JOIN sequences s USING (sequence_id)
    WHERE p.model_id = ${row.model_id} AND p.output = ${row.output}`
}

/** Those of the test split, as a FROM clause. */
function testScores(row: Row<'models'>): string {
  return `(${scored(row)} AND s.split = 'test')`
}

async function loadSkill(database: Database, row: Row<'models'>): Promise<SplitSkill | undefined> {
  const classes = await database.rows<{ split: string; positives: number; negatives: number }>(
    `SELECT split, (count(*) FILTER (label > 0))::INTEGER AS positives, (count(*) FILTER (label <= 0))::INTEGER AS negatives
     FROM (${scored(row)}) GROUP BY split`,
  )
  const areas: Readonly<Record<string, number | null>> = {
    test: row.auroc_test,
    valid: row.auroc_valid,
  }
  return skillOf(classes.map((counts) => ({ ...counts, auroc: areas[counts.split] ?? null })))
}

async function loadRanking(database: Database, row: Row<'models'>): Promise<RankedGroup[]> {
  // rank() gives equal scores one rank, so no group border falls between them.
  return database.rows<RankedGroup>(
    `SELECT (count(*) FILTER (label > 0))::INTEGER AS positives, (count(*) FILTER (label <= 0))::INTEGER AS negatives
     FROM (
       SELECT label, floor((rank() OVER (ORDER BY score DESC) - 1) * ${rankGroups} / count(*) OVER ()) AS part
       FROM ${testScores(row)} WHERE label IS NOT NULL
     ) GROUP BY part ORDER BY part`,
  )
}

async function loadScores(database: Database, row: Row<'models'>): Promise<ScoreHistogram | undefined> {
  const from = testScores(row)
  const [range] = await database.rows<{ low: number | null; high: number | null }>(
    `SELECT min(score)::DOUBLE AS low, max(score)::DOUBLE AS high FROM ${from}`,
  )
  if (range?.low == null || range.high === null) return undefined
  // Probabilities are shown over their whole range, other scores over the one that occurs.
  const probabilities = range.low >= 0 && range.high <= 1
  const low = probabilities ? 0 : range.low
  const high = probabilities ? 1 : range.high > range.low ? range.high : range.low + 1
  const bins = await database.rows<{ bin: number; positive: boolean; n: number }>(
    `SELECT least(${scoreBins - 1}, floor((score - ${low}) / ${high - low} * ${scoreBins}))::INTEGER AS bin,
       coalesce(label > 0, false) AS positive, count(*)::INTEGER AS n
     FROM ${from} GROUP BY ALL`,
  )
  const positives = new Array<number>(scoreBins).fill(0)
  const others = new Array<number>(scoreBins).fill(0)
  for (const { bin, positive, n } of bins) (positive ? positives : others)[bin] = n
  return { low, high, positives, others }
}

async function loadExplained(database: Database, row: Row<'models'>): Promise<ExplainedFacts> {
  const decided =
    row.direction === '<='
      ? `score <= CAST(${row.threshold} AS REAL)`
      : `score >= CAST(${row.threshold} AS REAL)`
  const splits = await database.rows<SplitCounts>(
    `WITH found AS (
       SELECT sequence_id, bool_or(NOT vacuous) AS explained, bool_or(vacuous) AS empty
       FROM sis WHERE model_id = ${row.model_id} GROUP BY sequence_id
     ), scores AS (
       SELECT sequence_id, ${decided} AS called FROM predictions
       WHERE model_id = ${row.model_id} AND output = ${row.output}
     )
     SELECT split, count(*)::INTEGER AS sequences, (count(*) FILTER (called))::INTEGER AS called,
       (count(*) FILTER (explained))::INTEGER AS explained,
       (count(*) FILTER (explained AND label IS NOT NULL))::INTEGER AS labelled,
       (count(*) FILTER (explained AND label <= 0))::INTEGER AS negatives,
       (count(*) FILTER (empty))::INTEGER AS empty
     FROM (SELECT sequence_id, split, ${labelOf(row)} AS label FROM sequences)
     LEFT JOIN found USING (sequence_id) LEFT JOIN scores USING (sequence_id)
     GROUP BY split HAVING explained + empty > 0
     ORDER BY list_position(['train', 'valid', 'test'], split)`,
  )
  return { splits }
}

async function loadSubsets(database: Database, id: number): Promise<SubsetFacts> {
  const [counts] = await database.rows<Omit<SubsetFacts, 'perSequence' | 'sizes'>>(
    `SELECT count(DISTINCT sequence_id) FILTER (NOT vacuous)::INTEGER AS explained,
       (count(*) FILTER (NOT vacuous))::INTEGER AS stored,
       (count(*) FILTER (certified AND NOT vacuous))::INTEGER AS certified,
       (count(*) FILTER (recomputed AND NOT vacuous))::INTEGER AS recomputed,
       count(DISTINCT sequence_id) FILTER (vacuous)::INTEGER AS "decidedByBackground"
     FROM sis WHERE model_id = ${id}`,
  )
  return {
    ...counts!,
    perSequence: await tally(
      database,
      `SELECT count(*)::INTEGER AS value FROM sis WHERE model_id = ${id} AND NOT vacuous GROUP BY sequence_id`,
    ),
    sizes: await tally(database, `SELECT size AS value FROM sis WHERE model_id = ${id} AND NOT vacuous`),
  }
}

/** @returns [value]: how often a query's column `value` has it */
async function tally(database: Database, query: string): Promise<number[]> {
  const rows = await database.rows<{ value: number; n: number }>(
    `SELECT value, count(*)::INTEGER AS n FROM (${query}) GROUP BY value`,
  )
  const counts = new Array<number>(rows.reduce((most, { value }) => Math.max(most, value + 1), 0)).fill(0)
  for (const { value, n } of rows) counts[value] = n
  return counts
}

/** The sequences with the strongest decision, and the strongest of those with several SIS where none is among them. */
async function loadExamples(
  database: Database,
  { model_id: id, direction }: Row<'models'>,
  refs: ReadonlyMap<number, MotifRef>,
  wanted: number,
): Promise<ExampleSequence[]> {
  if (wanted === 0) return []
  const order = `score ${direction === '<=' ? 'ASC' : 'DESC'}, sequence_id`
  const sequences = await database.rows<{
    sequence_id: number
    name: string
    sequence: string
    split: string
    label: number | null
    score: number
  }>(
    `WITH explained AS (
       SELECT sequence_id, first(score_full) AS score, count(*) AS subsets
       FROM sis WHERE model_id = ${id} AND NOT vacuous GROUP BY sequence_id
     ), chosen AS (
       (SELECT * FROM explained ORDER BY ${order} LIMIT ${wanted})
       UNION
       (SELECT * FROM explained WHERE subsets > 1 ORDER BY ${order} LIMIT 1)
     )
     SELECT sequence_id, name, sequence, split, label, score FROM chosen JOIN sequences USING (sequence_id)
     ORDER BY ${order}`,
  )
  if (sequences.length === 0) return []
  const ids = sequences.map(({ sequence_id }) => sequence_id).join(', ')
  const subsets = await database.rows<Row<'sis'>>(
    `SELECT * FROM sis WHERE model_id = ${id} AND sequence_id IN (${ids}) ORDER BY sequence_id, rank`,
  )
  const parts = await database.rows<Row<'sis_parts'>>(
    `SELECT * FROM sis_parts WHERE model_id = ${id} AND sequence_id IN (${ids}) ORDER BY sequence_id, rank, part`,
  )
  const planted = await database.rows<Row<'truth'>>(
    `SELECT * FROM truth WHERE sequence_id IN (${ids}) ORDER BY sequence_id, site`,
  )
  const ofSequences = sequences.map(({ sequence_id }) => sequence_id)
  const attributions = await loadAttributions(database, id, direction === '<=' ? '<=' : '>=', ofSequences)
  return sequences.map(({ sequence_id, ...sequence }) => ({
    ...sequence,
    attributions: attributions.get(sequence_id) ?? [],
    subsets: subsets
      .filter((row) => row.sequence_id === sequence_id)
      .map((row) => ({
        rank: row.rank,
        positions: row.positions,
        pattern: row.pattern,
        scoreSis: row.score_sis,
        scoreResidual: row.score_residual,
        minimal: row.minimal,
        certified: row.certified,
        parts: parts
          .filter((part) => part.sequence_id === sequence_id && part.rank === row.rank)
          .map(({ first, last, size, motif_id, strand }) => ({
            first,
            last,
            size,
            motif: motif_id === null ? undefined : refs.get(motif_id)!,
            strand,
          })),
      })),
    planted: planted
      .filter((row) => row.sequence_id === sequence_id)
      .map(({ motif, strand, positions }) => ({ motif, strand, positions })),
  }))
}

async function loadComparison(
  database: Database,
  models: readonly ModelFacts[],
  refs: ReadonlyMap<number, MotifRef>,
): Promise<ComparisonFacts> {
  return {
    clustering: await loadJointClustering(database, models, refs),
    crossSufficiency: await database.rows<CrossSufficiency>(
      `SELECT model_id AS "modelId", other_model_id AS "otherModelId", count(*)::INTEGER AS tested,
         (count(*) FILTER (sufficient))::INTEGER AS sufficient
       FROM cross_sufficiency GROUP BY ALL ORDER BY 1, 2`,
    ),
    overlaps: await loadOverlaps(database),
  }
}

async function loadOverlaps(database: Database): Promise<OverlapFacts[]> {
  const pairs = await database.rows<Omit<OverlapFacts, 'histogram'>>(
    `SELECT model_id AS "modelId", other_model_id AS "otherModelId", count(*)::INTEGER AS sequences,
       avg(jaccard) AS mean, median(jaccard) AS median
     FROM sis_overlaps GROUP BY ALL ORDER BY 1, 2`,
  )
  const bins = await database.rows<{ modelId: number; otherModelId: number; bin: number; n: number }>(
    `SELECT model_id AS "modelId", other_model_id AS "otherModelId",
       least(${overlapBins - 1}, floor(jaccard * ${overlapBins}))::INTEGER AS bin, count(*)::INTEGER AS n
     FROM sis_overlaps GROUP BY ALL`,
  )
  return pairs.map((pair) => {
    const histogram = new Array<number>(overlapBins).fill(0)
    for (const { modelId, otherModelId, bin, n } of bins) {
      if (modelId === pair.modelId && otherModelId === pair.otherModelId) histogram[bin] = n
    }
    return { ...pair, histogram }
  })
}
