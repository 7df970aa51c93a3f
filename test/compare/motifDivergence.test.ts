/** The alignment score of a rationale and a known motif, against its definition written out. */
import { describe, expect, it } from 'vitest'
import { divergenceMotif, motifDivergence, reverseMotif } from '../../src/compare/motifDivergence.ts'
import { Random } from '../../src/base/random.ts'

const sure = (base: number): number[] => [0, 1, 2, 3].map((other) => (other === base ? 1 : 0))
const floor = 1e-6 / (1 + 3e-6)
const top = 1 / (1 + 3e-6)

describe('motifDivergence', () => {
  it('is nearly nothing where the motif is kept and nothing else, of a motif that is sure', () => {
    const motif = divergenceMotif([sure(0), sure(2)])
    // AG is kept: each base is what the motif says; all else is even on both sides.
    expect(motifDivergence(Uint8Array.of(3, 0, 2, 3), [1, 2], motif)).toBeCloseTo(-2 * Math.log(top), 12)
  })

  it('counts ln 4 for each base kept beside the motif, and what a masked base in it leaves open', () => {
    const motif = divergenceMotif([sure(0), sure(2)])
    const open = 0.25 * (3 * Math.log(0.25 / floor) + Math.log(0.25 / top))
    // A is kept at 1, and T at 3 beside the motif; G at 2 is masked.
    expect(motifDivergence(Uint8Array.of(3, 0, 2, 3), [1, 3], motif)).toBeCloseTo(
      -Math.log(top) + open + Math.log(4),
      9,
    )
  })

  it('takes the first of equal places, and says nothing of a motif longer than the sequence', () => {
    const motif = divergenceMotif([
      [0.7, 0.1, 0.1, 0.1],
      [0.4, 0.2, 0.2, 0.2],
    ])
    const none = 0.25 * (Math.log(0.25 / 0.7) + 3 * Math.log(0.25 / 0.1))
    const second = 0.25 * (Math.log(0.25 / 0.4) + 3 * Math.log(0.25 / 0.2))
    expect(motifDivergence(Uint8Array.of(0, 0, 0), [], motif)).toBeCloseTo(none + second, 12)
    expect(motifDivergence(Uint8Array.of(0), [0], motif)).toBeUndefined()
  })

  it('agrees with the definition over whole matrices, on both strands', () => {
    const random = new Random(3, 'divergence')
    for (let trial = 0; trial < 50; trial++) {
      const length = 6 + random.below(20)
      const codes = Uint8Array.from({ length }, () => random.below(4))
      const kept = [...codes.keys()].filter(() => random.uniform() < 0.4)
      const ppm = Array.from({ length: 1 + random.below(6) }, () => {
        const row = Array.from({ length: 4 }, () => (random.uniform() < 0.2 ? 0 : random.uniform() + 0.01))
        const sum = row.reduce((total, p) => total + p, 0)
        return sum === 0 ? [0.25, 0.25, 0.25, 0.25] : row.map((p) => p / sum)
      })
      const motif = divergenceMotif(ppm)
      expect(motifDivergence(codes, kept, motif)).toBeCloseTo(definition(codes, kept, ppm), 8)
      const turned = ppm.toReversed().map((row) => row.toReversed())
      expect(motifDivergence(codes, kept, reverseMotif(motif))).toBeCloseTo(
        definition(codes, kept, turned),
        8,
      )
    }
  })
})

function definition(codes: Uint8Array, kept: readonly number[], ppm: readonly (readonly number[])[]): number {
  const rationale = [...codes].map((code, at) => (kept.includes(at) ? sure(code) : [0.25, 0.25, 0.25, 0.25]))
  const motif = ppm.map((row) => {
    const raised = row.map((p) => (p === 0 ? 1e-6 : p))
    const sum = raised.reduce((total, p) => total + p, 0)
    return raised.map((p) => p / sum)
  })
  const product = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, p, i) => sum + p * b[i]!, 0)
  let [best, start] = [-Infinity, 0]
  for (let s = 0; s + motif.length <= rationale.length; s++) {
    const sum = motif.reduce((total, row, i) => total + Math.log2(product(rationale[s + i]!, row)), 0)
    if (sum > best + 1e-12) [best, start] = [sum, s]
  }
  const padded = rationale.map((_, at) => motif[at - start] ?? [0.25, 0.25, 0.25, 0.25])
  let divergence = 0
  for (const [at, row] of rationale.entries()) {
    for (const [base, p] of row.entries()) {
      if (p > 0) divergence += p * Math.log(p / padded[at]![base]!)
    }
  }
  return divergence
}
