/**
 * Batched-gradient selection against the exact one: the same where gradients tell the truth, and sufficient and 1-minimal
 * whatever they tell.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/base/errors.ts'
import { Random } from '../../src/base/random.ts'
import { createBatchedGradientSelector } from '../../src/sis/approximate/batchedGradient.ts'
import { createReferenceSelector } from '../../src/sis/backwardSelect.ts'
import { blockInput } from '../../src/sis/approximate/blockInput.ts'
import type { Decision } from '../../src/sis/decision.ts'
import { extractCollections } from '../../src/sis/extractCollections.ts'
import { createGradientQueue } from '../../src/sis/queue/gradientQueue.ts'
import { featureCount, writeKept } from '../../src/sis/masking.ts'
import { createScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import { sisCollection } from '../../src/sis/sisCollection.ts'
import type { BackwardSelector, MaskableInput, SisCollection } from '../../src/sis/types.ts'
import { lossOfEachCell, toyGradients, type ToyGradients } from './toyGradients.ts'
import { atLeast, atMost, sum, toyInput, toyPredictor, type ToyFunction } from './toyPredictors.ts'
import { problems, setsOf, startOf, type Problem } from './toyProblems.ts'

interface Setting {
  readonly f: ToyFunction
  readonly decision: Decision
  readonly k: number
  readonly gradients?: ToyGradients
  readonly exact?: BackwardSelector
  readonly hidden?: readonly number[]
  readonly maxSis?: number
}

/** Of the cells; by default their true losses. */
function open(input: MaskableInput, { f, decision, k, gradients, exact }: Setting) {
  const width = input.cells.length
  const predictor = toyPredictor(width, f)
  const queue = createScoreQueue({ predictor, output: 0 })
  const toy = gradients ?? toyGradients(width, lossOfEachCell(f, input))
  const selector = createBatchedGradientSelector({
    scorer: queue,
    gradients: createGradientQueue({ predictor: toy, output: 0 }),
    decision,
    batchFeatures: k,
    exact,
  })
  return { predictor, queue, selector, toy }
}

async function collect(input: MaskableInput, setting: Setting): Promise<SisCollection> {
  const { queue, selector } = open(input, setting)
  const { decision, hidden, maxSis } = setting
  const present = hidden === undefined ? undefined : Uint8Array.from(hidden, (one) => 1 - one)
  return sisCollection(input, { scorer: queue, decision, selector, maxSis, present })
}

async function collectExactly(
  input: MaskableInput,
  { f, decision, hidden, maxSis }: Omit<Setting, 'k'>,
): Promise<SisCollection> {
  const queue = createScoreQueue({ predictor: toyPredictor(input.cells.length, f), output: 0 })
  const present = hidden === undefined ? undefined : Uint8Array.from(hidden, (one) => 1 - one)
  return sisCollection(input, { scorer: queue, decision, maxSis, present })
}

const steps = fc.constantFrom(1, 2, 3, 4, 16)

/** Numbers that say nothing of f. */
function noise(seed: number, width: number): ToyGradients {
  const random = new Random(seed, 'gradients')
  return toyGradients(width, (cells) => cells.map(() => random.below(3) - 1))
}

function scoreWith(input: MaskableInput, f: ToyFunction, kept: Iterable<number>): number {
  const present = new Uint8Array(featureCount(input))
  for (const feature of kept) present[feature] = 1
  const cells = input.cells.slice()
  writeKept(input, present, cells, 0)
  return f([...cells])
}

/** Every subset gives the decision, loses it with any one member, and has no member of another; the rest does not. */
function expectValid(
  input: MaskableInput,
  { f, maxSis = Infinity }: Setting,
  start: ReadonlySet<number>,
  collection: SisCollection,
  holds: (score: number) => boolean,
): void {
  const left = new Set(start)
  expect(collection.selection).toBe('batched-gradient')
  expect(collection.subsets.length > 0).toBe(holds(scoreWith(input, f, left)))
  for (const { features, certificate, vacuous, recomputed } of collection.subsets) {
    expect(recomputed).toBe(false)
    expect(certificate.certified).toBe(true)
    expect(vacuous).toBe(holds(scoreWith(input, f, [])))
    expect(holds(scoreWith(input, f, features))).toBe(true)
    for (const member of features) {
      expect(left.delete(member)).toBe(true)
      expect(
        holds(
          scoreWith(
            input,
            f,
            features.filter((other) => other !== member),
          ),
        ),
      ).toBe(false)
    }
  }
  const last = collection.subsets.at(-1)
  if (last !== undefined && !last.vacuous && collection.subsets.length < maxSis) {
    expect(holds(scoreWith(input, f, left))).toBe(false)
  }
}

