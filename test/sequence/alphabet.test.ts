/** The alphabet: every IUPAC letter, and that masked and unknown stay different things in every layout. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  complement,
  decodeSequence,
  encodeLetters,
  encodeSequence,
  invalid,
  masked,
  reverseComplement,
  unknown,
} from '../../src/sequence/alphabet.ts'
import { oneHot } from '../../src/sequence/encoding.ts'

const codesOf = (max: number) => fc.uint8Array({ max, minLength: 1, maxLength: 40 })

describe('encodeSequence', () => {
  it('reads bases of either case, U as T, ambiguity letters as unknown', () => {
    expect([...encodeSequence('ACGTUacgtu')]).toEqual([0, 1, 2, 3, 3, 0, 1, 2, 3, 3])
    for (const letter of 'NRYSWKMBDHVnryswkmbdhv') expect([...encodeSequence(letter)]).toEqual([unknown])
  })

  it('reads nothing else', () => {
    const iupac = new Set('ACGTUNRYSWKMBDHVacgtunryswkmbdhv')
    for (let charCode = 0; charCode < 0x300; charCode++) {
      const letter = String.fromCharCode(charCode)
      if (iupac.has(letter)) continue
      expect(() => encodeSequence(`AC${letter}`)).toThrow(RangeError)
    }
    expect(() => encodeSequence('ACZ')).toThrow("'Z' at position 3 is not an IUPAC nucleotide letter")
  })

  it('tells the first invalid letter, and writes from the offset', () => {
    const codes = new Uint8Array(6)
    expect(encodeLetters('A-C.', codes, 2)).toBe(1)
    expect([...codes]).toEqual([0, 0, 0, invalid, 1, invalid])
  })

  it('undoes decodeSequence for everything but masked', () => {
    fc.assert(
      fc.property(codesOf(4), (drawn) => {
        const codes = drawn.map((code) => (code === masked ? unknown : code))
        expect(encodeSequence(decodeSequence(codes))).toEqual(codes)
      }),
    )
  })
})

describe('decodeSequence', () => {
  it('tells masked from unknown', () => {
    expect(decodeSequence(Uint8Array.of(0, 1, 2, 3, masked, unknown))).toBe('ACGT-N')
    expect(decodeSequence(Uint8Array.of(masked, unknown), '.')).toBe('.N')
  })
})

describe('reverseComplement', () => {
  it('pairs A with T and C with G, and leaves masked and unknown', () => {
    expect([0, 1, 2, 3, masked, unknown].map(complement)).toEqual([3, 2, 1, 0, masked, unknown])
    expect(decodeSequence(reverseComplement(encodeSequence('AACGTN')))).toBe('NACGTT')
  })

  it('is its own inverse', () => {
    fc.assert(
      fc.property(codesOf(5), (codes) => {
        expect(reverseComplement(reverseComplement(codes))).toEqual(codes)
      }),
    )
  })
})

describe('oneHot', () => {
  const background = [0.1, 0.2, 0.3, 0.4]

  it('lays channels out last (NWC) or first (NCW), row by row', () => {
    const codes = encodeSequence('ACGT')
    expect([...oneHot(codes, 2, 'NWC')]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
    expect([...oneHot(codes, 2, 'NCW')]).toEqual([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1])
  })

  it('makes masked the background and unknown zero', () => {
    const codes = Uint8Array.of(masked, unknown)
    expect([...oneHot(codes, 2, 'NWC')]).toEqual([0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0])
    expect([...oneHot(codes, 2, 'NCW', background)]).toEqual(background.flatMap((p) => [Math.fround(p), 0]))
  })

  it('puts the same numbers in both layouts, whatever the array held before', () => {
    fc.assert(
      fc.property(codesOf(5), fc.integer({ min: 1, max: 3 }), (row, rows) => {
        const codes = Uint8Array.from({ length: row.length * rows }, (_, i) => row[i % row.length]!)
        const last = oneHot(codes, row.length, 'NWC', background, new Float32Array(codes.length * 4).fill(9))
        const first = oneHot(codes, row.length, 'NCW', background, new Float32Array(codes.length * 4).fill(9))
        const transposed = first.map((_, at) => {
          const channel = at % 4
          const base = (at - channel) / 4
          const n = Math.floor(base / row.length)
          return first[(n * 4 + channel) * row.length + (base % row.length)]!
        })
        expect(transposed).toEqual(last)
      }),
    )
  })
})
