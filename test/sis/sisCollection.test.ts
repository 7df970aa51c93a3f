import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import { createReferenceSelector } from '../../src/sis/backwardSelect.ts'
import { createScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import { sequenceInput } from '../../src/sis/sequenceInput.ts'
import { sisCollection, type SisCollectionOptions } from '../../src/sis/sisCollection.ts'
import type { BackwardSelector, MaskableInput, SisCollection } from '../../src/sis/types.ts'
import { atLeast, atMost, sum, toyInput, toyPredictor, toyQueue, type ToyFunction } from './toyPredictors.ts'

async function collect(
  input: MaskableInput,
  f: ToyFunction,
  options: Omit<SisCollectionOptions, 'scorer'>,
): Promise<{ collection: SisCollection; sets: number[][]; rows: number }> {
  const predictor = toyPredictor(input.cells.length, f)
  const queue = createScoreQueue({ predictor, output: 0 })
  const collection = await sisCollection(input, { scorer: queue, ...options })
  return { collection, sets: collection.subsets.map(({ features }) => [...features]), rows: predictor.rows() }
}

/** 1 for each position where a letter of the motif stands in the sequence. */
function matches(codes: readonly number[], motif: string, at: number): number {
  return [...encodeSequence(motif)].filter((code, i) => codes[at + i] === code).length
}

function bestMatch(codes: readonly number[], motif: string): number {
  const starts = Array.from({ length: codes.length - motif.length + 1 }, (_, at) => at)
  return Math.max(...starts.map((at) => matches(codes, motif, at)))
}

function count(codes: readonly number[], motif: string): number {
  return codes.filter((_, at) => matches(codes, motif, at) === motif.length).length
}

const sequence = sequenceInput('toy', encodeSequence('TTGATAACCCCATCTGTT'))

describe('the collection, in closed form', () => {
  it('of a sum: the largest addends that reach τ, then the largest that are left', async () => {
    const { sets, collection } = await collect(toyInput([5, 1, 4, 2, 3]), sum, { decision: atLeast(6) })
    expect(sets).toEqual([
      [0, 2],
      [1, 3, 4],
    ])
    expect(collection).toMatchObject({ name: 'toy', scoreFull: 15 })
    expect(collection.subsets[1]!.certificate).toMatchObject({
      scoreFull: 15,
      scoreSis: 6,
      scoreResidual: 0,
      scoreMasked: 0,
    })
  })

  it('of a maximum: each cell that reaches τ alone, highest first', async () => {
    const max: ToyFunction = (cells) => Math.max(...cells)
    const { sets } = await collect(toyInput([5, 1, 9, 6, 3]), max, { decision: atLeast(5) })
    expect(sets).toEqual([[2], [3], [0]])
  })

  it('of a motif: its bases', async () => {
    const { sets, collection } = await collect(sequence, (codes) => bestMatch(codes, 'GATAA') / 5, {
      decision: atLeast(1),
    })
    expect(sets).toEqual([[2, 3, 4, 5, 6]])
    expect(collection.subsets[0]!.certificate.scoreResidual).toBeLessThan(1)
  })

  it('of motif A and motif B: the bases of both', async () => {
    const both: ToyFunction = (codes) =>
      Math.min(bestMatch(codes, 'GATAA') / 5, bestMatch(codes, 'CATCTG') / 6)
    const { sets } = await collect(sequence, both, { decision: atLeast(1) })
    expect(sets).toEqual([[2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15]])
  })

  it('of motif A or motif B: one SIS each', async () => {
    const either: ToyFunction = (codes) =>
      Math.max(bestMatch(codes, 'GATAA') / 5, bestMatch(codes, 'CATCTG') / 6)
    const { sets } = await collect(sequence, either, { decision: atLeast(1) })
    expect(sets.toSorted((a, b) => a[0]! - b[0]!)).toEqual([
      [2, 3, 4, 5, 6],
      [10, 11, 12, 13, 14, 15],
    ])
  })

  it('of at least two sites: any two of the four, twice', async () => {
    const sites = sequenceInput('sites', encodeSequence('CACTTCACTTCACTTCAC'))
    const { sets } = await collect(sites, (codes) => count(codes, 'CAC'), { decision: atLeast(2) })
    expect(sets.length).toBe(2)
    expect(sets.flat().toSorted((a, b) => a - b)).toEqual([0, 1, 2, 5, 6, 7, 10, 11, 12, 15, 16, 17])
    for (const set of sets) expect(set.length).toBe(6)
  })

  it('of an exclusive or: none where both cells are on, the one that is on otherwise', async () => {
    const xor: ToyFunction = ([a, b]) => (a === b ? 0 : 1)
    expect((await collect(toyInput([1, 1, 7]), xor, { decision: atLeast(1) })).sets).toEqual([])
    expect((await collect(toyInput([0, 1, 7]), xor, { decision: atLeast(1) })).sets).toEqual([[1]])
  })

  it('of features that mask several cells: feature indexes', async () => {
    const grouped = {
      ...toyInput([10, 5, 9, 2, 3, 1]),
      features: [
        [0, 1, 2],
        [3, 4, 5],
      ],
    }
    expect((await collect(grouped, sum, { decision: atLeast(5) })).sets).toEqual([[0], [1]])
  })

  it('is empty where f(x) does not give the decision, after one evaluation', async () => {
    const { collection, rows } = await collect(toyInput([1, 2]), sum, { decision: atLeast(4) })
    expect(collection).toEqual({
      name: 'toy',
      scoreFull: 3,
      selection: 'exact',
      subsets: [],
      evaluations: 1,
    })
    expect(rows).toBe(1)
  })

  it('explains low scores with their own sign', async () => {
    const input = toyInput([-5, 1, -4, 2, -3])
    const { sets, collection } = await collect(input, sum, { decision: atMost(-6) })
    expect(sets).toEqual([[0, 2]])
    expect(collection.scoreFull).toBe(-9)
    expect(collection.subsets[0]!.certificate).toMatchObject({ scoreSis: -9, scoreResidual: 0 })
  })

  it('treats an unknown base as a feature: masked, it becomes the background', async () => {
    const { sets } = await collect(
      sequenceInput('unknown', encodeSequence('ANC')),
      (codes) => codes.filter((code) => code === 5).length,
      { decision: atLeast(1) },
    )
    expect(sets).toEqual([[1]])
  })
})

describe('evaluations', () => {
  const five = toyInput([5, 1, 4, 2, 3])

  it('are 1 + p(p+1)/2 for the first SIS', async () => {
    const { collection, rows } = await collect(five, sum, { decision: atLeast(6), maxSis: 1 })
    expect(collection.evaluations).toBe(1 + 15)
    expect(rows).toBe(1 + 15 + (4 + 2))
  })

  it('are one more for a residual, unless the SIS was all that was present', async () => {
    const { collection, rows } = await collect(five, sum, { decision: atLeast(6) })
    // Two subsets of 2 and 3 features; the second takes all that the first left.
    expect(collection.evaluations).toBe(1 + 15 + 1 + 6)
    // The residual's score is one of the certificate's.
    expect(rows).toBe(1 + 15 + (4 + 2) + 6 + (4 + 3))
  })

  it('count the residual that ends the search', async () => {
    const { collection } = await collect(toyInput([5, 1]), sum, { decision: atLeast(5) })
    expect(collection.evaluations).toBe(1 + 3 + 1)
  })
})

describe('the faults of the reference implementation, corrected', () => {
  it('f(all masked) ≥ τ: the empty SIS, marked vacuous, and no other', async () => {
    // The reference would return the insufficient {0, 1}: its walk goes on past the last score.
    const dip: ToyFunction = (cells) => (cells.filter((cell) => cell === 0).length % 3 === 0 ? 1 : 0)
    const { collection, rows } = await collect(toyInput([1, 1, 1]), dip, { decision: atLeast(1) })
    expect(collection.subsets).toEqual([
      {
        rank: 0,
        features: new Int32Array(0),
        certificate: {
          scoreFull: 1,
          scoreSis: 1,
          scoreResidual: 1,
          scoreMasked: 1,
          minimal: true,
          certified: true,
        },
        vacuous: true,
        recomputed: false,
      },
    ])
    expect(collection.evaluations).toBe(1 + 6)
    expect(rows).toBe(1 + 6 + 4)
  })

  it('a constant predictor explains nothing', async () => {
    const { collection } = await collect(toyInput([1, 2]), () => 0.5, { decision: atLeast(0.5) })
    expect(collection.subsets.map(({ features, vacuous }) => [features.length, vacuous])).toEqual([[0, true]])
  })

  it('what is not present counts when the starting score is tested', async () => {
    const present = Uint8Array.of(0, 1, 1)
    const { collection } = await collect(toyInput([10, 1, 2]), sum, { decision: atLeast(4), present })
    expect(collection).toMatchObject({ scoreFull: 3, subsets: [] })
  })

  it('what is not present is in no SIS and in no score', async () => {
    const present = Uint8Array.of(0, 1, 1)
    const { sets, collection } = await collect(toyInput([10, 1, 5]), sum, {
      decision: atLeast(4),
      present,
    })
    expect(sets).toEqual([[2]])
    expect(collection.subsets[0]!.certificate).toMatchObject({ scoreFull: 6, scoreSis: 5, scoreResidual: 1 })
    expect(collection.evaluations).toBe(1 + 3 + 1)
  })

  it('nothing present leaves none, or the vacuous one', async () => {
    const present = Uint8Array.of(0, 0)
    const below = await collect(toyInput([1, 2]), sum, { decision: atLeast(1), present })
    expect(below.collection.subsets).toEqual([])
    const above = await collect(toyInput([1, 2]), sum, { decision: atLeast(0), present })
    expect(above.collection.subsets.map(({ vacuous }) => vacuous)).toEqual([true])
  })
})

describe('certification', () => {
  const input = toyInput([5, 1, 4, 2, 3])

  /** Says that masking in order of index costs nothing until the last feature. */
  const liar: BackwardSelector = {
    scoredBy: 'engine',
    select(_, present) {
      const features = Int32Array.from(present.keys()).filter((feature) => present[feature] === 1)
      const scores = new Float32Array(features.length).fill(1000)
      scores[features.length - 1] = 0
      return Promise.resolve({ features, scores })
    },
  }

  /** An engine for inputs of five features that orders rightly, its scores changed. */
  function offBy(f: ToyFunction, change: (score: number) => number): BackwardSelector {
    return {
      scoredBy: 'engine',
      async select(one, present) {
        const exact = createReferenceSelector(toyQueue(5, f), '>=')
        const { features, scores } = await exact.select(one, present)
        return { features, scores: scores.map(change) }
      },
    }
  }

  it('has the reference selector recompute what another selector got wrong', async () => {
    const honest = await collect(input, sum, { decision: atLeast(6) })
    const { sets, collection } = await collect(input, sum, { decision: atLeast(6), selector: liar })
    expect(sets).toEqual(honest.sets)
    expect(collection.subsets.map(({ recomputed }) => recomputed)).toEqual([true, true])
    expect(collection.subsets.every(({ certificate }) => certificate.certified)).toBe(true)
    expect(collection.evaluations).toBe(1 + 2 * 15 + 1 + 2 * 6)
    expect(honest.collection.subsets.some(({ recomputed }) => recomputed)).toBe(false)
  })

  it('reads an ordering whose scores are off by rounding with those of the predictor', async () => {
    // τ is the score of the input itself, as a quantile often is; the first feature changes nothing.
    const flat = toyInput([0, 1, 4, 2, 3])
    const rounded = offBy(sum, (score) => score * (1 - 1e-6))
    const honest = await collect(flat, sum, { decision: atLeast(10) })
    const { sets, collection } = await collect(flat, sum, { decision: atLeast(10), selector: rounded })
    expect(sets).toEqual([[1, 2, 3, 4]])
    expect(sets).toEqual(honest.sets)
    expect(collection.subsets[0]).toMatchObject({ recomputed: false, certificate: { certified: true } })
    expect(collection.evaluations).toBe(honest.collection.evaluations)
  })

  it('does not believe an ordering whose scores are off by more than rounding, though its order is right', async () => {
    // Read with the predictor's scores it would give the same SIS; but who is off by 1 % did not compute this network.
    const flat = toyInput([0, 1, 4, 2, 3])
    const coarse = offBy(sum, (score) => score * (1 - 1e-2))
    const { sets, collection } = await collect(flat, sum, { decision: atLeast(10), selector: coarse })
    expect(sets).toEqual([[1, 2, 3, 4]])
    expect(collection.subsets[0]).toMatchObject({ recomputed: true, certificate: { certified: true } })
  })

  it('takes scores near 0 for rounded where those beside them are large', async () => {
    // As above, 10 lower: τ and the score of the input are 0, and rounding there is as coarse as for -10.
    const lower = (cells: readonly number[]) => sum(cells) - 10
    const rounded = offBy(lower, (score) => score - 1e-6)
    const flat = toyInput([0, 1, 4, 2, 3])
    const { sets, collection } = await collect(flat, lower, { decision: atLeast(0), selector: rounded })
    expect(sets).toEqual([[1, 2, 3, 4]])
    expect(collection.subsets[0]).toMatchObject({ recomputed: false, certificate: { certified: true } })
  })

  it('accepts another selector’s SIS where it is sufficient and minimal', async () => {
    const { sets, collection } = await collect(input, sum, {
      decision: atLeast(3),
      selector: liar,
      maxSis: 1,
    })
    expect(sets).toEqual([[4]])
    expect(collection.subsets[0]).toMatchObject({ recomputed: false, certificate: { certified: true } })
  })

  it('marks what not even the reference selector can have certified', async () => {
    // A predictor whose scores sink by 1 after the 16 evaluations of f(x) and the ordering.
    let evaluations = 0
    const drifting: ToyFunction = (cells) => sum(cells) - (evaluations++ < 16 ? 0 : 1)
    const { collection } = await collect(input, drifting, { decision: atLeast(9), maxSis: 1 })
    expect(collection.subsets).toMatchObject([
      { features: Int32Array.of(0, 2), recomputed: false, certificate: { scoreSis: 8, certified: false } },
    ])
  })

  it.each([
    ['masks a feature twice', [0, 1, 1, 3, 4], 'feature 1 twice'],
    ['leaves a feature out', [0, 1, 2, 3], 'left feature 4'],
  ])('rejects as a bug a selector that %s', async (_, features, message) => {
    const selector: BackwardSelector = {
      scoredBy: 'engine',
      select: () =>
        Promise.resolve({ features: Int32Array.from(features), scores: new Float32Array(features.length) }),
    }
    await expect(collect(input, sum, { decision: atLeast(6), selector })).rejects.toThrow(message)
  })
})

describe('bad input', () => {
  it('of another width names the sequence', async () => {
    const queue = createScoreQueue({ predictor: toyPredictor(3, sum), output: 0 })
    const collecting = sisCollection(toyInput([1, 2], 'chr1:5-7'), { scorer: queue, decision: atLeast(1) })
    await expect(collecting).rejects.toThrow(DataError)
    await expect(collecting).rejects.toThrow("sequence 'chr1:5-7': has 2 cells where the model reads 3")
  })

  it('of NaN scores names the sequence', async () => {
    const broken: ToyFunction = (cells) => (cells[1] === 0 ? NaN : sum(cells))
    await expect(collect(toyInput([1, 2], 'peak 7'), broken, { decision: atLeast(1) })).rejects.toThrow(
      /^sequence 'peak 7': .*NaN/,
    )
  })
})
