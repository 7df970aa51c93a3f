/** Likeness of motifs: its identities in closed form, and what chance makes of equal and of different motifs. */
import { expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { likenessOf, reverseSites, type SiteCounts } from '../../src/motif/likeness.ts'

const uniform = [0.25, 0.25, 0.25, 0.25]
const options = { overlap: 6, reverseComplements: true }

/** Sites of a consensus, each base kept with this probability. */
function sites(consensus: string, nsites: number, fidelity: number, random: Random): SiteCounts {
  const counts = Array.from(consensus, () => [0, 0, 0, 0])
  for (let i = 0; i < nsites; i++) {
    for (const [column, letter] of Array.from(consensus).entries()) {
      const isDrawn = letter === 'N' || random.uniform() > fidelity
      counts[column]![isDrawn ? random.below(4) : 'ACGT'.indexOf(letter)]!++
    }
  }
  return { counts, nsites }
}

const random = new Random(3, 'likeness.test')

it('finds strand and shift, and nothing lost between two samples of one motif', () => {
  const a = sites('NNNTGATTACANNN', 300, 0.9, random)
  const b = sites('NNNNNTGATTACANNN', 80, 0.9, random)
  const forward = likenessOf(a, b, uniform, options)
  expect(forward).toMatchObject({ strand: '+', shift: -2 })
  expect(forward.loss).toBeLessThan(0.03)
  const backward = likenessOf(a, reverseSites(b), uniform, options)
  expect(backward).toMatchObject({ strand: '-', shift: -2 })
  expect(backward.loss).toBeCloseTo(forward.loss, 12)
  expect(
    likenessOf(a, reverseSites(b), uniform, { ...options, reverseComplements: false }).loss,
  ).toBeGreaterThan(0.2)
})

it('loses one bit of two in a column that differs, and a sixth of two E-boxes', () => {
  const a = sites('CACGTG', 100_000, 1, random)
  const b = sites('CAGCTG', 100_000, 1, random)
  const { loss, worst, shared } = likenessOf(a, b, uniform, options)
  expect(worst).toBeCloseTo(1, 3)
  expect(loss).toBeCloseTo(2 / 12, 3)
  expect(shared).toBeCloseTo(10, 2)
})

it('is the same whichever of the two comes first', () => {
  const a = sites('NNAGATAAGNN', 90, 0.8, random)
  const b = sites('NAGATTAGNN', 40, 0.9, random)
  const [one, other] = [likenessOf(a, b, uniform, options), likenessOf(b, a, uniform, options)]
  expect(one.loss).toBeCloseTo(other.loss, 12)
  expect(one.shared).toBeCloseTo(other.shared, 12)
})

it('sees nothing shared in sequences that have nothing', () => {
  const shared = Array.from({ length: 30 }, () =>
    likenessOf(sites('N'.repeat(20), 20, 1, random), sites('N'.repeat(20), 20, 1, random), uniform, {
      ...options,
      overlap: 14,
    }),
  ).map((likeness) => likeness.shared)
  expect(Math.max(...shared)).toBeLessThan(4)
})
