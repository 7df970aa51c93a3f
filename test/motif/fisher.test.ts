/** Fisher's exact test against SciPy's values and the hypergeometric distribution's closed forms. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fisherUpperTail } from '../../src/motif/fisher.ts'

/** scipy.stats.fisher_exact([[a, n − a], [b, m − b]], alternative='greater') of SciPy 1.17. */
const reference = [
  [3, 4, 1, 4, 0.24285714285714283],
  [8, 10, 2, 12, 0.004780049671690539],
  [500, 1000, 20, 1000, 8.173947777551308e-156],
  [0, 5, 3, 7, 1],
  [5, 5, 0, 5, 0.003968253968253969],
  [30, 100, 30, 100, 0.5612693524872567],
  [10, 100, 40, 100, 0.9999999026156627],
  [900, 9823, 100, 9721, 1.7504523767257088e-167],
] as const

describe('fisherUpperTail', () => {
  it.each(reference)('gives SciPy’s p for %d of %d against %d of %d', (a, n, b, m, p) => {
    expect(fisherUpperTail(a, n, b, m) / p).toBeCloseTo(1, 8)
  })

  it('is 0 where no number is small enough', () => {
    expect(fisherUpperTail(5000, 9823, 100, 9721)).toBe(0)
  })

  it('is one over the number of choices where all of one class, and none of the other, have it', () => {
    // C(20, 10) = 184,756
    expect(fisherUpperTail(10, 10, 0, 10) * 184_756).toBeCloseTo(1, 10)
  })

  it('is a tail: with the other class’s, less the term that both hold, it sums to one', () => {
    const choose = (n: number, k: number): number => {
      let product = 1
      for (let i = 1; i <= k; i++) product *= (n - k + i) / i
      return product
    }
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), fc.nat(30), fc.nat(30), (a, more, b, others) => {
        const [n, m] = [a + more, b + others]
        const term = (choose(n, a) * choose(m, b)) / choose(n + m, a + b)
        expect(fisherUpperTail(a, n, b, m) + fisherUpperTail(b, m, a, n) - term).toBeCloseTo(1, 9)
      }),
      { seed: 7, numRuns: 300 },
    )
  })
})
