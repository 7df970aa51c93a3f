import { describe, expect, it } from 'vitest'
import { createReferenceSelector } from '../../src/sis/backwardSelect.ts'
import { createScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import type { MaskableInput, Ordering } from '../../src/sis/types.ts'
import { sum, toyInput, toyPredictor, toyQueue } from './toyPredictors.ts'

function plain({ features, scores }: Ordering) {
  return { features: [...features], scores: [...scores] }
}

describe('backward selection', () => {
  it('masks the least addend first', async () => {
    const selector = createReferenceSelector(toyQueue(4, sum), '>=')
    const ordering = await selector.select(toyInput([3, 1, 4, 2]), Uint8Array.of(1, 1, 1, 1))
    expect(plain(ordering)).toEqual({ features: [1, 3, 0, 2], scores: [9, 7, 4, 0] })
  })

  it('masks the greatest addend first where the decision is a low score', async () => {
    const selector = createReferenceSelector(toyQueue(4, sum), '<=')
    const ordering = await selector.select(toyInput([3, 1, 4, 2]), Uint8Array.of(1, 1, 1, 1))
    expect(plain(ordering)).toEqual({ features: [2, 0, 3, 1], scores: [6, 3, 1, 0] })
  })

  it('breaks ties by the lowest index', async () => {
    const selector = createReferenceSelector(
      toyQueue(5, () => 7),
      '>=',
    )
    const ordering = await selector.select(toyInput([1, 2, 3, 4, 5]), new Uint8Array(5).fill(1))
    expect(plain(ordering)).toEqual({ features: [0, 1, 2, 3, 4], scores: [7, 7, 7, 7, 7] })
  })

  it('leaves what is not present masked', async () => {
    const selector = createReferenceSelector(toyQueue(4, sum), '>=')
    const ordering = await selector.select(toyInput([3, 1, 4, 2]), Uint8Array.of(1, 0, 1, 0))
    expect(plain(ordering)).toEqual({ features: [0, 2], scores: [4, 0] })
  })

  it('masks the cells of a feature together and never a cell without feature', async () => {
    const grouped: MaskableInput = {
      name: 'grouped',
      cells: Float32Array.of(1, 2, 3, 4, 100),
      maskedCells: Float32Array.of(0.5, 0.5, 0.5, 0.5, 0),
      features: [[0, 3], [1], [2]],
    }
    const selector = createReferenceSelector(toyQueue(5, sum), '>=')
    const ordering = await selector.select(grouped, Uint8Array.of(1, 1, 1))
    expect(plain(ordering)).toEqual({ features: [1, 2, 0], scores: [108.5, 106, 102] })
  })

  it.each([0, 1, 2, 9, 30])('scores p(p+1)/2 inputs for p = %i', async (p) => {
    const predictor = toyPredictor(30, sum, 16)
    const selector = createReferenceSelector(createScoreQueue({ predictor, output: 0 }), '>=')
    const present = new Uint8Array(30).fill(1, 0, p)
    const ordering = await selector.select(toyInput(Array.from({ length: 30 }, (_, i) => i)), present)
    expect(ordering.features.length).toBe(p)
    expect(predictor.rows()).toBe((p * (p + 1)) / 2)
  })

  it('leaves the input as it was', async () => {
    const input = toyInput([3, 1, 4])
    await createReferenceSelector(toyQueue(3, sum), '>=').select(input, Uint8Array.of(1, 0, 1))
    expect([...input.cells]).toEqual([3, 1, 4])
  })
})
