import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { Random } from '../../src/base/random.ts'
import type { Reporter } from '../../src/base/reporter.ts'
import {
  extractCollections,
  type ExtractOptions,
  type IdentifiedInput,
} from '../../src/sis/extractCollections.ts'
import { createScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import { sisCollection } from '../../src/sis/sisCollection.ts'
import type { BackwardSelector } from '../../src/sis/types.ts'
import { atLeast, sum, toyInput, toyPredictor } from './toyPredictors.ts'

const decision = atLeast(3)

/** Inputs of 6 cells, 0 to 4 each, with SIS-collections of different lengths. */
function toyInputs(n: number, seed = 1): IdentifiedInput[] {
  const random = new Random(seed, 'toy inputs')
  return Array.from({ length: n }, (_, i) => ({
    ...toyInput(
      Array.from({ length: 6 }, () => random.below(5)),
      `input ${i}`,
    ),
    id: 100 + i,
  }))
}

async function extractAll(options: Partial<ExtractOptions>) {
  const results = []
  const predictor = toyPredictor(6, sum, 16)
  for await (const result of extractCollections({
    inputs: toyInputs(30),
    predictor,
    decision,
    ...options,
  })) {
    results.push(result)
  }
  return results
}

function recordingReporter() {
  const warnings: string[] = []
  const updates: number[] = []
  const labels: (string | number | undefined)[] = []
  let ended = 0
  const reporter: Reporter = {
    info: () => undefined,
    warn: (message) => warnings.push(message),
    task(label, total, before) {
      labels.push(label, total, before)
      return { update: (done) => updates.push(done), end: () => ended++ }
    },
  }
  return { reporter, warnings, updates, labels, ended: () => ended }
}

describe('extractCollections', () => {
  it('yields, in input order, what each input gives alone', async () => {
    const results = await extractAll({})
    const alone = []
    for (const input of toyInputs(30)) {
      const queue = createScoreQueue({ predictor: toyPredictor(6, sum), output: 0 })
      alone.push({ id: input.id, collection: await sisCollection(input, { scorer: queue, decision }) })
    }
    expect(results).toEqual(alone)
    expect(new Set(results.map(({ collection }) => collection.subsets.length)).size).toBeGreaterThan(2)
  })

  it('does not depend on concurrency, batch size or how the inputs come', async () => {
    const expected = await extractAll({})
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 70 }),
        fc.boolean(),
        async (concurrency, batchSize, slowly) => {
          async function* arriving() {
            for (const input of toyInputs(30)) {
              if (slowly) await new Promise((resolve) => setImmediate(resolve))
              yield input
            }
          }
          const predictor = toyPredictor(6, sum, batchSize)
          expect(await extractAll({ inputs: arriving(), predictor, concurrency })).toEqual(expected)
          expect(Math.max(...predictor.batches)).toBeLessThanOrEqual(batchSize)
        },
      ),
      { numRuns: 15 },
    )
  })

  it('sends the same batches every time, nearly all of them full', async () => {
    async function batchesOfOneRun() {
      const predictor = toyPredictor(6, sum, 16)
      await extractAll({ predictor, inputs: toyInputs(200) })
      return predictor.batches
    }
    const batches = await batchesOfOneRun()
    expect(batches.filter((rows) => rows === 16).length / batches.length).toBeGreaterThan(0.9)
    expect(await batchesOfOneRun()).toEqual(batches)
  })

  it('explains only what is not known from before, and yields, counts and warns as if it had', async () => {
    const recorded = recordingReporter()
    const expected = await extractAll({ decision: atLeast(0), reporter: recorded.reporter })
    const known = new Map(
      expected.filter((_, i) => i % 3 !== 1).map(({ id, collection }) => [id, collection]),
    )
    const { reporter, warnings, updates, labels } = recordingReporter()
    const explained: number[] = []
    const results = await extractAll({
      decision: atLeast(0),
      finished: { size: known.size, get: ({ id }) => known.get(id) },
      onFinished: ({ id }) => explained.push(id),
      reporter,
      total: 30,
    })
    expect(results).toEqual(expected)
    expect(explained.sort()).toEqual(expected.map(({ id }) => id).filter((id) => !known.has(id)))
    expect(updates).toEqual(Array.from({ length: 11 }, (_, i) => 20 + i))
    expect(labels).toEqual(['finding SIS', 30, 20])
    expect(warnings).toEqual(recorded.warnings)
    expect(warnings).toHaveLength(1)
  })

  it('reads no further ahead than its bound, however slow the first input', async () => {
    let read = 0
    function* inputs() {
      for (const input of toyInputs(200)) {
        read++
        yield input
      }
    }
    const predictor = toyPredictor(6, sum, 16)
    const collections = extractCollections({
      inputs: inputs(),
      predictor,
      decision,
      concurrency: 3,
    })
    let yielded = 0
    for await (const { id } of collections) {
      expect(id).toBe(100 + yielded++)
      expect(read - yielded).toBeLessThanOrEqual(4 * 3)
    }
    expect(yielded).toBe(200)
  })

  it('reports progress', async () => {
    const { reporter, updates, labels, ended, warnings } = recordingReporter()
    await extractAll({ reporter, total: 30 })
    expect(labels).toEqual(['finding SIS', 30, 0])
    expect(updates).toEqual(Array.from({ length: 31 }, (_, i) => i))
    expect(ended()).toBe(1)
    expect(warnings).toEqual([])
  })

  it('warns of an informative background', async () => {
    const { reporter, warnings } = recordingReporter()
    await extractAll({ reporter, decision: atLeast(0) })
    expect(warnings).toEqual([
      expect.stringContaining('30 of 30 inputs keep the decision with everything masked'),
    ])
  })

  it('warns of subsets that had to be recomputed', async () => {
    const liar: BackwardSelector = {
      scoredBy: 'engine',
      select(_, present) {
        const features = Int32Array.from(present.keys()).filter((feature) => present[feature] === 1)
        return Promise.resolve({ features, scores: new Float32Array(features.length).fill(-1) })
      },
    }
    const { reporter, warnings } = recordingReporter()
    const honest = await extractAll({})
    const results = await extractAll({ reporter, selector: liar })
    expect(results.map(({ collection }) => collection.subsets.map(({ features }) => features))).toEqual(
      honest.map(({ collection }) => collection.subsets.map(({ features }) => features)),
    )
    const recomputed = results.flatMap(({ collection }) => collection.subsets).filter((sis) => sis.recomputed)
    expect(recomputed.length).toBeGreaterThan(0)
    expect(warnings).toEqual([
      expect.stringMatching(`^${recomputed.length} of \\d+ SIS failed certification`),
    ])
  })

  it('warns of subsets that cannot be certified', async () => {
    // Scores sink by 1 after the 22 evaluations of f(x) and the ordering.
    let evaluations = 0
    const drifting = toyPredictor(6, (cells) => sum(cells) - (evaluations++ < 22 ? 0 : 1))
    const inputs = [{ ...toyInput([0, 2, 0, 0, 1, 0]), id: 0 }]
    const { reporter, warnings } = recordingReporter()
    const [result] = await extractAll({ predictor: drifting, inputs, reporter })
    expect(result!.collection.subsets).toMatchObject([{ certificate: { scoreSis: 2, certified: false } }])
    expect(warnings).toEqual([expect.stringContaining('1 of 1 SIS could not be certified')])
  })

  it('of no inputs yields nothing', async () => {
    expect(await extractAll({ inputs: [] })).toEqual([])
  })

  it('yields what comes before an input with NaN scores, then names that input', async () => {
    const inputs = toyInputs(10)
    inputs[4] = { ...toyInput([0, 0, 99, 9, 9, 9], 'chr2:1-7'), id: 104 }
    const predictor = toyPredictor(6, (cells) => (cells[2] === 99 && cells[5] === 0 ? NaN : sum(cells)), 16)
    const ids: number[] = []
    const extracting = (async () => {
      for await (const { id } of extractCollections({ inputs, predictor, decision })) ids.push(id)
    })()
    await expect(extracting).rejects.toThrow(DataError)
    await expect(extracting).rejects.toThrow("sequence 'chr2:1-7'")
    expect(ids).toEqual([100, 101, 102, 103])
  })

  it('passes on an error of its source', async () => {
    function* inputs() {
      yield* toyInputs(5)
      throw new DataError('truncated', { file: 'peaks.fa', line: 11 })
    }
    await expect(extractAll({ inputs: inputs(), concurrency: 2 })).rejects.toThrow('peaks.fa:11: truncated')
  })

  /** Extracts with the loop left after five results, and watches what goes on meanwhile. */
  function leave(how: (stop: AbortController) => Promise<void>, stop = new AbortController()) {
    const toy = toyPredictor(6, sum, 16)
    let underWay = 0
    let closed = false
    const predictor = {
      ...toy,
      async predict(cells: Float64Array, rows: number) {
        underWay++
        const scores = await toy.predict(cells, rows)
        underWay--
        return scores
      },
    }
    function* inputs() {
      try {
        yield* toyInputs(1000)
      } finally {
        closed = true
      }
    }
    const seen: number[] = []
    const leaving = (async () => {
      const options = {
        inputs: inputs(),
        predictor,
        decision,
        concurrency: 4,
        signal: stop.signal,
      }
      for await (const { id } of extractCollections(options)) {
        seen.push(id)
        if (seen.length === 5) {
          await how(stop)
          if (!stop.signal.aborted) break
        }
      }
    })()
    return { leaving, seen, toy, underWay: () => underWay, closed: () => closed }
  }

  it('stops when aborted: what was finished has been yielded, nothing is under way', async () => {
    const { leaving, seen, toy, underWay, closed } = leave((stop) => {
      stop.abort(new Error('interrupted'))
      return Promise.resolve()
    })
    await expect(leaving).rejects.toThrow('interrupted')
    expect(seen.slice(0, 5)).toEqual([100, 101, 102, 103, 104])
    expect(seen.length).toBeLessThan(30)
    expect([underWay(), closed()]).toEqual([0, true])
    const sent = toy.batches.length
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(toy.batches.length).toBe(sent)
  })

  it('stops when the loop is left early', async () => {
    const { leaving, seen, toy, underWay, closed } = leave(() => Promise.resolve())
    await leaving
    expect(seen.length).toBe(5)
    expect([underWay(), closed()]).toEqual([0, true])
    const sent = toy.batches.length
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(toy.batches.length).toBe(sent)
  })
})

