/** SIS positions against planted ones, where the sequences were simulated. */
import { count, fixed } from '../../base/format.ts'
import { markup } from '../markup.ts'
import { modelName, type Section } from '../parts.ts'
import type { ReportData } from '../reportData.ts'
import { table } from '../table.ts'

/** @returns undefined where no planted positions are known */
export function truthSection({ models }: ReportData): Section | undefined {
  const scored = models.filter(({ truth }) => truth !== undefined)
  if (scored.length === 0) return undefined
  return {
    id: 'truth',
    title: 'Agreement with planted sites',
    body: markup`<p>The sequences were simulated, so the positions that were planted are known.</p>
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
