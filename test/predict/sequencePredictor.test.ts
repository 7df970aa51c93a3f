/** Codes laid out as each model reads them, and its numbers made into scores. */
import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/base/errors.ts'
import type { InputForm, OutputForm } from '../../src/model/foreign/importedModel.ts'
import type { BatchRunner } from '../../src/predict/batchRunner.ts'
import { createSequencePredictor, rowsAtOnce } from '../../src/predict/sequencePredictor.ts'
import { encodeSequence, masked, unknown } from '../../src/sequence/alphabet.ts'

/** Gives back what it reads: one number a value of the input tensor, or the first few of each row. */
function echo(kept = Infinity): BatchRunner & { readonly asked: unknown[]; closed: boolean } {
  const asked: unknown[] = []
  return {
    backend: 'echo',
    asked,
    closed: false,
    run(values, dims, input, output) {
      asked.push([dims, input, output])
      const width = values.length / dims[0]!
      return Promise.resolve(values.filter((_, i) => i % width < kept))
    },
    close() {
      this.closed = true
      return Promise.resolve()
    },
  }
}

const inputOf = (form: Partial<InputForm> = {}): InputForm => ({
  name: 'x',
  dims: [4, 3],
  order: 'NCW',
  alphabet: 'ACGT',
  length: 3,
  batch: undefined,
  ...form,
})
const outputOf = (count: number, transform: OutputForm['transform'] = 'none'): OutputForm => ({
  name: 'y',
  outputs: Array.from({ length: count }, (_, i) => `y${i}`),
  transform,
})

async function read(codes: Uint8Array, form: Partial<InputForm>, background = [0.5, 0.25, 0.125, 0.0625]) {
  const runner = echo()
  const input = inputOf(form)
  const predictor = await createSequencePredictor(runner, { input, output: outputOf(12) }, { background })
  const numbers = [...(await predictor.predict(codes, 1))]
  await predictor.close()
  expect(runner.closed).toBe(true)
  return { numbers, asked: runner.asked.at(-1) }
}

describe('createSequencePredictor', () => {
  const codes = Uint8Array.of(...encodeSequence('G'), masked, unknown)

  it.each([
    // A, C, G, T at each of three positions
    { order: 'NCW', dims: [4, 3], expected: [0, 0.5, 0, 0, 0.25, 0, 1, 0.125, 0, 0, 0.0625, 0] },
    { order: 'NCW', dims: [1, 4, 3], expected: [0, 0.5, 0, 0, 0.25, 0, 1, 0.125, 0, 0, 0.0625, 0] },
    { order: 'NWC', dims: [3, 4], expected: [0, 0, 1, 0, 0.5, 0.25, 0.125, 0.0625, 0, 0, 0, 0] },
    { order: 'NWC', dims: [3, 4, 1], expected: [0, 0, 1, 0, 0.5, 0.25, 0.125, 0.0625, 0, 0, 0, 0] },
    { order: 'NWC', dims: [12], expected: [0, 0, 1, 0, 0.5, 0.25, 0.125, 0.0625, 0, 0, 0, 0] },
  ] as const)('reads $order $dims', async ({ order, dims, expected }) => {
    const { numbers, asked } = await read(codes, { order, dims })
    expect(numbers).toEqual(expected)
    expect(asked).toEqual([[16, ...dims], 'x', 'y'])
  })

  it('reads other orders of letters, the background with them', async () => {
    const { numbers } = await read(codes, { order: 'NWC', alphabet: 'TGCA' })
    expect(numbers).toEqual([0, 1, 0, 0, 0.0625, 0.125, 0.25, 0.5, 0, 0, 0, 0])
  })

  it('fills batches up for a model that takes one size only', async () => {
    const { asked } = await read(codes, { batch: 7 })
    expect(asked).toEqual([[7, 4, 3], 'x', 'y'])
    const sized = createSequencePredictor(
      echo(),
      { input: inputOf({ batch: 7 }), output: outputOf(12) },
      { batchSize: 8 },
    )
    await expect(sized).rejects.toThrow(ConfigError)
  })

  it.each([
    [4 * 101, 256],
    [4 * 16_384, 256],
    [4 * 16_385, 255],
    [4 * 2 ** 20, 4],
    [4 * 2 ** 24, 1],
  ])('rows of %i numbers go %i at once', (size, rows) => {
    expect(rowsAtOnce(size)).toBe(rows)
  })

  it('counts the outputs where nothing tells how many there are', async () => {
    for (const [kept, names] of [
      [1, ['output']],
      [2, ['output 0', 'output 1']],
    ] as const) {
      for (const batch of [undefined, 5]) {
        const form = { input: inputOf({ batch }), output: outputOf(0) }
        const predictor = await createSequencePredictor(echo(kept), form)
        expect(predictor.outputs).toEqual(names)
        await predictor.close()
      }
    }
  })

  it.each([
    [{ dims: [4, 4] }, 12, 'which holds 16 numbers; 3 bases are 12'],
    [{ alphabet: 'ACGU' }, 12, "'ACGU', not an order of ACGT"],
    [{ alphabet: 'AACG' }, 12, "'AACG', not an order of ACGT"],
    [{}, 3, 'gives 3072 numbers for 256 rows, but 3 scores a row are expected'],
  ] as const)('refuses %j with %i outputs, and closes the runner', async (form, count, message) => {
    const runner = echo()
    const attempt = createSequencePredictor(runner, { input: inputOf(form), output: outputOf(count) })
    await expect(attempt).rejects.toThrow(DataError)
    await expect(attempt).rejects.toThrow(message)
    expect(runner.closed).toBe(true)
  })

  it.each([
    ['none', (x: number) => x],
    ['sigmoid', (x: number) => 1 / (1 + Math.exp(-x))],
    ['logit', (x: number) => Math.log(x / (1 - x))],
    ['log', Math.log],
    ['exp', Math.exp],
    ['softmax', (x: number) => Math.exp(x) / (2 * Math.exp(0.25) + Math.exp(0.125) + Math.exp(0.375))],
  ] as const)('transform %s', async (transform, formula) => {
    const background = [0.25, 0.125, 0.375, 0.25]
    const form = { input: inputOf({ length: 1, dims: [4] }), output: outputOf(4, transform) }
    const predictor = await createSequencePredictor(echo(), form, { background })
    const scores = await predictor.predict(Uint8Array.of(masked, masked), 2)
    await predictor.close()
    for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(formula(background[i % 4]!), 6)
  })

  it('softmax of large numbers is no NaN', async () => {
    const form = { input: inputOf({ length: 1, dims: [4] }), output: outputOf(4, 'softmax') }
    const predictor = await createSequencePredictor(echo(), form, { background: [1000, 1000, -1000, 0] })
    expect([...(await predictor.predict(Uint8Array.of(masked), 1))]).toEqual([0.5, 0.5, 0, 0])
    await predictor.close()
  })
})
