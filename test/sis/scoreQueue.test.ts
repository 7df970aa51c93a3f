import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { createScoreQueue, type ScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import type { FillRows } from '../../src/sis/types.ts'
import { sum, toyInput, toyPredictor } from './toyPredictors.ts'

const input = toyInput([0, 0])

/** Rows [first, 0], [first + 1, 0], …, whose sums are their numbers. */
function counting(first: number): FillRows {
  return (target, offset, from, to) => {
    for (let row = from; row < to; row++) target.set([first + row, 0], offset + (row - from) * 2)
  }
}

async function inside<T>(queue: ScoreQueue, work: () => Promise<T>): Promise<T> {
  queue.enter()
  try {
    return await work()
  } finally {
    queue.leave()
  }
}

describe('score queue', () => {
  it('packs the rows of all callers into full batches, splitting requests across them', async () => {
    const predictor = toyPredictor(2, sum, 8)
    const queue = createScoreQueue({ predictor, output: 0 })
    queue.enter()
    const requests = [0, 100, 200].map((first) => inside(queue, () => queue.score(input, 7, counting(first))))
    queue.leave()
    const answers = await Promise.all(requests)
    expect(answers.map((scores) => [...scores])).toEqual(
      [0, 100, 200].map((first) => Array.from({ length: 7 }, (_, i) => first + i)),
    )
    expect(predictor.batches).toEqual([8, 8, 5])
  })

  it('holds a partial batch back until every caller inside waits', async () => {
    const predictor = toyPredictor(2, sum, 8)
    const queue = createScoreQueue({ predictor, output: 0 })
    queue.enter()
    const one = inside(queue, () => queue.score(input, 3, counting(0)))
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(predictor.batches).toEqual([])
    queue.leave()
    await one
    expect(predictor.batches).toEqual([3])
  })

  it('sends the same batches every time', async () => {
    async function batchesOfOneRun(): Promise<number[]> {
      const predictor = toyPredictor(2, sum, 8)
      const queue = createScoreQueue({ predictor, output: 0 })
      await Promise.all(
        [5, 9, 1, 12].map((most) =>
          inside(queue, async () => {
            for (let rows = most; rows > 0; rows--) await queue.score(input, rows, counting(rows))
          }),
        ),
      )
      return predictor.batches
    }
    const batches = await batchesOfOneRun()
    expect(batches.reduce((a, b) => a + b)).toBe(15 + 45 + 1 + 78)
    expect(Math.max(...batches)).toBe(8)
    expect(await batchesOfOneRun()).toEqual(batches)
  })

  it('returns the chosen output', async () => {
    const predictor = toyPredictor(2, [sum, (cells) => -sum(cells)], 2)
    const queue = createScoreQueue({ predictor, output: 1 })
    expect([...(await queue.score(input, 3, counting(1)))]).toEqual([-1, -2, -3])
  })

  it('names the input whose score is NaN, and serves the others', async () => {
    const predictor = toyPredictor(2, (cells) => (cells[0] === 101 ? NaN : sum(cells)), 8)
    const queue = createScoreQueue({ predictor, output: 0 })
    const good = inside(queue, () => queue.score(toyInput([0, 0], 'good'), 3, counting(0)))
    const bad = inside(queue, () => queue.score(toyInput([0, 0], 'chr1:5-7'), 3, counting(100)))
    await expect(bad).rejects.toThrow(DataError)
    await expect(bad).rejects.toThrow(/^sequence 'chr1:5-7': output 'output 0' .*NaN/)
    expect([...(await good)]).toEqual([0, 1, 2])
  })

  it('hands a failure of the predictor to everyone waiting and to those who come later', async () => {
    const predictor = {
      ...toyPredictor(2, sum, 4),
      predict: () => Promise.reject(new Error('out of memory')),
    }
    const queue = createScoreQueue({ predictor, output: 0 })
    const requests = [3, 6, 2].map((rows) => inside(queue, () => queue.score(input, rows, counting(0))))
    for (const request of requests) await expect(request).rejects.toThrow('out of memory')
    await expect(queue.score(input, 1, counting(0))).rejects.toThrow('out of memory')
  })

  it('refuses an answer of the wrong size', async () => {
    const predictor = { ...toyPredictor(2, sum), predict: () => Promise.resolve(new Float32Array(2)) }
    const queue = createScoreQueue({ predictor, output: 0 })
    await expect(queue.score(input, 3, counting(0))).rejects.toThrow('2 scores for 3 rows')
  })

  it('stops when aborted, with the reason', async () => {
    const controller = new AbortController()
    const predictor = toyPredictor(2, sum, 4)
    const queue = createScoreQueue({ predictor, output: 0, signal: controller.signal })
    const request = inside(queue, () => queue.score(input, 10, counting(0)))
    controller.abort(new Error('interrupted'))
    await expect(request).rejects.toThrow('interrupted')
    expect(predictor.batches).toEqual([4])
  })
})