/** Knows the orderings of `sum`; each takes some turns of the event loop on one of its threads. */
function sumEngine(threads: number, seed: number) {
  const random = new Random(seed, 'sum engine')
  const free: (() => void)[] = []
  let idle = threads
  let underWay = 0
  const took: number[] = []
  const selector: BackwardSelector = {
    scoredBy: 'engine',
    async select({ cells }, present) {
      took.push(++underWay)
      if (idle > 0) idle--
      else await new Promise<void>((resolve) => free.push(resolve))
      for (let turns = random.below(6); turns > 0; turns--) await new Promise(setImmediate)
      underWay--
      const next = free.shift()
      if (next === undefined) idle++
      else next()
      const features = Int32Array.from(present.keys()).filter((feature) => present[feature] === 1)
      features.sort((a, b) => cells[a]! - cells[b]! || a - b)
      let left = features.reduce((total, feature) => total + cells[feature]!, 0)
      return { features, scores: Float32Array.from(features, (feature) => (left -= cells[feature]!)) }
    },
  }
  return { selector, took }
}

describe('an engine beside the predictor', () => {
  it('gives what the reference selector gives, whatever its threads, concurrency and batches', async () => {
    const expected = await extractAll({})
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          threads: fc.integer({ min: 1, max: 5 }),
          busySelections: fc.integer({ min: 1, max: 50 }),
          concurrency: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
          batchSize: fc.integer({ min: 1, max: 300 }),
        }),
        async ({ seed, threads, busySelections, concurrency, batchSize }) => {
          const { selector } = sumEngine(threads, seed)
          const predictor = toyPredictor(6, sum, batchSize)
          expect(await extractAll({ selector, busySelections, concurrency, predictor })).toEqual(expected)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('has enough to do while the batches fill up', async () => {
    const threads = 3
    const { selector, took } = sumEngine(threads, 1)
    const predictor = toyPredictor(6, sum, 16)
    await extractAll({ selector, busySelections: 2 * threads, predictor, inputs: toyInputs(400) })
    const rows = predictor.rows() / predictor.batches.length
    expect(rows).toBeGreaterThan(14)
    expect(took.filter((underWay) => underWay >= threads).length / took.length).toBeGreaterThan(0.9)
  })

  it('is waited for by no batch where it has little to do', async () => {
    // One slow selection: the others are certified meanwhile.
    let release: () => void = () => undefined
    const { selector } = sumEngine(2, 1)
    const slow: BackwardSelector = {
      scoredBy: 'engine',
      async select(input, present) {
        if (input.name === 'input 0') await new Promise<void>((resolve) => (release = resolve))
        return selector.select(input, present)
      },
    }
    const inputs = toyInputs(8)
    inputs[0] = { ...toyInput([0, 0, 1, 1, 1, 1], 'input 0'), id: 100 }
    const finished: number[] = []
    const extracting = extractAll({
      selector: slow,
      busySelections: 2,
      inputs,
      onFinished: ({ id }) => {
        finished.push(id)
        if (finished.length === 7) release()
      },
    })
    expect(await extracting).toHaveLength(8)
    expect(finished.at(-1)).toBe(100)
  })
})
