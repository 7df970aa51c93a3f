/** Whether a run's database has the tables of this version, and which commands build those that it lacks. */
import { DataError } from '../../base/errors.ts'
import type { Database } from '../../store/duckdb.ts'
import { tableNames, tableOf } from '../../store/schema.ts'
import type { TableName } from '../../store/tables.ts'
import { allMendedBy } from './readiness.ts'
import type { RunDirectory } from './runDirectory.ts'
import { optionalKinds, stageKinds, type StageKind } from './stageKinds.ts'

const madeBy: Readonly<Record<TableName, StageKind>> = {
  sequences: 'prepare',
  truth: 'prepare',
  models: 'train',
  training_history: 'train',
  predictions: 'predict',
  sis: 'extract',
  sis_completions: 'completions',
  sis_contexts: 'completions',
  decision_losses: 'completions',
  clusterings: 'cluster',
  clusters: 'cluster',
  motifs: 'cluster',
  sis_parts: 'cluster',
  cluster_members: 'cluster',
  known_motifs: 'cluster',
  motif_matches: 'cluster',
  motif_enrichment: 'cluster',
  model_logic: 'logic',
  part_scores: 'logic',
  motif_sets: 'logic',
  sis_sets: 'logic',
  motif_alternatives: 'logic',
  motif_pairs: 'logic',
  part_pairs: 'logic',
  pair_distances: 'logic',
  position_clusters: 'logic',
  position_profiles: 'logic',
  cluster_shares: 'compare',
  cross_sufficiency: 'compare',
  sis_overlaps: 'compare',
  truth_scores: 'compare',
  attributions: 'merge',
  method_agreement: 'merge',
  scorecard: 'merge',
  attribution_scores: 'merge',
}

/** @throws DataError where a table is missing or has other columns, as in a database that another version built */
export async function requireCurrentTables(database: Database, directory: RunDirectory): Promise<void> {
  const rows = await database.rows<{ table_name: string; column_name: string }>(
    `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'main'`,
  )
  const columnsOf = new Map<string, Set<string>>()
  for (const { table_name, column_name } of rows) {
    const columns = columnsOf.get(table_name) ?? new Set()
    columnsOf.set(table_name, columns.add(column_name))
  }
  const faults = tableNames.flatMap((table) => {
    const columns = columnsOf.get(table)
    if (columns === undefined) return [{ table, what: `has no table '${table}'` }]
    const missing = Object.keys(tableOf(table).columns).find((column) => !columns.has(column))
    return missing === undefined ? [] : [{ table, what: `has no column '${missing}' in table '${table}'` }]
  })
  const [fault] = faults
  if (fault === undefined) return
  // What is done only where it is asked for leaves its tables empty: building the database is enough.
  const makers = faults
    .map(({ table }) => madeBy[table])
    .map((kind) => (optionalKinds.includes(kind) ? 'merge' : kind))
  const first = Math.min(...makers.map((kind) => stageKinds.indexOf(kind)))
  const kinds = stageKinds.slice(first).filter((kind) => !optionalKinds.includes(kind))
  throw new DataError(
    `was built by another version of sis: it ${fault.what}; ${allMendedBy(kinds, directory)} makes it new`,
    { file: directory.database },
  )
}
