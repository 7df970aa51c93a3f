/** What a comparison of runs has found, as tables for a terminal. */
import { count, counted, fixed, listed, percent } from '../../base/format.ts'
import { motifDifferences, type ModelShares, type SetOfModel } from '../../compare/motifDifferences.ts'
import { motifLabels } from '../../motif/motifLabels.ts'
import { withDatabase, type Database } from '../../store/duckdb.ts'
import { formatTable } from '../../terminal/formatTable.ts'
import type { RunDirectory } from '../record/runDirectory.ts'

/** Rows of a table, at most; the report has all. */
const mostRows = 10
/** Sets whose shares differ by less say the same of all models. */
const leastRange = 0.05

interface ComparedModel {
  readonly model_id: number
  readonly name: string
  /** But empty ones. */
  readonly sis: number
}

/** @returns paragraphs and tables, from a database that is built */
export async function comparisonSummary({ database: file }: RunDirectory): Promise<string[]> {
  return withDatabase(file, { readOnly: true, blame: file }, async (database) => {
    const models = await database.rows<ComparedModel>(
      `SELECT model_id, m.name, (count(rank) FILTER (NOT vacuous))::INTEGER AS sis
       FROM models m LEFT JOIN sis USING (model_id) GROUP BY ALL ORDER BY model_id`,
    )
    return [
      ...(await motifParts(database, models)),
      ...(await crossSufficiencyParts(database, models)),
      ...(await overlapParts(database)),
    ]
  })
}

async function motifParts(database: Database, models: readonly ComparedModel[]): Promise<string[]> {
  const labels = await jointLabels(database)
  const sets = await database.rows<SetOfModel>(
    `WITH joint AS (SELECT motif_id, clustering_id, cluster_id FROM motifs WHERE model_id IS NULL),
       own AS (
         SELECT model_id, sequence_id, rank, list(motif_id ORDER BY motif_id) AS motifs
         FROM cluster_members JOIN joint USING (clustering_id, cluster_id) GROUP BY ALL
       )
     SELECT model_id, coalesce(motifs, []) AS motifs, count(*)::INTEGER AS sis
     FROM sis LEFT JOIN own USING (model_id, sequence_id, rank) WHERE NOT vacuous GROUP BY ALL`,
  )
  const found = motifDifferences(sets, models)
  const labelOf = (motif: number): string => labels.get(motif)!
  const setOf = (motifs: readonly number[]): string => motifs.map(labelOf).join(' + ') || 'no motif'
  const differing = found.sets.filter(({ range }) => range >= leastRange)
  return [
    ...tableOfShares(
      `Motifs of all models together: share of each model's SIS that have a part in one`,
      'motif',
      found.motifs.map((row) => ({ ...row, of: labelOf(row.of) })),
      models,
    ),
    ...models.flatMap(({ name }, i) => {
      const own = found.motifs.filter(({ only }) => only === i).map(({ of }) => labelOf(of))
      const more = own.length > mostRows ? [`${count(own.length - mostRows)} more`] : []
      return own.length === 0 ? [] : [`only ${name} has ${listed([...own.slice(0, mostRows), ...more])}`]
    }),
    ...tableOfShares(
      `Motif sets that differ most: share of each model's SIS that have these motifs and no other`,
      'motif set',
      differing.map((row) => ({ ...row, of: setOf(row.of) })),
      models,
    ),
  ]
}

/** Names of the joint motifs, by motif_id. */
async function jointLabels(database: Database): Promise<ReadonlyMap<number, string>> {
  return motifLabels(
    await database.rows(
      'SELECT motif_id, model_id, name, naming, consensus FROM motifs WHERE model_id IS NULL ORDER BY cluster_id',
    ),
    await database.rows('SELECT motif_id, target_id, target_name FROM motif_matches WHERE match_rank = 0'),
  )
}

function tableOfShares(
  title: string,
  what: string,
  rows: readonly ModelShares<string>[],
  models: readonly ComparedModel[],
): string[] {
  if (rows.length === 0) return []
  const left = rows.length - mostRows
  const table = formatTable(
    [what, ...models.map(({ name }) => name)],
    rows.slice(0, mostRows).map(({ of, shares }) => [of, ...shares.map((share) => percent(share, 1))]),
    { numeric: [false, ...models.map(() => true)] },
  )
  return [`${title}\n${table}${left > 0 ? `and ${count(left)} more, in the report and the tables\n` : ''}`]
}

async function crossSufficiencyParts(
  database: Database,
  models: readonly ComparedModel[],
): Promise<string[]> {
  const pairs = await database.rows<{
    model_id: number
    other_model_id: number
    sis: number
    sufficient: number
  }>(
    `SELECT model_id, other_model_id, count(*)::INTEGER AS sis, (count(*) FILTER (sufficient))::INTEGER AS sufficient
     FROM cross_sufficiency GROUP BY ALL`,
  )
  if (pairs.length === 0) return []
  const shareOf = (of: ComparedModel, judge: ComparedModel): string => {
    if (of === judge) return 'own'
    const pair = pairs.find(
      ({ model_id, other_model_id }) => model_id === of.model_id && other_model_id === judge.model_id,
    )
    return pair === undefined ? 'not asked' : percent(pair.sufficient, pair.sis)
  }
  const table = formatTable(
    ['SIS of', ...models.map(({ name }) => `by ${name}`)],
    models.map((of) => [of.name, ...models.map((judge) => shareOf(of, judge))]),
    { numeric: [false, ...models.map(() => true)] },
  )
  return [`Cross-sufficiency: share of a row's SIS that are sufficient by a column's own decision\n${table}`]
}

async function overlapParts(database: Database): Promise<string[]> {
  const pairs = await database.rows<{ a: string; b: string; sequences: number; jaccard: number | null }>(
    `SELECT a.name AS a, b.name AS b, count(o.sequence_id)::INTEGER AS sequences, avg(jaccard) AS jaccard
     FROM models a JOIN models b ON a.model_id < b.model_id
     LEFT JOIN sis_overlaps o ON o.model_id = a.model_id AND o.other_model_id = b.model_id
     GROUP BY a.model_id, b.model_id, a.name, b.name ORDER BY a.model_id, b.model_id`,
  )
  return pairs.map(({ a, b, sequences, jaccard }) =>
    sequences === 0
      ? `${a} and ${b} explain no sequence both`
      : `${a} and ${b}: mean Jaccard index of SIS positions ${fixed(jaccard, 2)}, in ${counted(sequences, 'sequence')} that both explain`,
  )
}
