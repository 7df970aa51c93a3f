/** SIS positions against planted ones, where the sequences were simulated. */
import { count, fixed } from '../../base/format.ts'
import { markup } from '../markup.ts'
import { modelName, nothing, type Section } from '../parts.ts'
import type { ReportData } from '../reportData.ts'
import { table } from '../table.ts'

export function truthSection({ models }: ReportData): Section {
  const scored = models.filter(({ truth }) => truth !== undefined)
  return {
    id: 'truth',
    title: 'Agreement with planted sites',
    body:
      scored.length === 0
        ? nothing('Planted positions are known only for simulated sequences; this run has none.')
        : markup`<p>The sequences were simulated, so the positions that were planted are known.</p>
            ${table({
              caption:
                'Precision: SIS positions that were planted. Recall: planted positions that are in an SIS. F1: their harmonic mean.',
              columns: [
                { title: 'Model', heads: true },
                { title: 'Sequences', numeric: true },
                { title: 'Precision', numeric: true },
                { title: 'Recall', numeric: true },
                { title: 'F1', numeric: true },
              ],
              rows: scored.map(({ modelId, truth }) => [
                modelName(models, modelId),
                { content: count(truth!.sequences), sort: truth!.sequences },
                ...[truth!.precision, truth!.recall, truth!.f1].map((value) => ({
                  content: fixed(value),
                  sort: value,
                })),
              ]),
            })}`,
  }
}
