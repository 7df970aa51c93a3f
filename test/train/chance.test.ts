/** The interval of an auROC: closed forms, its agreement with the Mann–Whitney test, and how often it holds the truth. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { aurocInterval, measureSkill, skillOf, skillWarning } from '../../src/train/chance.ts'
import { binaryMetrics } from '../../src/train/metrics.ts'

const z = 1.959963984540054
const counts = fc.integer({ min: 1, max: 2000 })
const areas = fc.double({ min: 0, max: 1, noNaN: true })

describe('aurocInterval', () => {
  it('has bounds A that solve |auROC − A| = z √V(A)', () => {
    fc.assert(
      fc.property(areas, counts, counts, (auroc, m, n) => {
        const { low, high } = aurocInterval(auroc, m, n)
        expect(low).toBeLessThanOrEqual(auroc)
        expect(high).toBeGreaterThanOrEqual(auroc)
        for (const a of [low, high]) {
          const spread = 1 + ((m + n) / 2 - 1) * ((1 - a) / (2 - a) + a / (1 + a))
          expect(Math.abs(auroc - a)).toBeCloseTo(z * Math.sqrt((a * (1 - a) * spread) / (m * n)), 6)
        }
      }),
      { seed: 1, numRuns: 200 },
    )
  })

  it('is that of 1 − auROC turned round', () => {
    fc.assert(
      fc.property(areas, counts, counts, (auroc, m, n) => {
        const [one, other] = [aurocInterval(auroc, m, n), aurocInterval(1 - auroc, m, n)]
        expect(other.low).toBeCloseTo(1 - one.high, 9)
        expect(other.high).toBeCloseTo(1 - one.low, 9)
      }),
      { seed: 1, numRuns: 200 },
    )
  })

  it('includes 0.5 just where the Mann–Whitney test, normal and without ties, does not reject chance', () => {
    fc.assert(
      fc.property(areas, counts, counts, (auroc, m, n) => {
        const statistic = Math.abs(auroc - 0.5) / Math.sqrt((m + n + 1) / (12 * m * n))
        fc.pre(Math.abs(statistic - z) > 1e-9)
        expect(measureSkill({ auroc, positives: m, negatives: n })!.skill === 'chance').toBe(statistic < z)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  // Hanley and McNeil (1982) give 0.0295 for an area of 0.85 from 50 and 50 cases at most; the score interval is near.
  it.each([
    // [auROC, positives, negatives, low, high], bounds of one positive and one negative solve a quadratic in A.
    [0, 1, 1, 0, (z * z) / (1 + z * z)],
    [1, 1, 1, 1 / (1 + z * z), 1],
  ])('is known for auROC %d of one positive and one negative', (auroc, m, n, low, high) => {
    const interval = aurocInterval(auroc, m, n)
    expect(interval.low).toBeCloseTo(low, 12)
    expect(interval.high).toBeCloseTo(high, 12)
  })

  it.each([
    [0, 30, 30],
    [0.8, 20, 60],
    [1.5, 200, 200],
    [2.5, 15, 15],
  ])('holds the area of normal scores %d apart, %d against %d, in 93 to 98.5 % of draws', (apart, m, n) => {
    const truth = normalCumulative(apart / Math.SQRT2)
    const random = new Random(5, 'coverage', m)
    const labels = Float32Array.from({ length: m + n }, (_, i) => Number(i < m))
    let held = 0
    const draws = 1500
    for (let draw = 0; draw < draws; draw++) {
      const scores = labels.map((label) => random.normal() + label * apart)
      const { low, high } = aurocInterval(binaryMetrics(scores, labels).auroc!, m, n)
      if (low <= truth && truth <= high) held++
    }
    expect(held / draws).toBeGreaterThan(0.93)
    expect(held / draws).toBeLessThan(0.985)
  })
})

/** By Simpson's rule. */
function normalCumulative(x: number): number {
  const steps = 1000
  let sum = 0
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2
    sum += weight * Math.exp(-(((x * i) / steps) ** 2) / 2)
  }
  return 0.5 + ((x / steps / 3) * sum) / Math.sqrt(2 * Math.PI)
}

describe('skillOf', () => {
  const entry = (split: string, auroc: number | null) => ({ split, auroc, positives: 100, negatives: 100 })

  it('takes the test split where it can be measured, else the validation split, never the training split', () => {
    expect(skillOf([entry('train', 0.9), entry('valid', 0.8), entry('test', 0.5)])).toMatchObject({
      split: 'test',
      skill: 'chance',
    })
    expect(skillOf([entry('train', 0.9), entry('valid', 0.8), entry('test', null)])).toMatchObject({
      split: 'valid',
      skill: 'better',
    })
    expect(skillOf([entry('train', 0.9)])).toBeUndefined()
  })

  it('is told of what is at chance or below, with split, auROC and interval', () => {
    const told = (auroc: number) => skillWarning(skillOf([entry('test', auroc)])!)
    expect(told(0.7)).toBeUndefined()
    expect(told(0.52)).toMatch(
      /^has learnt nothing that shows \(test auROC 0\.520, 95 % confidence interval 0\.44\d to 0\.59\d, which includes 0\.5\)/,
    )
    expect(told(0.3)).toMatch(/^scores negatives above positives \(test auROC 0\.300/)
  })
})
