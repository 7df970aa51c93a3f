/**
 * Agreement with the reference implementation of the paper's authors (google-research/sufficient_input_subsets), by
 * vectors recorded from its tests. Its three faults are not copied; the last test shows that no vector touches them.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createReferenceSelector } from '../../src/sis/backwardSelect.ts'
import { findSis } from '../../src/sis/findSis.ts'
import { sisCollection } from '../../src/sis/sisCollection.ts'
import type { MaskableInput, Ordering } from '../../src/sis/types.ts'
import { atLeast, l2norm, sum, toyQueue, type ToyFunction } from './toyPredictors.ts'

const file = join(import.meta.dirname, '../fixtures/sis-reference/vectors.json')

type Grid<T> = T[] | T[][]

interface Expected {
  /** Indexes into the mask, one for each of its dimensions. */
  sis: number[][]
  order: number[][]
  values: number[]
  mask: Grid<boolean>
}

interface Problem {
  f: string
  input: Grid<number>
  masked: Grid<number>
}

interface Vectors {
  find_sis: (Problem & { threshold: number; mask: Grid<boolean>; expected: Expected | null })[]
  sis_collection: (Problem & {
    threshold: number
    initial_mask: Grid<boolean> | null
    expected: Expected[]
  })[]
  backselect: (Problem & { mask: Grid<boolean>; expected: [number[], number][] })[]
  find_sis_from_backselect: { stack: [number[], number][]; threshold: number; expected: number[][] }[]
}

const functions: Record<string, ToyFunction> = {
  l2norm,
  sum,
  'dot[1,2,0,1]': (cells) => cells[0]! + 2 * cells[1]! + cells[3]!,
}

function shapeOf<T>(grid: Grid<T>): number[] {
  return Array.isArray(grid[0]) ? [grid.length, grid[0].length] : [grid.length]
}

/**
 * The reference broadcasts a mask over the input: [[true], [true]] on 2 × 3 cells makes each row one feature. Here the
 * entries of the mask, in row-major order, are the features.
 */
function problemOf({ f, input, masked }: Problem, mask: Grid<boolean>) {
  const shape = shapeOf(input)
  const maskShape = shapeOf(mask)
  const columns = shape.at(-1)!
  const maskColumns = maskShape.at(-1)!
  const cells = Float64Array.from(input.flat())
  const features: number[][] = mask.flat().map(() => [])
  cells.forEach((_, cell) => {
    const row = maskShape.length === 1 || maskShape[0] === 1 ? 0 : Math.floor(cell / columns)
    const column = maskColumns === 1 ? 0 : cell % columns
    features[row * maskColumns + column]!.push(cell)
  })
  const toy: MaskableInput = { name: f, cells, maskedCells: Float64Array.from(masked.flat()), features }
  const indexOf = (feature: number) =>
    maskShape.length === 1 ? [feature] : [Math.floor(feature / maskColumns), feature % maskColumns]
  const present = Uint8Array.from(mask.flat(), Number)
  return { toy, present, indexOf, f: functions[f]! }
}

function expectOrdering(ordering: Ordering, order: number[][], values: number[], indexOf: IndexOf): void {
  expect([...ordering.features].map(indexOf)).toEqual(order)
  expect(ordering.scores.length).toBe(values.length)
  values.forEach((value, i) => {
    expect(Math.abs(ordering.scores[i]! - value)).toBeLessThanOrEqual(1e-6)
  })
}
type IndexOf = (feature: number) => number[]

