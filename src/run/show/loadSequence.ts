/** Reads what is told of a sequence: its bases, its SIS under each model with their parts, and what was planted. */
import type { MotifRef } from '../../report/logicFacts.ts'
import { loadMotifRefs } from '../../report/loadLogic.ts'
import type { Database } from '../../store/duckdb.ts'
import { sqlText } from '../../store/sqlText.ts'
import type { Row } from '../../store/tables.ts'

export interface ShownPart extends Pick<Row<'sis_parts'>, 'first' | 'last' | 'size' | 'strand'> {
  /** Undefined where it is in none. */
  readonly motif: MotifRef | undefined
}

export type ShownSis = Omit<Row<'sis'>, 'model_id' | 'sequence_id'> & {
  readonly parts: readonly ShownPart[]
  /** In real contexts, by kind; none where it was not tried. */
  readonly completions: readonly Row<'sis_completions'>[]
  /** Undefined where it was not tried. */
  readonly contexts: Row<'sis_contexts'> | undefined
}

export interface ShownDecision {
  readonly model: string
  readonly direction: string
  readonly threshold: number
  /** f(x); null where the model has not scored it. */
  readonly score: number | null
  /** In the order found. */
  readonly sis: readonly ShownSis[]
  /** How few masked bases end it; undefined where that was not asked, or none do. */
  readonly loss: Row<'decision_losses'> | undefined
}

export interface ShownSequence {
  readonly sequence: Row<'sequences'>
  readonly planted: readonly Row<'truth'>[]
  /** One a model. */
  readonly decisions: readonly ShownDecision[]
}

/** Sequences of one name that are shown; a run may have several. */
const sameNamed = 4

export async function loadSequence(database: Database, name: string): Promise<ShownSequence[]> {
  const sequences = await database.rows<Row<'sequences'>>(
    `SELECT * FROM sequences WHERE name = ${sqlText(name)} ORDER BY sequence_id LIMIT ${sameNamed}`,
  )
  const refs = await loadMotifRefs(database)
  const shown: ShownSequence[] = []
  for (const sequence of sequences) {
    const of = `sequence_id = ${sequence.sequence_id}`
    const models = await database.rows<
      Pick<Row<'models'>, 'model_id' | 'name' | 'direction' | 'threshold'> & { score: number | null }
    >(
      `SELECT m.model_id, m.name, m.direction, m.threshold, p.score FROM models m
       LEFT JOIN predictions p ON p.model_id = m.model_id AND p.output = m.output AND p.${of} ORDER BY m.model_id`,
    )
    const sis = await database.rows<Row<'sis'>>(`SELECT * FROM sis WHERE ${of} ORDER BY model_id, rank`)
    const parts = await database.rows<Row<'sis_parts'>>(
      `SELECT * FROM sis_parts WHERE ${of} ORDER BY model_id, rank, part`,
    )
    const completions = await database.rows<Row<'sis_completions'>>(
      `SELECT * FROM sis_completions WHERE ${of} ORDER BY model_id, rank, fill`,
    )
    const contexts = await database.rows<Row<'sis_contexts'>>(`SELECT * FROM sis_contexts WHERE ${of}`)
    const losses = await database.rows<Row<'decision_losses'>>(`SELECT * FROM decision_losses WHERE ${of}`)
    shown.push({
      sequence,
      planted: await database.rows<Row<'truth'>>(`SELECT * FROM truth WHERE ${of} ORDER BY site`),
      decisions: models.map(({ model_id, name: model, direction, threshold, score }) => ({
        model,
        direction,
        threshold,
        score,
        loss: losses.find((row) => row.model_id === model_id),
        sis: sis
          .filter((row) => row.model_id === model_id)
          .map((row) => ({
            ...row,
            completions: completions.filter((one) => one.model_id === model_id && one.rank === row.rank),
            contexts: contexts.find((one) => one.model_id === model_id && one.rank === row.rank),
            parts: parts
              .filter((part) => part.model_id === model_id && part.rank === row.rank)
              .map(({ first, last, size, strand, motif_id }) => ({
                first,
                last,
                size,
                strand,
                motif: motif_id === null ? undefined : refs.get(motif_id),
              })),
          })),
      })),
    })
  }
  return shown
}

/** Names like the given one: all of a few, of many those that are nearest. */
export async function sequenceNames(database: Database, like: string): Promise<string[]> {
  const rows = await database.rows<{ name: string }>(
    `SELECT name FROM (SELECT DISTINCT name FROM sequences)
     ORDER BY levenshtein(name[:200], ${sqlText(like.slice(0, 200))}), name LIMIT 9`,
  )
  return rows.map(({ name }) => name)
}
