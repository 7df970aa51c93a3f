/** Random problems for property tests: an input, a function of it, a threshold. */
import fc from 'fast-check'
import { Random } from '../../src/base/random.ts'
import { sequenceInput } from '../../src/sis/sequenceInput.ts'
import type { MaskableInput, SisCollection } from '../../src/sis/types.ts'
import { toyInput, type ToyFunction } from './toyPredictors.ts'

export interface Problem {
  input: MaskableInput
  f: ToyFunction
  threshold: number
  hidden: number[]
  maxSis: number
  batchSize: number
}

/** Any function of which features are present, its values few. */
export const tableProblem: fc.Arbitrary<Problem> = fc.integer({ min: 1, max: 5 }).chain((p) =>
  fc.record({
    input: fc.constant(toyInput(Array.from({ length: p }, () => 1))),
    f: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2 ** p, maxLength: 2 ** p }).map(
      (table): ToyFunction =>
        (cells) =>
          table[cells.reduce((bits, cell) => 2 * bits + cell, 0)]!,
    ),
    threshold: fc.integer({ min: 0, max: 4 }),
    hidden: fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: p, maxLength: p }),
    maxSis: fc.constantFrom(1, 2, Infinity),
    batchSize: fc.integer({ min: 1, max: 9 }),
  }),
)

/** One hidden layer with weights of small integers and halves, so that scores are exact; codes 4 and 5 count too. */
export const networkProblem: fc.Arbitrary<Problem> = fc
  .record({
    length: fc.integer({ min: 1, max: 9 }),
    units: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(),
    maxSis: fc.constantFrom(1, 3, Infinity),
    batchSize: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ length, units, seed, maxSis, batchSize }) => {
    const random = new Random(seed, 'toy network')
    const weights = Float32Array.from({ length: length * 6 * units }, () => random.below(9) / 2 - 2)
    const codes = Uint8Array.from({ length }, () => [0, 1, 2, 3, 5][random.below(5)]!)
    const f: ToyFunction = (cells) => {
      let score = 0
      for (let unit = 0; unit < units; unit++) {
        let z = 0
        for (const [i, code] of cells.entries()) z += weights[(i * 6 + code) * units + unit]!
        score += unit % 2 === 0 ? Math.max(0, z) : -Math.max(0, z)
      }
      return score
    }
    const threshold = f([...codes]) - random.below(4)
    return { input: sequenceInput('toy', codes), f, threshold, hidden: [...codes].fill(0), maxSis, batchSize }
  })

export const problems = fc.oneof(tableProblem, networkProblem)

/** f with only these features kept. */
export function scoreOf({ input, f }: Problem, kept: ReadonlySet<number>): number {
  return f(Array.from(input.cells, (cell, i) => (kept.has(i) ? cell : input.maskedCells[i]!)))
}

export function without(kept: ReadonlySet<number>, ...dropped: readonly number[]): Set<number> {
  const rest = new Set(kept)
  for (const feature of dropped) rest.delete(feature)
  return rest
}

export function startOf({ hidden }: Problem): Set<number> {
  return new Set(hidden.flatMap((one, feature) => (one === 1 ? [] : [feature])))
}

export function setsOf({ subsets }: SisCollection): number[][] {
  return subsets.map(({ features }) => [...features])
}
