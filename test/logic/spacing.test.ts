/** Spacing tests on pairs whose distances are drawn from a known law, and their distributions in closed form. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { binomialTail, helicalTurn, normalTail, spacingOf, type SitePair } from '../../src/logic/spacing.ts'

const length = 200
const widths = [8, 6] as const

function pairAt(gap: number, random: Random): SitePair {
  const first = random.below(length - gap - widths[0] - widths[1] + 1)
  // Either motif may come first.
  return random.uniform() < 0.5
    ? { starts: [first, first + widths[0] + gap], gap }
    : { starts: [first + widths[1] + gap, first], gap }
}

/** Two sites anywhere, but not on each other. */
function anywhere(random: Random): SitePair {
  for (;;) {
    const [a, b] = [random.below(length - widths[0] + 1), random.below(length - widths[1] + 1)]
    const gap = a < b ? b - a - widths[0] : a - b - widths[1]
    if (gap >= 0) return { starts: [a, b], gap }
  }
}

const drawn = (n: number, draw: (random: Random) => SitePair, seed = 1): SitePair[] => {
  const random = new Random(seed, 'spacing.test')
  return Array.from({ length: n }, () => draw(random))
}

describe('spacingOf', () => {
  it('finds the one distance that all pairs have', () => {
    const { kind, preferred, median } = spacingOf(
      drawn(80, (random) => pairAt(10, random)),
      widths,
      length,
    )
    expect({ kind, median, gap: preferred[0]!.gap, observed: preferred[0]!.observed }).toEqual({
      kind: 'fixed',
      median: 10,
      gap: 10,
      observed: 80,
    })
    expect(preferred[0]!.pValue).toBeLessThan(1e-50)
  })

  it('finds a distance that a quarter of the pairs prefer', () => {
    const { kind, preferred } = spacingOf(
      drawn(120, (random) => (random.uniform() < 0.25 ? pairAt(4, random) : anywhere(random))),
      widths,
      length,
    )
    expect(kind).toBe('preferred')
    expect(preferred.map(({ gap }) => gap)).toEqual([4])
  })

  it('finds distances that repeat with the helical turn', () => {
    const { kind, periodPValue } = spacingOf(
      drawn(300, (random) =>
        pairAt(Math.round(helicalTurn * (1 + random.below(12))) + random.below(3), random),
      ),
      widths,
      length,
    )
    expect(periodPValue).toBeLessThan(1e-10)
    expect(['periodic', 'preferred']).toContain(kind)
  })

  it('finds pairs that lie closer than by chance', () => {
    const { kind, closePValue } = spacingOf(
      drawn(60, (random) => pairAt(random.below(60), random)),
      widths,
      length,
    )
    expect(closePValue).toBeLessThan(1e-4)
    expect(kind).toBe('close')
  })

  it('finds nothing in sites placed at random, at its level', () => {
    const kinds = Array.from(
      { length: 100 },
      (_, seed) => spacingOf(drawn(60, anywhere, seed), widths, length).kind,
    )
    expect(kinds.filter((kind) => kind !== 'free').length).toBeLessThanOrEqual(4)
  })

  it('does not take two motifs that both keep to the middle for a pair that keeps close', () => {
    const middle = (random: Random): number => 80 + random.below(40)
    const kinds = Array.from({ length: 20 }, (_, seed) => {
      const pairs = drawn(
        100,
        (random) => {
          for (;;) {
            const [a, b] = [middle(random), middle(random)]
            const gap = a < b ? b - a - widths[0] : a - b - widths[1]
            if (gap >= 0) return { starts: [a, b], gap }
          }
        },
        seed,
      )
      return spacingOf(pairs, widths, length).kind
    })
    expect(kinds.filter((kind) => kind !== 'free').length).toBeLessThanOrEqual(2)
  })

  it('expects as many pairs at a distance as there are places for it', () => {
    const pairs: SitePair[] = [
      { starts: [0, 8], gap: 0 },
      { starts: [0, 9], gap: 1 },
    ]
    const { distances } = spacingOf(pairs, [8, 6], 16)
    // 3 places at gap 0, 2 at gap 1, 1 at gap 2.
    expect(distances.map(({ gap, observed, expected }) => [gap, observed, expected])).toEqual([
      [0, 1, 2 * (3 / 6)],
      [1, 1, 2 * (2 / 6)],
    ])
  })

  it('takes a single pair, and sites that overlap or reach beyond the sequence', () => {
    expect(spacingOf([{ starts: [3, 40], gap: 29 }], widths, length).kind).toBe('free')
    expect(spacingOf([{ starts: [-2, 3], gap: -3 }], widths, length).distances).toHaveLength(1)
  })
})

describe('tails', () => {
  it('of a binomial variable are exact', () => {
    expect(binomialTail(0, 5, 0.3)).toBe(1)
    expect(binomialTail(5, 5, 0.3)).toBeCloseTo(0.3 ** 5, 15)
    expect(binomialTail(1, 5, 0.3)).toBeCloseTo(1 - 0.7 ** 5, 14)
    expect(binomialTail(3, 5, 0.5)).toBeCloseTo(0.5, 14)
    // Two of 1,000 and three, to first order in p.
    expect(binomialTail(2, 1000, 1e-9) / (499500e-18 * (1 - 998e-9) + 166167000e-27)).toBeCloseTo(1, 9)
  })

  it('of a normal variable agree with its tables', () => {
    expect(normalTail(0)).toBe(0.5)
    expect(normalTail(1.959963984540054)).toBeCloseTo(0.025, 12)
    expect(normalTail(-1)).toBeCloseTo(0.8413447460685429, 12)
    expect(normalTail(6) / 9.865876450376946e-10).toBeCloseTo(1, 9)
  })
})
