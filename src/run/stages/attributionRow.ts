/** An attribution as the table has it. */
import type { Attribution } from '../../explain/method.ts'
import type { Row } from '../../store/tables.ts'

export function attributionRow(
  attribution: Attribution,
): Omit<Row<'attributions'>, 'model_id' | 'sequence_id' | 'method' | 'replicate' | 'seconds'> {
  const { importance, contributions, standardErrors } = attribution
  return {
    importance: [...importance],
    contributions: contributions === undefined ? null : [...contributions],
    standard_errors: standardErrors === undefined ? null : [...standardErrors],
    incompleteness: attribution.incompleteness ?? null,
    fidelity: attribution.fidelity ?? null,
    acceptance: attribution.acceptance ?? null,
    effective_samples: attribution.effectiveSamples ?? null,
  }
}
