/** Intervals of shares: closed forms at the ends, the tails that define them in between, published figures. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shareInterval } from '../../src/completion/shareInterval.ts'
import '../propertySeeds.ts'

describe('the interval of a share', () => {
  it('has closed forms where none or all held', () => {
    for (const n of [1, 10, 100, 1000]) {
      expect(shareInterval(0, n).low).toBe(0)
      expect(shareInterval(0, n).high).toBeCloseTo(1 - 0.025 ** (1 / n), 10)
      expect(shareInterval(n, n).high).toBe(1)
      expect(shareInterval(n, n).low).toBeCloseTo(0.025 ** (1 / n), 10)
    }
  })

  it('is that of scipy.stats.binomtest(k, n).proportion_ci()', () => {
    for (const [held, trials, low, high] of published) {
      const interval = shareInterval(held, trials)
      expect(interval.low).toBeCloseTo(low, 8)
      expect(interval.high).toBeCloseTo(high, 8)
    }
  })

  it('turns round with the question, holds the share, and narrows with trials', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
        const held = Math.round(part * n)
        const { low, high } = shareInterval(held, n)
        expect(low).toBeLessThanOrEqual(held / n)
        expect(high).toBeGreaterThanOrEqual(held / n)
        const turned = shareInterval(n - held, n)
        expect(turned.low).toBeCloseTo(1 - high, 9)
        expect(turned.high).toBeCloseTo(1 - low, 9)
        const more = shareInterval(10 * held, 10 * n)
        expect(more.high - more.low).toBeLessThan(high - low)
      }),
      { numRuns: 50 },
    )
  })

  it('is of counts that can be', () => {
    expect(() => shareInterval(3, 2)).toThrow('3 of 2 is no share')
    expect(() => shareInterval(0, 0)).toThrow('0 of 0 is no share')
  })
})

/** held, trials, low, high: scipy 1, method exact. */
const published = [
  [1, 10, 0.0025285785444625728, 0.44501611702819543],
  [7, 20, 0.1539092047845412, 0.5921885345328283],
  [50, 100, 0.39832112950330095, 0.6016788704966991],
  [93, 100, 0.8610802715441336, 0.9713947110925814],
  [999, 1000, 0.9944410757201502, 0.9999746825125083],
  [4321, 10000, 0.42236192408210005, 0.4418776428108709],
] as const
