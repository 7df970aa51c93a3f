import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binaryMetrics, precisionRecallCurve, rocCurve } from '../../src/train/metrics.ts'

const of = (...values: number[]) => Float32Array.from(values)

/** Values of scikit-learn 1.x's documentation of roc_auc_score and average_precision_score. */
const documented = { labels: of(0, 0, 1, 1), scores: of(0.1, 0.4, 0.35, 0.8) }

const examples = fc
  .array(fc.record({ score: fc.integer({ min: 0, max: 16 }), positive: fc.boolean() }), { minLength: 2 })
  .filter((all) => all.some(({ positive }) => positive) && all.some(({ positive }) => !positive))
  .map((all) => ({
    scores: Float32Array.from(all, ({ score }) => score / 16),
    labels: Float32Array.from(all, ({ positive }) => Number(positive)),
  }))

describe('binaryMetrics', () => {
  it('gives the documented values of scikit-learn', () => {
    const metrics = binaryMetrics(documented.scores, documented.labels)
    expect(metrics.auroc).toBe(0.75)
    expect(metrics.auprc).toBeCloseTo(0.8333333333, 9)
    expect(metrics).toMatchObject({ positives: 2, negatives: 2, accuracy: 0.75 })
  })

  it('counts ties one half in the auROC and as one threshold in the auPRC', () => {
    expect(binaryMetrics(of(0.5, 0.5, 0.5), of(1, 0, 0))).toMatchObject({ auroc: 0.5, auprc: 1 / 3 })
    expect(binaryMetrics(of(0.9, 0.5, 0.5, 0.1), of(1, 1, 0, 0))).toMatchObject({
      auroc: 0.875,
      auprc: 0.5 + 0.5 * (2 / 3),
    })
  })

  it('is the share of pairs in the right order (Mann–Whitney)', () => {
    fc.assert(
      fc.property(examples, ({ scores, labels }) => {
        let right = 0
        let pairs = 0
        for (const [i, positive] of labels.entries()) {
          for (const [j, negative] of labels.entries()) {
            if (positive !== 1 || negative !== 0) continue
            pairs++
            right += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0
          }
        }
        expect(binaryMetrics(scores, labels).auroc).toBeCloseTo(right / pairs, 12)
      }),
    )
  })

  it('gives the mean negative log likelihood, finite where a score is certain and wrong', () => {
    expect(binaryMetrics(of(0.5, 0.25), of(1, 0)).logLoss).toBeCloseTo((Math.log(2) - Math.log(0.75)) / 2, 12)
    expect(binaryMetrics(of(0, 1), of(1, 1)).logLoss).toBeCloseTo((23 * Math.log(2)) / 2, 6)
  })

  it('leaves unlabelled examples out', () => {
    const { scores, labels } = documented
    expect(binaryMetrics(of(...scores, 0.99), of(...labels, NaN))).toEqual(binaryMetrics(scores, labels))
  })

  it('has no areas where a class is missing', () => {
    expect(binaryMetrics(of(0.2, 0.7), of(1, 1))).toMatchObject({ auroc: null, auprc: 1 })
    expect(binaryMetrics(of(0.2, 0.7), of(0, 0))).toMatchObject({ auroc: null, auprc: null })
  })
})

describe('curves', () => {
  it('go through every threshold', () => {
    const { scores, labels } = documented
    expect(rocCurve(scores, labels)).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 0.5 },
      { x: 0.5, y: 0.5 },
      { x: 0.5, y: 1 },
      { x: 1, y: 1 },
    ])
    expect(precisionRecallCurve(scores, labels)).toEqual([
      { x: 0, y: 1 },
      { x: 0.5, y: 1 },
      { x: 0.5, y: 0.5 },
      { x: 1, y: 2 / 3 },
      { x: 1, y: 0.5 },
    ])
  })

  it('are thinned, ends kept, never decreasing', () => {
    const scores = Float32Array.from({ length: 1000 }, (_, i) => i / 1000)
    const labels = Float32Array.from({ length: 1000 }, (_, i) => Number(i % 3 === 0))
    const curve = rocCurve(scores, labels, 50)
    expect(curve.length).toBe(50)
    expect([curve[0], curve.at(-1)]).toEqual([
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ])
    for (let i = 1; i < curve.length; i++) {
      expect(curve[i]!.x).toBeGreaterThanOrEqual(curve[i - 1]!.x)
      expect(curve[i]!.y).toBeGreaterThanOrEqual(curve[i - 1]!.y)
    }
  })

  it('enclose the auROC', () => {
    fc.assert(
      fc.property(examples, ({ scores, labels }) => {
        const curve = rocCurve(scores, labels)
        let area = 0
        for (let i = 1; i < curve.length; i++) {
          area += ((curve[i]!.x - curve[i - 1]!.x) * (curve[i]!.y + curve[i - 1]!.y)) / 2
        }
        expect(binaryMetrics(scores, labels).auroc).toBeCloseTo(area, 9)
      }),
    )
  })
})
