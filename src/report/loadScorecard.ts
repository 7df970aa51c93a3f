/** Reads the scorecard of a model, and attributions of its example sequences, from a run's database. */
import { directionSign, type Decision } from '../sis/decision.ts'
import type { Database } from '../store/duckdb.ts'
import type { Row } from '../store/tables.ts'
import type { ExampleAttribution, ScorecardFacts } from './scorecardFacts.ts'

/** SQL order of a model's rows: SIS first, then those that need the fewest bases. */
export const scorecardOrder = "method <> 'sis', sufficient_median NULLS LAST, never, method"

/** @returns undefined where nothing was evaluated */
export async function loadScorecard(database: Database, model: number): Promise<ScorecardFacts | undefined> {
  const methods = await database.rows<ScorecardFacts['methods'][number]>(
    `SELECT * EXCLUDE model_id FROM scorecard WHERE model_id = ${model}
     ORDER BY ${scorecardOrder}`,
  )
  const [first] = methods
  if (first === undefined) return undefined
  const agreement = await database.rows<ScorecardFacts['agreement'][number]>(
    `SELECT * EXCLUDE model_id FROM method_agreement WHERE model_id = ${model} ORDER BY method, other_method`,
  )
  const [motif] = await database.rows<Pick<Row<'known_motifs'>, 'target_id' | 'target_name'>>(
    `SELECT target_id, target_name FROM known_motifs JOIN scorecard USING (target_id)
     WHERE model_id = ${model} LIMIT 1`,
  )
  return {
    methods,
    agreement,
    motif: motif === undefined ? undefined : `${motif.target_name} (${motif.target_id})`,
  }
}

/** @returns by sequence, the methods in the order of the scorecard */
export async function loadAttributions(
  database: Database,
  model: number,
  direction: Decision['direction'],
  sequences: readonly number[],
): Promise<ReadonlyMap<number, readonly ExampleAttribution[]>> {
  const rows = await database.rows<Pick<Row<'attributions'>, 'sequence_id' | 'method' | 'importance'>>(
    `SELECT a.sequence_id, a.method, a.importance FROM attributions a LEFT JOIN scorecard s USING (model_id, method)
     WHERE a.model_id = ${model} AND replicate = 0 AND a.sequence_id IN (${sequences.join(', ')})
     ORDER BY a.sequence_id, s.sufficient_median NULLS LAST, s.never, a.method`,
  )
  const sign = directionSign(direction)
  const found = new Map<number, ExampleAttribution[]>()
  for (const { sequence_id, method, importance } of rows) {
    const own = found.get(sequence_id) ?? []
    found.set(sequence_id, own)
    own.push({ method, importance: importance.map((value) => sign * value) })
  }
  return found
}
