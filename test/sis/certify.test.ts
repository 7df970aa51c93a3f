import { describe, expect, it } from 'vitest'
import { certify } from '../../src/sis/certify.ts'
import { createScoreQueue } from '../../src/sis/queue/scoreQueue.ts'
import { atLeast, atMost, sum, toyInput, toyPredictor } from './toyPredictors.ts'

const input = toyInput([3, 1, 4, 2])

async function certificateOf(members: number[], threshold: number, sign: 1 | -1 = 1) {
  const predictor = toyPredictor(4, (cells) => sign * sum(cells))
  const queue = createScoreQueue({ predictor, output: 0 })
  const decision = sign === 1 ? atLeast(threshold) : atMost(-threshold)
  const residual = Uint8Array.of(1, 1, 1, 1)
  for (const member of members) residual[member] = 0
  const claim = { full: Uint8Array.of(1, 1, 1, 1), residual, members: Int32Array.from(members) }
  const certificate = await certify(queue, decision, input, claim)
  return { certificate, rows: predictor.rows() }
}

describe('certificate', () => {
  it('holds the four scores of the subset and takes 4 + |S| evaluations', async () => {
    const { certificate, rows } = await certificateOf([0, 2], 6)
    expect(certificate).toEqual({
      scoreFull: 10,
      scoreSis: 7,
      scoreResidual: 3,
      scoreMasked: 0,
      minimal: true,
      certified: true,
    })
    expect(rows).toBe(6)
  })

  it('has the predictor’s own scores for low-score decisions', async () => {
    const { certificate } = await certificateOf([0, 2], 6, -1)
    expect(certificate).toMatchObject({ scoreFull: -10, scoreSis: -7, scoreResidual: -3, certified: true })
  })

  it('fails an insufficient subset', async () => {
    expect((await certificateOf([0, 1], 6)).certificate).toMatchObject({ minimal: true, certified: false })
  })

  it('fails a subset with a member too many', async () => {
    expect((await certificateOf([0, 2, 1], 6)).certificate).toMatchObject({
      minimal: false,
      certified: false,
    })
  })

  it('passes the empty subset exactly where everything masked gives the decision', async () => {
    expect((await certificateOf([], 0)).certificate).toMatchObject({ minimal: true, certified: true })
    expect((await certificateOf([], 1)).certificate).toMatchObject({ minimal: true, certified: false })
  })

  it('masks the full input and the residual as the claim says', async () => {
    const queue = createScoreQueue({ predictor: toyPredictor(4, sum), output: 0 })
    const claim = {
      full: Uint8Array.of(0, 1, 1, 1),
      residual: Uint8Array.of(0, 0, 0, 1),
      members: Int32Array.of(2),
    }
    expect(await certify(queue, atLeast(4), input, claim)).toMatchObject({ scoreFull: 7, scoreResidual: 2 })
  })
})
