/** What is counted of completions, in closed form; and that the worst that is found is what it is said to be. */
import { describe, expect, it } from 'vitest'
import { tryContexts, type ContextOptions } from '../../src/completion/tryContexts.ts'
import { encodeSequence, masked } from '../../src/sequence/alphabet.ts'
import { atLeast, atMost, toyPredictor } from '../sis/toyPredictors.ts'

const [, , G] = [0, 1, 2]
const codes = encodeSequence('AACCTTAACC')
const sis = { name: 'one', codes, positions: [0, 1] }
const gs = (cells: readonly number[]): number => cells.filter((cell) => cell === G).length
const own = (cells: readonly number[]): number => (cells[0] === 0 ? 1 : 0) + (cells[1] === 0 ? 1 : 0)

function options(changes: Partial<ContextOptions> = {}): ContextOptions {
  return {
    decision: atLeast(2),
    fills: ['shuffled', 'others', 'background'],
    completions: 50,
    sources: {
      seed: 7,
      donors: Uint8Array.from([...encodeSequence('GTTTTTTTTT'), ...encodeSequence('GGGGGGGGGG')]),
      background: [0.25, 0.25, 0.25, 0.25],
    },
    ...changes,
  }
}

describe('an SIS in real contexts', () => {
  it('holds in all where nothing else counts, and in none without it', async () => {
    const tried = await tryContexts(toyPredictor(10, own), sis, options())
    expect(tried.tallies.map(({ fill, held, heldWithout }) => [fill, held, heldWithout])).toEqual([
      ['shuffled', 50, 0],
      ['others', 50, 0],
      ['background', 50, 0],
    ])
    expect(tried.refuted).toBe(false)
    expect(tried.worst.score).toBe(2)
  })

  it('ends in the contexts that speak against it', async () => {
    const predictor = toyPredictor(10, (cells) => own(cells) - gs(cells))
    const { tallies, worst, refuted } = await tryContexts(predictor, sis, options())
    const [shuffled, others, background] = tallies
    // The sequence has no G of its own, one donor has none but at the SIS; eight draws without a G are one in ten.
    expect(shuffled).toMatchObject({ held: 50, scoreMean: 2, scoreWorst: 2 })
    expect(others!.scoreWorst).toBe(-6)
    expect(others!.held).toBeGreaterThan(10)
    expect(others!.held).toBeLessThan(40)
    expect(others!.scoreMean).toBeCloseTo((2 * others!.held - 6 * (50 - others!.held)) / 50, 6)
    expect(background!.held).toBeLessThan(15)
    expect(refuted).toBe(true)
    expect(worst.score).toBe(-6)
    expect([...worst.codes]).toEqual([0, 0, G, G, G, G, G, G, G, G])
  })

  it('is put to the test by search where every completion drawn keeps it', async () => {
    // Ends only with four Gs, which a shuffle of other bases never has.
    const predictor = toyPredictor(10, (cells) => own(cells) - (gs(cells) >= 4 ? 1 : 0) - gs(cells) * 1e-6)
    const decision = atLeast(1.5)
    const { tallies, worst, refuted } = await tryContexts(
      predictor,
      sis,
      options({ fills: ['shuffled'], decision }),
    )
    expect(tallies).toMatchObject([{ held: 50 }])
    expect(refuted).toBe(true)
    expect(gs([...worst.codes])).toBe(4)
    expect(worst.score).toBeCloseTo(1, 4)
  })

  it('of a low-score decision is furthest where scores are high', async () => {
    const predictor = toyPredictor(10, (cells) => gs(cells) - own(cells))
    const { tallies, worst, refuted } = await tryContexts(predictor, sis, options({ decision: atMost(-2) }))
    expect(tallies[0]!.held).toBe(50)
    expect(worst.score).toBe(6)
    expect(refuted).toBe(true)
  })

  it('asks for the SIS masked, in the same completions', async () => {
    const seen: number[][] = []
    const predictor = toyPredictor(10, (cells) => {
      seen.push([...cells])
      return own(cells)
    })
    await tryContexts(predictor, sis, options({ fills: ['background'], completions: 3 }))
    const [kept, without] = [seen.slice(0, 3), seen.slice(3, 6)]
    expect(without.map((cells) => cells.slice(2))).toEqual(kept.map((cells) => cells.slice(2)))
    expect(without.map((cells) => cells.slice(0, 2))).toEqual(Array(3).fill([masked, masked]))
  })

  it('names the sequence whose score is no number', async () => {
    await expect(
      tryContexts(
        toyPredictor(10, () => Number.NaN),
        sis,
        options(),
      ),
    ).rejects.toThrow("sequence 'one': a completion of it is scored as NaN")
  })

  it('ends at once where it is told to', async () => {
    const signal = AbortSignal.abort(new Error('stop'))
    await expect(tryContexts(toyPredictor(10, own), sis, options({ signal }))).rejects.toThrow('stop')
  })
})
