/** The DuckDB schema of a run: tables with their keys and checks from tables.ts, and the views that answer common questions. */
import { sqlName, sqlText } from './sqlText.ts'
import type { Table } from './tableParts.ts'
import { tables, type TableName } from './tables.ts'
import { namings } from '../motif/naming.ts'
import { splitNames } from '../sequence/sequenceSet.ts'

export const tableNames = Object.keys(tables) as TableName[]

export function tableOf(name: TableName): Table {
  return tables[name]
}

const strandCheck = `strand IN ('+', '-')`
const checks: Partial<Record<TableName, readonly string[]>> = {
  sequences: [
    `split IN (${splitNames.map(sqlText).join(', ')})`,
    strandCheck,
    `"end" - start = length(sequence)`,
  ],
  truth: [strandCheck],
  models: [`direction IN ('>=', '<=')`],
  sis: ['size = len(positions)', 'vacuous = (size = 0)'],
  sis_completions: ['held BETWEEN 0 AND completions', 'share BETWEEN share_low AND share_high'],
  sis_contexts: ['NOT (refuted AND coalesce(proved, false))'],
  decision_losses: ['size = len(positions)', 'in_sis <= size'],
  cluster_members: [strandCheck],
  motifs: ['width = len(pfm)', 'width = len(ppm)', `naming IN (${namings.map(sqlText).join(', ')})`],
  motif_matches: [`orientation IN ('+', '-')`, 'p_value BETWEEN 0 AND 1'],
  cluster_shares: ['share BETWEEN 0 AND 1'],
  cross_sufficiency: ['model_id <> other_model_id'],
  sis_overlaps: ['model_id < other_model_id', 'jaccard BETWEEN 0 AND 1'],
}

/** The columns of a table as DDL, without its keys. */
export function columnDefinitions(name: TableName): string[] {
  return Object.entries(tableOf(name).columns).map(
    ([column, { sql, nullable }]) => `${sqlName(column)} ${sql}${nullable ? '' : ' NOT NULL'}`,
  )
}

export function createTable(name: TableName): string {
  const { primaryKey, foreignKeys } = tableOf(name)
  const names = (columns: readonly string[]): string => columns.map(sqlName).join(', ')
  const clauses = [
    ...columnDefinitions(name),
    `PRIMARY KEY (${names(primaryKey)})`,
    ...foreignKeys.map(
      (key) => `FOREIGN KEY (${names(key.columns)}) REFERENCES ${key.table} (${names(key.columns)})`,
    ),
    ...(checks[name] ?? []).map((check) => `CHECK (${check})`),
  ]
  return `CREATE TABLE ${name} (\n  ${clauses.join(',\n  ')}\n)`
}

export const createViews: readonly string[] = [
  `CREATE VIEW sis_summary AS
   SELECT model_id, m.name AS model,
     count(DISTINCT sequence_id) FILTER (NOT vacuous)::INTEGER AS sequences_explained,
     count(*) FILTER (NOT vacuous)::INTEGER AS sis,
     round(avg(size) FILTER (NOT vacuous), 2) AS mean_size,
     median(size) FILTER (NOT vacuous) AS median_size,
     min(size) FILTER (NOT vacuous) AS min_size,
     max(size) FILTER (NOT vacuous) AS max_size,
     avg(certified::INTEGER) FILTER (NOT vacuous) AS share_certified,
     count(*) FILTER (recomputed AND NOT vacuous)::INTEGER AS recomputed,
     -- Their SIS is empty: the background gives the decision. It counts nowhere else.
     count(DISTINCT sequence_id) FILTER (vacuous)::INTEGER AS sequences_decided_by_background
   FROM models m LEFT JOIN sis USING (model_id)
   GROUP BY model_id, m.name ORDER BY model_id`,
  `CREATE VIEW completions_summary AS
   SELECT model_id, m.name AS model, fill, count(*)::INTEGER AS sis, any_value(completions) AS completions,
     sum(held) / sum(completions) AS share,
     sum(held_without) / sum(completions) AS share_without,
     median(c.share) AS median_share,
     count(*) FILTER (2 * held > completions)::INTEGER AS robust,
     count(*) FILTER (held = completions)::INTEGER AS held_in_all
   FROM sis_completions c JOIN models m USING (model_id)
   GROUP BY model_id, m.name, fill ORDER BY model_id, fill`,
  `CREATE VIEW cross_sufficiency_summary AS
   SELECT a.name AS sis_of, b.name AS scored_by,
     count(*)::INTEGER AS sis,
     count(*) FILTER (sufficient)::INTEGER AS sufficient,
     avg(sufficient::INTEGER) AS share_sufficient,
     median(score)::REAL AS median_score
   FROM cross_sufficiency c
   JOIN models a ON a.model_id = c.model_id JOIN models b ON b.model_id = c.other_model_id
   GROUP BY c.model_id, a.name, c.other_model_id, b.name ORDER BY c.model_id, c.other_model_id`,
  `CREATE VIEW motif_best_matches AS
   SELECT motif_id, motifs.name AS motif, coalesce(models.name, 'joint') AS model, nsites, width, consensus,
     information, site_consensus, site_information, naming,
     CASE WHEN naming = 'named' THEN coalesce(nullif(target_name, ''), target_id) END AS factor,
     target_id, target_name, p_value, e_value, q_value, orientation
   FROM motifs LEFT JOIN models USING (model_id)
   LEFT JOIN (FROM motif_matches WHERE match_rank = 0) USING (motif_id)
   ORDER BY motif_id`,
]
