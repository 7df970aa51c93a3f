import { describe, expect, it } from 'vitest'
import type { Predictor } from '../../src/predict/predictor.ts'
import type { SequenceSet } from '../../src/sequence/sequenceSet.ts'
import { evaluate } from '../../src/train/evaluate.ts'

/** Scores: the first base's code over 4, and one minus that. */
function firstBase(batchSize: number, batches: number[] = []): Predictor {
  return {
    width: 2,
    outputs: ['up', 'down'],
    batchSize,
    backend: 'test',
    predict: (cells, rows) => {
      batches.push(rows)
      return Promise.resolve(
        Float32Array.from({ length: rows * 2 }, (_, i) => Math.abs((i % 2) - cells[(i >> 1) * 2]! / 4)),
      )
    },
    close: () => Promise.resolve(),
  }
}

const set: SequenceSet = {
  count: 5,
  length: 2,
  ids: Int32Array.of(0, 1, 2, 3, 4),
  codes: Uint8Array.of(0, 0, 1, 0, 2, 0, 3, 0, 1, 1),
  labels: Float32Array.of(0, 1, 1, NaN, 0, NaN, 1, NaN, NaN, NaN),
  labelNames: ['up', 'down'],
  splits: Uint8Array.of(0, 0, 0, 0, 2),
}

describe('evaluate', () => {
  it('scores every sequence in order, in batches', async () => {
    const batches: number[] = []
    const { scores } = await evaluate(firstBase(2, batches), set)
    expect(scores).toEqual(Float32Array.of(0, 1, 0.25, 0.75, 0.5, 0.5, 0.75, 0.25, 0.25, 0.75))
    expect(batches).toEqual([2, 2, 1])
  })

  it('measures each split and output that has labels', async () => {
    const { metrics } = await evaluate(firstBase(8), set)
    expect(metrics.map(({ split, output }) => [split, output])).toEqual([
      ['train', 'up'],
      ['train', 'down'],
    ])
    expect(metrics[0]).toMatchObject({ positives: 2, negatives: 2, auroc: 0.75 })
    expect(metrics[0]!.roc.length).toBeGreaterThan(2)
    expect(metrics[1]).toMatchObject({
      positives: 1,
      negatives: 0,
      auroc: null,
      roc: [],
      precisionRecall: [],
    })
  })

  it('scores sequences without labels, however many outputs there are', async () => {
    const unlabelled = { ...set, labels: new Float32Array(5).fill(NaN), labelNames: ['label'] }
    const { scores, metrics } = await evaluate(firstBase(8), unlabelled)
    expect(scores).toEqual((await evaluate(firstBase(8), set)).scores)
    expect(metrics).toEqual([])
  })

  it('finds labels by the name of an output where there are fewer or more', async () => {
    const one = { ...set, labels: Float32Array.of(1, 1, 0, 0, NaN), labelNames: ['down'] }
    const { metrics } = await evaluate(firstBase(8), one)
    expect(metrics.map(({ split, output }) => [split, output])).toEqual([['train', 'down']])
    expect(metrics[0]).toMatchObject({ positives: 2, negatives: 2, auroc: 1 })
    const { metrics: none, scores } = await evaluate(firstBase(8), { ...one, labelNames: ['label'] })
    expect(none).toEqual([])
    expect(scores.length).toBe(10)
  })

  it('refuses sequences of another length', async () => {
    await expect(evaluate({ ...firstBase(2), width: 3 }, set)).rejects.toThrow(/reads 3 bases.*have 2/)
  })
})
