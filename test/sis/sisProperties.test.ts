/**
 * What holds for every predictor, over random ones: tables with few different values (ties everywhere, everything
 * masked often sufficient) and small networks over bases. The oracle is the paper's algorithm written a second time.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { masked } from '../../src/sequence/alphabet.ts'
import type { Decision } from '../../src/sis/decision.ts'
import { createScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import { sisCollection } from '../../src/sis/sisCollection.ts'
import type { MaskableInput } from '../../src/sis/types.ts'
import { toyPredictor } from './toyPredictors.ts'
import {
  networkProblem,
  problems,
  scoreOf,
  setsOf,
  startOf,
  tableProblem,
  without,
  type Problem,
} from './toyProblems.ts'

async function collect(problem: Problem, direction: Decision['direction'] = '>=') {
  const sign = direction === '>=' ? 1 : -1
  const { input, f, threshold, hidden, maxSis, batchSize } = problem
  const predictor = toyPredictor(input.cells.length, (cells) => sign * f(cells), batchSize)
  const collection = await sisCollection(input, {
    scorer: createScoreQueue({ predictor, output: 0 }),
    decision: { output: 0, direction, threshold: sign * threshold },
    present: Uint8Array.from(hidden, (one) => 1 - one),
    maxSis,
  })
  return { collection, rows: predictor.rows() }
}

/** The paper's three procedures, plainly. */
function oracle(problem: Problem): { sets: number[][]; evaluations: number } {
  const { threshold, maxSis } = problem
  const sets: number[][] = []
  let present = startOf(problem)
  let evaluations = 1
  while (scoreOf(problem, present) >= threshold) {
    const order: { feature: number; left: Set<number> }[] = []
    for (let left = present; left.size > 0;) {
      const scores = [...left].map((feature) => scoreOf(problem, without(left, feature)))
      evaluations += scores.length
      const feature = [...left][scores.indexOf(Math.max(...scores))]!
      left = without(left, feature)
      order.push({ feature, left })
    }
    const kept = [...order.map(({ left }) => left).reverse(), present]
    const set = kept.find((subset) => scoreOf(problem, subset) >= threshold)!
    sets.push([...set])
    if (set.size === 0 || set.size === present.size || sets.length === maxSis) break
    present = without(present, ...set)
    evaluations++
  }
  return { sets, evaluations }
}

describe('any SIS-collection', () => {
  it('is what the paper’s algorithm gives, in as many evaluations', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { collection } = await collect(problem)
        const expected = oracle(problem)
        expect(setsOf(collection)).toEqual(expected.sets)
        expect(collection.evaluations).toBe(expected.evaluations)
      }),
      { numRuns: 200 },
    )
  })

  it('is sufficient, 1-minimal, disjoint, and leaves a residual below τ', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { threshold, maxSis } = problem
        const { collection } = await collect(problem)
        let left: ReadonlySet<number> = startOf(problem)
        expect(collection.scoreFull).toBe(scoreOf(problem, left))
        expect(collection.subsets.length > 0).toBe(collection.scoreFull >= threshold)

        for (const [
          i,
          { rank, features, certificate, vacuous, recomputed },
        ] of collection.subsets.entries()) {
          const members = new Set(features)
          expect(rank).toBe(i)
          expect([...features]).toEqual([...members].toSorted((a, b) => a - b))
          for (const member of members) {
            expect(left.has(member)).toBe(true)
            expect(scoreOf(problem, without(members, member))).toBeLessThan(threshold)
          }
          left = without(left, ...members)
          expect(certificate).toEqual({
            scoreFull: collection.scoreFull,
            scoreSis: scoreOf(problem, members),
            scoreResidual: scoreOf(problem, left),
            scoreMasked: scoreOf(problem, new Set()),
            minimal: true,
            certified: true,
          })
          expect(certificate.scoreSis).toBeGreaterThanOrEqual(threshold)
          expect(vacuous).toBe(certificate.scoreMasked >= threshold)
          expect(recomputed).toBe(false)
        }
        const last = collection.subsets.at(-1)
        if (last !== undefined && !last.vacuous && collection.subsets.length < maxSis) {
          expect(last.certificate.scoreResidual).toBeLessThan(threshold)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('asks the predictor for its evaluations and its certificates, no more', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const { collection, rows } = await collect(problem)
        let present = startOf(problem).size
        let orderings = 0
        let certificates = 0
        for (const { features } of collection.subsets) {
          orderings += (present * (present + 1)) / 2
          certificates += 4 + features.length
          present -= features.length
        }
        expect(rows).toBe(1 + orderings + certificates)
        const residuals = collection.evaluations - 1 - orderings
        const rounds = collection.subsets.length
        expect([rounds - 1, rounds]).toContain(residuals)
      }),
    )
  })

  it('of a low score is that of the negated high score', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const high = (await collect(problem)).collection
        const low = (await collect(problem, '<=')).collection
        expect(setsOf(low)).toEqual(setsOf(high))
        expect(low.evaluations).toBe(high.evaluations)
        for (const [rank, { certificate }] of low.subsets.entries()) {
          const { scoreSis, scoreResidual } = high.subsets[rank]!.certificate
          expect(certificate.scoreSis + scoreSis).toBe(0)
          expect(certificate.scoreResidual + scoreResidual).toBe(0)
        }
      }),
    )
  })

  it('does not depend on the batch size', async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.integer({ min: 1, max: 50 }), async (problem, batchSize) => {
        const [one, other] = [await collect(problem), await collect({ ...problem, batchSize })]
        expect(other).toEqual(one)
      }),
    )
  })

  it('with a limit is the beginning of the collection without', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const all = (await collect({ ...problem, maxSis: Infinity })).collection
        const some = (await collect({ ...problem, maxSis: 2 })).collection
        expect(some.subsets).toEqual(all.subsets.slice(0, 2))
      }),
    )
  })

  it('is that of the input with the hidden features masked in its cells, apart from their order among ties', async () => {
    await fc.assert(
      fc.asyncProperty(tableProblem, async (problem) => {
        const hidden = (await collect(problem)).collection
        const cells = problem.input.cells.map((cell, i) =>
          problem.hidden[i] === 1 ? 0 : cell,
        ) as Float64Array
        const features = [...startOf(problem)].map((cell) => [cell])
        const input: MaskableInput = { ...problem.input, cells, features }
        const noneHidden = features.map(() => 0)
        const { collection } = await collect({ ...problem, input, hidden: noneHidden })
        const sets = setsOf(collection).map((set) => set.map((feature) => features[feature]![0]))
        expect(sets).toEqual(setsOf(hidden))
        expect(collection.evaluations).toBe(hidden.evaluations)
      }),
    )
  })

  it('never changes the input', async () => {
    await fc.assert(
      fc.asyncProperty(networkProblem, async (problem) => {
        const before = problem.input.cells.slice()
        await collect(problem)
        expect(problem.input.cells).toEqual(before)
        expect(problem.input.maskedCells.every((cell) => cell === masked)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })
})