function settingOf({ f, threshold, hidden, maxSis }: Problem, k: number): Setting {
  return { f, decision: atLeast(threshold), k, hidden, maxSis }
}

describe('batched-gradient selection', () => {
  it('of a linear model is the exact one, however many features a step masks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -4, max: 9 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: -10, max: 30 }),
        steps,
        fc.boolean(),
        async (cells, threshold, k, low) => {
          const decision = low ? atMost(-threshold) : atLeast(threshold)
          const f: ToyFunction = low ? (row) => -sum(row) : sum
          const input = toyInput(cells)
          const found = await collect(input, { f, decision, k })
          const exact = await collectExactly(input, { f, decision })
          expect(found.subsets).toEqual(exact.subsets)
        },
      ),
    )
  })

  it('is the exact one where gradients tell what each masking costs and a step masks one feature', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (problem) => {
        const setting = settingOf(problem, 1)
        const found = await collect(problem.input, setting)
        expect(found.subsets).toEqual((await collectExactly(problem.input, setting)).subsets)
        expect(found.scoreFull).toBe(problem.f([...startCells(problem)]))
      }),
      { numRuns: 200 },
    )
  })

  it('finds sufficient, 1-minimal, disjoint subsets and leaves a residual below τ', async () => {
    await fc.assert(
      fc.asyncProperty(problems, steps, async (problem, k) => {
        const setting = settingOf(problem, k)
        const collection = await collect(problem.input, setting)
        expectValid(problem.input, setting, startOf(problem), collection, (s) => s >= problem.threshold)
      }),
      { numRuns: 200 },
    )
  })

  it('does so even where the gradients are noise', async () => {
    await fc.assert(
      fc.asyncProperty(problems, steps, fc.nat(), async (problem, k, seed) => {
        const gradients = noise(seed, problem.input.cells.length)
        const setting = { ...settingOf(problem, k), gradients }
        const collection = await collect(problem.input, setting)
        expectValid(problem.input, setting, startOf(problem), collection, (s) => s >= problem.threshold)
      }),
      { numRuns: 200 },
    )
  })

  it('does so in blocks, whose gradients are the sums of their bases’', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 5 }), steps, async (seed, size, k) => {
        const random = new Random(seed, 'block problem')
        const weights = Int32Array.from({ length: 14 * 5 }, () => random.below(9) - 4)
        const f: ToyFunction = (codes) =>
          codes.reduce((score, code, i) => score + (code === 4 ? 0 : weights[5 * i + code]!), 0)
        const codes = Uint8Array.from({ length: 14 }, () => random.below(4))
        const input = blockInput('toy', codes, size, { offset: random.below(size) })
        const setting = { f, decision: atLeast(f([...codes]) - random.below(6)), k }
        const collection = await collect(input, setting)
        const all = new Set(Array(featureCount(input)).keys())
        expectValid(input, setting, all, collection, (s) => s >= setting.decision.threshold)
        expect(collection.subsets).toEqual((await collectExactly(input, setting)).subsets)
      }),
    )
  })

  it('orders all features: as gradients say, then exactly within the smallest sufficient end of a step', async () => {
    // Contributions 0 … 7; masking 0 … 4 leaves 18, and the step of three ends at 3 or 6.
    const input = toyInput([3, 0, 7, 1, 5, 2, 6, 4])
    const { selector } = open(input, { f: sum, decision: atLeast(18), k: 3 })
    const { features, scores, evaluations } = await selector.select(input, new Uint8Array(8).fill(1))
    expect([...features]).toEqual([1, 3, 5, 0, 7, 4, 6, 2])
    // The one score is that of the SIS, 7 + 6 + 5.
    expect([...scores]).toEqual([NaN, NaN, NaN, NaN, 18, NaN, NaN, NaN])
    // Three steps of a gradient and a score each, and the five features left.
    expect(evaluations).toBe(2 * 3 + 15)
  })

  it('has only present features masked', async () => {
    const input = toyInput([3, 1, 4, 1, 5])
    const { selector } = open(input, { f: sum, decision: atLeast(7), k: 2 })
    const { features } = await selector.select(input, Uint8Array.of(1, 0, 1, 1, 0))
    expect([...features]).toEqual([3, 0, 2])
  })

  it('narrows a large subset down by what each member is worth before it orders exactly', async () => {
    // Either of the first two features is enough, so neither seems worth anything until the other is gone.
    const p = 300
    const f: ToyFunction = (cells) => Math.max(cells[0]!, cells[1]!)
    const input = toyInput(Array<number>(p).fill(1))
    const toy = toyGradients(p, (cells) =>
      cells.map((cell, i) => (i < 2 && cell === 1 && cells[1 - i] === 0 ? 1 : 0)),
    )
    const collection = await collect(input, { f, decision: atLeast(1), k: 16, gradients: toy })
    expect(setsOf(collection)).toEqual([[1], [0]])
    // 19 gradients, and none of the scores after them gives the decision. All 300 are spare alone, and then all but one:
    // the first look of 16 ends at once, the others go on by 16, 32, 64 and so on.
    const pass = 19 + 19
    const drops = 300 + 16 + (299 + 234) + (64 + 15) + (48 + 11) + (36 + 8) + (27 + 6) + (20 + 4)
    const exactly = (15 * 16) / 2
    expect(collection.evaluations).toBe(1 + (pass + drops + exactly) + 1 + evaluationsOfSecond(p - 1) + 1)
  })

  /** The other feature now has the whole gradient: it stays to the last step of 16, with what that step has besides. */
  function evaluationsOfSecond(p: number): number {
    const lastStep = p % 16
    return Math.ceil(p / 16) + firstLook(Math.ceil(p / 16)) + (lastStep * (lastStep + 1)) / 2
  }

  /** The last sufficient end is among the last 16. */
  function firstLook(ends: number): number {
    return Math.min(16, ends)
  }

  /** Of features whose sums count and whose pairs count against each other: neither falls steadily as they are masked. */
  const wideProblem = fc
    .record({
      p: fc.integer({ min: 17, max: 60 }),
      seed: fc.nat(),
      share: fc.double({ min: 0.05, max: 1, noNaN: true }),
    })
    .map(({ p, seed, share }) => {
      const random = new Random(seed, 'wide problem')
      const weights = Array.from({ length: p }, () => random.below(8))
      const pairs = Array.from({ length: p }, () => [random.below(p), random.below(p)] as const)
      const f: ToyFunction = (cells) =>
        cells.reduce((score, cell, i) => score + cell * weights[i]!, 0) -
        pairs.reduce((score, [i, j]) => score + 3 * cells[i]! * cells[j]!, 0)
      const input = toyInput(Array<number>(p).fill(1))
      return { input, f, threshold: Math.ceil(share * f([...input.cells])) }
    })

  it('does so where many members are left, whatever the gradients and an engine that rounds say', async () => {
    await fc.assert(
      fc.asyncProperty(
        wideProblem,
        steps,
        fc.nat(),
        fc.boolean(),
        async ({ input, f, threshold }, k, seed, told) => {
          const p = input.cells.length
          const engine = createReferenceSelector(
            createScoreQueue({
              predictor: toyPredictor(p, (cells) => Math.fround(f(cells) * 1.0001)),
              output: 0,
            }),
            '>=',
          )
          const setting: Setting = {
            f,
            decision: atLeast(threshold),
            k,
            exact: { ...engine, scoredBy: 'engine' },
            ...(told ? {} : { gradients: noise(seed, p) }),
            maxSis: 3,
          }
          const collection = await collect(input, setting)
          const all = new Set(Array(p).keys())
          expectValid(input, setting, all, collection, (score) => score >= threshold)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('asks for few scores where many members are left', async () => {
    // Each of 100 members is needed, of 2,000 features; gradients mistake 200 others for them.
    const needed = new Set(Array.from({ length: 100 }, (_, i) => 20 * i))
    const f: ToyFunction = (cells) => cells.reduce((score, cell, i) => score + (needed.has(i) ? cell : 0), 0)
    const input = toyInput(Array<number>(2000).fill(1))
    const gradients = toyGradients(2000, (cells) =>
      cells.map((cell, i) => (needed.has(i) || i % 20 === 7 || i % 20 === 9 ? cell : 0)),
    )
    const collection = await collect(input, { f, decision: atLeast(100), k: 20, gradients, maxSis: 1 })
    expect(collection.subsets[0]!.features).toEqual(Int32Array.from(needed))
    // A gradient a step; the last end that serves is the 16th from the end. 300 members are looked at, then 100.
    expect(collection.evaluations).toBe(1 + 100 + 16 + 300 + (16 + 32 + 64 + 87) + 100)
  })

  it('leaves the rest to an engine where there is one, whose work counts as elsewhere', async () => {
    const input = toyInput([1, 1, 1, 1, 1, 1])
    let asked = 0
    const engine = (): BackwardSelector => {
      const own = createScoreQueue({ predictor: toyPredictor(6, sum), output: 0 })
      const reference = createReferenceSelector(own, '>=')
      return {
        scoredBy: 'engine',
        select(one, present) {
          asked += present.reduce((left, feature) => left + feature, 0)
          return reference.select(one, present)
        },
      }
    }
    const collection = await collect(input, { f: sum, decision: atLeast(2), k: 4, exact: engine() })
    expect(setsOf(collection)).toEqual([
      [4, 5],
      [2, 3],
      [0, 1],
    ])
    expect(asked).toBe(2 + 4 + 2)
  })

  it('is recomputed by the reference selector where the engine within it errs, and says so', async () => {
    const input = toyInput([1, 2, 3, 4])
    const wrong: BackwardSelector = {
      scoredBy: 'predictor',
      select: (_, present) => {
        const features = Int32Array.from(present.keys()).filter((i) => present[i] === 1)
        return Promise.resolve({ features, scores: new Float32Array(features.length).fill(9).fill(0, -1) })
      },
    }
    const { subsets } = await collect(input, { f: sum, decision: atLeast(5), k: 3, exact: wrong, maxSis: 1 })
    expect(subsets[0]!.recomputed).toBe(true)
    expect(subsets[0]!.certificate.certified).toBe(true)
    expect([...subsets[0]!.features]).toEqual([2, 3])
  })

  it('names the sequence of a gradient that is NaN', async () => {
    const gradients = toyGradients(3, () => [0, NaN, 0])
    const found = collect(toyInput([1, 1, 1], 'chr1:5-8'), { f: sum, decision: atLeast(1), k: 1, gradients })
    await expect(found).rejects.toThrow(DataError)
    await expect(found).rejects.toThrow("sequence 'chr1:5-8': the gradient of output 'output 0'")
  })

  it('refuses steps of no feature', () => {
    expect(() => open(toyInput([1]), { f: sum, decision: atLeast(1), k: 0 })).toThrow(ConfigError)
  })
})

describe('extractCollections by batched gradients', () => {
  const inputs = Array.from({ length: 40 }, (_, id) => {
    const random = new Random(id, 'input')
    return { id, ...toyInput(Array.from({ length: 9 }, () => random.below(5))) }
  })
  const decision = atLeast(6)

  it('yields what each input gives alone, with full batches of gradients', async () => {
    const predictor = toyGradients(9, lossOfEachCell(sum, inputs[0]!), 4)
    const found = []
    for await (const { collection } of extractCollections({
      inputs,
      predictor: toyPredictor(9, sum),
      decision,
      batchedGradient: { predictor, batchFeatures: 1 },
    })) {
      found.push(collection)
    }
    const alone = await Promise.all(inputs.map((input) => collect(input, { f: sum, decision, k: 1 })))
    expect(found).toEqual(alone)
    const { batches } = predictor
    const rows = batches.reduce((total, rows) => total + rows, 0)
    expect(rows / batches.length).toBeGreaterThan(3)
  })

  it('stops at a signal between two batches of gradients', async () => {
    const controller = new AbortController()
    const predictor = toyGradients(
      9,
      (cells) => {
        controller.abort(new Error('interrupted'))
        return cells
      },
      4,
    )
    const extraction = extractCollections({
      inputs,
      predictor: toyPredictor(9, sum),
      decision,
      batchedGradient: { predictor, batchFeatures: 1 },
      signal: controller.signal,
    })
    await expect(extraction.next()).rejects.toThrow('interrupted')
    expect(predictor.batches.length).toBe(1)
  })
})

/** The cells of the input without what is hidden. */
function startCells(problem: Problem): number[] {
  const start = startOf(problem)
  const { cells, maskedCells } = problem.input
  return Array.from(cells, (cell, i) => (start.has(i) ? cell : maskedCells[i]!))
}
