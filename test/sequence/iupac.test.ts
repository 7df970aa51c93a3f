/** Consensus letters as probabilities, and the information that a column carries. */
import { describe, expect, it } from 'vitest'
import { consensusToPpm, iupacLetter } from '../../src/sequence/iupac.ts'

describe('consensusToPpm', () => {
  it('shares each letter among its bases', () => {
    expect(consensusToPpm('AYVN')).toEqual([
      [1, 0, 0, 0],
      [0, 0.5, 0, 0.5],
      [1 / 3, 1 / 3, 1 / 3, 0],
      [0.25, 0.25, 0.25, 0.25],
    ])
  })

  it('is complementary for complementary letters', () => {
    const complements = { A: 'T', C: 'G', R: 'Y', S: 'S', W: 'W', K: 'M', B: 'V', D: 'H', N: 'N' }
    for (const [letter, other] of Object.entries(complements)) {
      expect(consensusToPpm(letter)[0]!.reverse()).toEqual(consensusToPpm(other)[0])
    }
  })

  it('refuses anything else', () => {
    for (const letter of 'aXUZ-') expect(() => consensusToPpm(`A${letter}`)).toThrow(RangeError)
  })
})

describe('iupacLetter', () => {
  it('is the letter of exactly these bases', () => {
    for (const letter of 'ACGTRYSWKMBDHVN') {
      const bases = consensusToPpm(letter)[0]!.flatMap((p, base) => (p > 0 ? [base] : []))
      expect(iupacLetter(bases)).toBe(letter)
    }
  })
})
