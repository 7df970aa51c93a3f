/** Patterns: what is kept, what is masked, what is unknown. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { patternCodes, patternOf, reverseComplementPattern } from '../../src/sequence/pattern.ts'
import { encodeSequence, masked, reverseComplement } from '../../src/sequence/alphabet.ts'

describe('patternOf', () => {
  it('runs from the first to the last kept base, masked ones between as gaps', () => {
    expect(patternOf(encodeSequence('ACGTACGT'), [1, 2, 5])).toBe('CG--C')
    expect(patternOf(encodeSequence('ACGTACGT'), [1, 2, 5], '.')).toBe('CG..C')
    expect(patternOf(encodeSequence('ACGT'), [3])).toBe('T')
  })

  it('tells a kept unknown base from a masked one', () => {
    expect(patternOf(encodeSequence('ANNT'), [0, 1, 3])).toBe('AN-T')
    expect([...patternCodes('AN-T')]).toEqual([0, 5, masked, 3])
  })

  it('is empty where nothing is kept', () => {
    expect(patternOf(encodeSequence('ACGT'), [])).toBe('')
  })
})

const pattern = fc.string({ unit: fc.constantFrom('A', 'C', 'G', 'T', 'N', '-'), maxLength: 40 })

describe('reverseComplementPattern', () => {
  it('keeps gaps and N', () => {
    expect(reverseComplementPattern('AC-GNN')).toBe('NNC-GT')
  })

  it('is its own inverse, and the reverse complement of the codes', () => {
    fc.assert(
      fc.property(pattern, (text) => {
        const other = reverseComplementPattern(text)
        expect(reverseComplementPattern(other)).toBe(text)
        expect(patternCodes(other)).toEqual(reverseComplement(patternCodes(text)))
      }),
    )
  })
})
