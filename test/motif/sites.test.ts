/** Sites of a motif: the sequences' own bases, read in the motif's frame on either strand. */
import { describe, expect, it } from 'vitest'
import { motifSites, type SiteMember } from '../../src/motif/sites.ts'
import { encodeSequence, reverseComplement } from '../../src/sequence/alphabet.ts'

const backgrounds = ['TTAGCA', 'GCTTAC', 'CAGGTT', 'AGCATG', 'GTCCAA', 'TCAACG', 'CGTTGA', 'ATGACC']

/** CACGTG in different surroundings, of which an SIS kept C.C..G; every other one on the reverse strand. */
const members: SiteMember[] = backgrounds.map((flank, i) => {
  const forward = encodeSequence(`${flank}CACGTG${Array.from(flank).reverse().join('')}`)
  const strand = i % 2 === 0 ? '+' : '-'
  const codes = strand === '+' ? forward : reverseComplement(forward)
  return { codes, first: 6, last: 11, strand, motifOffset: 0 }
})

const letters = (pfm: readonly (readonly number[])[]): string =>
  pfm
    .map((row) => (Math.max(...row) === members.length ? 'ACGT'[row.indexOf(Math.max(...row))]! : 'N'))
    .join('')

describe('motifSites', () => {
  it('shows the bases that the SIS did not keep, on both strands', () => {
    const { pfm, offset } = motifSites(members, 6)
    expect(letters(pfm).slice(-offset, 6 - offset)).toBe('CACGTG')
    for (const row of pfm)
      expect(row.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(members.length)
  })

  it('finds informative columns beyond the motif', () => {
    // The model's motif is columns 2 to 4 of the site only.
    const inner = members.map((member) => ({
      ...member,
      first: 8,
      last: 10,
      ...(member.strand === '-' ? { first: 7, last: 9 } : {}),
    }))
    const { pfm, offset } = motifSites(inner, 3)
    expect(offset).toBeLessThanOrEqual(-2)
    expect(letters(pfm).slice(-2 - offset, 4 - offset)).toBe('CACGTG')
  })

  it('places a pattern by its offset in the motif', () => {
    const shifted = members.map((member) => ({ ...member, motifOffset: 2 }))
    const { offset } = motifSites(members, 6)
    expect(motifSites(shifted, 8).offset).toBe(offset + 2)
  })

  it('falls back to the columns of the motif where no column says anything', () => {
    const random = ['A', 'C', 'G', 'T'].map((base) => ({
      codes: encodeSequence(base.repeat(40)),
      first: 20,
      last: 22,
      strand: '+' as const,
      motifOffset: 0,
    }))
    expect(motifSites(random, 3)).toEqual({
      pfm: [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
      offset: 0,
      informative: [false, false, false],
      information: 0,
      composition: [0.25, 0.25, 0.25, 0.25],
    })
  })

  it('counts nothing beyond the sequence or at an unknown base', () => {
    const codes = encodeSequence('NACG')
    const member = { codes, first: 1, last: 3, strand: '+' as const, motifOffset: 0 }
    const { pfm, offset } = motifSites(new Array<SiteMember>(20).fill(member), 3)
    expect({ pfm, offset }).toEqual({
      pfm: [
        [20, 0, 0, 0],
        [0, 20, 0, 0],
        [0, 0, 20, 0],
      ],
      offset: 0,
    })
  })
})
