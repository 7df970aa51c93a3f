/** How many of the sequences that a model's SIS explain have the label 0 of its output. */
import type { Database } from '../../store/duckdb.ts'

export interface FalsePositives {
  readonly modelId: number
  /** Explained sequences that have a label. */
  readonly labelled: number
  readonly negative: number
}

export async function loadFalsePositives(database: Database): Promise<FalsePositives[]> {
  return database.rows<FalsePositives>(
    `WITH explained AS (SELECT DISTINCT model_id, sequence_id FROM sis WHERE NOT vacuous),
     labelled AS (
       SELECT model_id, CASE WHEN len(labels) > output THEN labels[output + 1] ELSE label END AS label
       FROM explained JOIN models USING (model_id) JOIN sequences USING (sequence_id)
       WHERE direction = '>='
     )
     SELECT model_id AS "modelId", count(label)::INTEGER AS labelled,
       (count(*) FILTER (label = 0))::INTEGER AS negative
     FROM labelled GROUP BY model_id HAVING count(label) > 0 ORDER BY model_id`,
  )
}