describe('the vectors of the reference implementation', () => {
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors

  it('are all there', () => {
    expect(Object.values<unknown[]>({ ...vectors }).map(({ length }) => length)).toEqual([12, 13, 10, 7])
  })

  it.each(vectors.backselect)('backselect of $input by $f, mask $mask', async (vector) => {
    const { toy, present, indexOf, f } = problemOf(vector, vector.mask)
    const ordering = await createReferenceSelector(toyQueue(toy.cells.length, f), '>=').select(toy, present)
    const [order, values] = [
      vector.expected.map(([index]) => index),
      vector.expected.map(([, value]) => value),
    ]
    expectOrdering(ordering, order, values, indexOf)
  })

  it.each(vectors.find_sis_from_backselect)('find_sis_from_backselect, τ = $threshold', (vector) => {
    const ordering = {
      features: Int32Array.from(vector.stack, ([index]) => index[0]!),
      scores: Float32Array.from(vector.stack, ([, value]) => value),
    }
    const found = findSis(ordering, Infinity, atLeast(vector.threshold))!
    expect([...found].map((feature) => [feature])).toEqual(vector.expected)
  })

  async function findOne(vector: Problem, mask: Grid<boolean>, present: Uint8Array, threshold: number) {
    const { toy, f } = problemOf(vector, mask)
    const width = toy.cells.length
    const ordering = await createReferenceSelector(toyQueue(width, f), '>=').select(toy, present)
    const collection = await sisCollection(toy, {
      scorer: toyQueue(width, f),
      decision: atLeast(threshold),
      present,
    })
    return { ordering, collection }
  }

  function expectSis(features: Int32Array, expected: Expected, ordering: Ordering, indexOf: IndexOf): void {
    expectOrdering(ordering, expected.order, expected.values, indexOf)
    expect(expected.mask.flat().flatMap((kept, feature) => (kept ? [feature] : []))).toEqual([...features])
    const members = new Set(features)
    const lastFirst = ordering.features.filter((feature) => members.has(feature)).reverse()
    expect([...lastFirst].map(indexOf)).toEqual(expected.sis)
  }

  it.each(vectors.find_sis)('find_sis of $input by $f, mask $mask, τ = $threshold', async (vector) => {
    const { present, indexOf } = problemOf(vector, vector.mask)
    const { ordering, collection } = await findOne(vector, vector.mask, present, vector.threshold)
    if (vector.expected === null) expect(collection.subsets).toEqual([])
    else expectSis(collection.subsets[0]!.features, vector.expected, ordering, indexOf)
  })

  it.each(vectors.sis_collection)(
    'sis_collection of $input by $f, mask $initial_mask, τ = $threshold',
    async (vector) => {
      const mask = vector.initial_mask ?? everyCell(vector.input)
      const { present, indexOf } = problemOf(vector, mask)
      const { collection } = await findOne(vector, mask, present, vector.threshold)
      expect(collection.subsets.length).toBe(vector.expected.length)
      for (const [rank, expected] of vector.expected.entries()) {
        const { ordering } = await findOne(vector, mask, present, vector.threshold)
        const { features, certificate } = collection.subsets[rank]!
        expectSis(features, expected, ordering, indexOf)
        expect(certificate.certified).toBe(true)
        for (const feature of features) present[feature] = 0
      }
    },
  )

  it('meet none of the three faults', async () => {
    const problems = [
      ...vectors.find_sis.map((vector) => ({ vector, mask: vector.mask })),
      ...vectors.sis_collection.map((vector) => ({
        vector,
        mask: vector.initial_mask ?? everyCell(vector.input),
      })),
    ]
    for (const { vector, mask } of problems) {
      const { toy, present, f } = problemOf(vector, mask)
      // An insufficient subset, or an empty one with an all-true mask, takes f(all masked) ≥ τ.
      expect(f([...toy.maskedCells])).toBeLessThan(vector.threshold)
      // To ignore the initial mask matters where f(x) and f(x with the initial mask) decide differently.
      if (present.includes(1)) {
        const { collection } = await findOne(vector, mask, present, vector.threshold)
        expect(collection.scoreFull >= vector.threshold).toBe(f([...toy.cells]) >= vector.threshold)
      }
    }
    for (const { stack } of vectors.find_sis_from_backselect) {
      const values = stack.map(([, value]) => value)
      expect(values).toEqual(values.toSorted((a, b) => b - a))
    }
  })
})

function everyCell(input: Grid<number>): Grid<boolean> {
  return Array.isArray(input[0])
    ? input.map((row) => (row as number[]).map(() => true))
    : input.map(() => true)
}
