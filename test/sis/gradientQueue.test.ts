import { describe, expect, it } from 'vitest'
import { createGradientQueue } from '../../src/sis/queue/gradientQueue.ts'
import { toyGradients } from './toyGradients.ts'
import { toyInput } from './toyPredictors.ts'

const twice = (cells: readonly number[]): number[] => cells.map((cell) => 2 * cell)

describe('createGradientQueue', () => {
  it('packs what is asked for in one turn into full batches, and gives each caller its own', async () => {
    const predictor = toyGradients(2, twice, 3)
    const queue = createGradientQueue({ predictor, output: 0 })
    const inputs = Array.from({ length: 7 }, (_, i) => toyInput([i, -i]))
    const found = await Promise.all(inputs.map((input) => queue.gradients(input, input.cells)))
    expect(found.map((gradients) => [...gradients])).toEqual(inputs.map(({ cells }) => twice([...cells])))
    expect(predictor.batches).toEqual([3, 3, 1])
  })

  it('keeps callers that go on together in one batch', async () => {
    const predictor = toyGradients(2, twice, 10)
    const queue = createGradientQueue({ predictor, output: 0 })
    const walk = async (input: ReturnType<typeof toyInput>) => {
      for (let step = 0; step < 4; step++) await queue.gradients(input, input.cells)
    }
    await Promise.all([1, 2, 3].map((cell) => walk(toyInput([cell, cell]))))
    expect(predictor.batches).toEqual([3, 3, 3, 3])
  })

  it('tells a NaN to its caller only', async () => {
    const predictor = toyGradients(2, (cells) => cells.map((cell) => (cell === 9 ? NaN : cell)))
    const queue = createGradientQueue({ predictor, output: 0 })
    const [bad, good] = await Promise.allSettled(
      [toyInput([1, 9], 'bad'), toyInput([1, 2], 'good')].map((input) => queue.gradients(input, input.cells)),
    )
    expect(bad).toMatchObject({ status: 'rejected', reason: { location: { sequence: 'bad' } } })
    expect(good).toMatchObject({ status: 'fulfilled', value: Float32Array.of(1, 2) })
  })

  it('stops with the signal’s reason, before the next batch', async () => {
    const predictor = toyGradients(2, twice, 1)
    const controller = new AbortController()
    const queue = createGradientQueue({ predictor, output: 0, signal: controller.signal })
    const input = toyInput([1, 2])
    const [first, second] = [queue.gradients(input, input.cells), queue.gradients(input, input.cells)]
    const outcome = Promise.allSettled([first, second])
    await first
    controller.abort(new Error('interrupted'))
    const [, stopped] = await outcome
    expect(stopped).toMatchObject({ status: 'rejected', reason: { message: 'interrupted' } })
    expect(predictor.batches).toEqual([1])
  })

  it('hands a fault of the predictor to all callers of the batch, and goes on with the next', async () => {
    const predictor = toyGradients(2, ([first]) => (first === 0 ? [1] : [1, 2]), 2)
    const queue = createGradientQueue({ predictor, output: 0 })
    const ask = (first: number) => queue.gradients(toyInput([first, 0]), Float64Array.of(first, 0))
    const outcomes = await Promise.allSettled([ask(0), ask(0), ask(1)])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  })
})
