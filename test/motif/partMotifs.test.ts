/** Parts planted in random sequences: fragments of one motif are one motif, different motifs stay two, strays are adopted. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { splitParts } from '../../src/cluster/parts.ts'
import { consensusOf } from '../../src/motif/consensus.ts'
import { ppmOf } from '../../src/motif/motif.ts'
import { findPartMotifs, type PartMotifSearch, type PlacedPart } from '../../src/motif/partMotifs.ts'
import { siteInSequence, siteSpan } from '../../src/motif/siteSpan.ts'
import { complement, encodeSequence, reverseComplement } from '../../src/sequence/alphabet.ts'

const options = { method: 'dbscan', reverseComplements: true, seed: 1 } as const
const random = new Random(6, 'partMotifs.test')

/** A sequence of 60 with the site at 30, of which the SIS keeps what the mask shows as letters; every other one reversed. */
function planted(site: string, mask: string, count: number): PlacedPart[] {
  return Array.from({ length: count }, (_, i) => {
    const codes = Uint8Array.from({ length: 60 }, () => random.below(4))
    codes.set(encodeSequence(site), 30)
    const positions = Array.from(mask).flatMap((letter, k) => (letter === '-' ? [] : [30 + k]))
    if (i % 2 === 0) return { codes, positions }
    return { codes: reverseComplement(codes), positions: positions.map((p) => 59 - p).reverse() }
  })
}

const find = (parts: readonly PlacedPart[], change: object = {}): PartMotifSearch =>
  findPartMotifs(parts, { ...options, ...change })
const sizes = (search: PartMotifSearch): number[] => search.motifs.map(({ members }) => members.length)
const sitesOf = ({ motifs }: PartMotifSearch): string[] =>
  motifs.map(({ sites, motif }) => consensusOf(ppmOf(sites.pfm, motif.nsites)))

describe('findPartMotifs', () => {
  const gata = [...planted('CAGATAAGG', '---AT-A--', 60), ...planted('CAGATAAGG', '--GATA---', 30)]

  it('makes one motif of fragments that keep different bases of one site', () => {
    const search = find(gata)
    expect(search.clusters).toBeGreaterThan(1)
    expect(sizes(search)).toEqual([90])
    expect(search.motifs[0]!.clusters).toBe(search.clusters)
    expect(['CAGATAAGG', 'CCTTATCTG']).toContain(sitesOf(search)[0])
    expect(search.noise).toEqual([])
  })

  it('leaves them apart where it is told not to', () => {
    const search = find(gata, { merge: false })
    expect(search.motifs).toHaveLength(search.clusters)
    expect(search.motifs.every(({ clusters }) => clusters === 1)).toBe(true)
  })

  it('keeps motifs apart that differ in two bases', () => {
    const search = find([
      ...planted('GTCACGTGAC', '--CACGTG--', 60),
      ...planted('AACAGCTGTT', '--CAGCTG--', 50),
    ])
    expect(sizes(search)).toEqual([60, 50])
    expect(search.motifs.every(({ palindrome }) => palindrome)).toBe(true)
  })

  it('adopts a part on a site of the motif, whichever bases it keeps, and no part elsewhere', () => {
    const parts = [
      ...planted('CCACCAGGGGGCGC', 'CC-CCAGGGGGCG-', 60),
      ...planted('CCACCAGGGGGCGC', '-C---AG--G--G-', 1),
      ...planted('CCACCAGGGGGCGC', 'C--C-A-G-G----', 1),
      ...planted('TTTTAAATTATTTA', 'TTT-A--TT--TT-', 1),
    ]
    const search = find(parts)
    expect(search.motifs[0]!.members.filter(({ adopted }) => adopted).map(({ part }) => part)).toEqual([
      60, 61,
    ])
    expect(search.noise).toEqual([62])
    // The matrices are of the clustered parts.
    expect(search.motifs[0]!.motif.nsites).toBe(60)
  })

  it('places every member so that its kept bases are the counts, and its site is the planted one', () => {
    const parts = [...gata, ...planted('GCCACGTGGC', 'G-CACGTG--', 40)]
    const { motifs } = find(parts)
    expect(motifs).toHaveLength(2)
    for (const { motif, members, sites } of motifs) {
      const counts = motif.pfm.map(() => [0, 0, 0, 0])
      const span = siteSpan(sites)
      for (const { part, strand, motifOffset } of members.filter(({ adopted }) => !adopted)) {
        const { codes, positions } = parts[part]!
        const [first, last] = [positions[0]!, positions.at(-1)!]
        for (const position of positions) {
          const code = codes[position]!
          const column = motifOffset + (strand === '+' ? position - first : last - position)
          const row = counts[column]
          if (row !== undefined) row[strand === '+' ? code : complement(code)]!++
        }
        const { start, end } = siteInSequence(span, { first, last, strand, motifOffset })
        expect(end - start).toBe(span.to - span.from)
        const site = codes.slice(start, end)
        const read = strand === '+' ? site : reverseComplement(site)
        const consensus = consensusOf(ppmOf(sites.pfm, motif.nsites)).slice(
          span.from - sites.offset,
          span.to - sites.offset,
        )
        const agreeing = [...read].filter((code, i) => 'ACGT'[code] === consensus[i]).length
        expect(agreeing).toBeGreaterThanOrEqual(consensus.replaceAll('N', '').length - 1)
      }
      expect(motif.pfm).toEqual(counts)
    }
  })

  it('does not depend on the order of the parts', () => {
    const parts = [...gata, ...planted('GCCACGTGGC', 'G-CACGTG--', 40), ...planted('ACGTACG', 'AC---CG', 3)]
    const order = new Random(2, 'order').shuffle([...parts.keys()])
    const found = find(parts)
    const shuffled = find(order.map((i) => parts[i]!))
    const named = ({ motifs, noise }: PartMotifSearch, nameOf: (i: number) => number) => ({
      motifs: motifs.map(({ members, motif, sites, palindrome, clusters }) => ({
        members: members
          .map((member) => ({ ...member, part: nameOf(member.part) }))
          .sort((a, b) => a.part - b.part),
        motif,
        sites,
        palindrome,
        clusters,
      })),
      noise: noise.map(nameOf).sort((a, b) => a - b),
    })
    expect(named(shuffled, (i) => order[i]!)).toEqual(named(found, (i) => i))
  })

  it('counts single bases among the noise, and never clusters them', () => {
    const singles = planted('A', 'A', 50)
    const search = find(singles)
    expect(search.motifs).toEqual([])
    expect(search.noise).toEqual([...singles.keys()])
    expect(find([]).noise).toEqual([])
  })

  it('finds two motifs in SIS that hold both', () => {
    const sis = Array.from({ length: 80 }, (_, i) => {
      const codes = Uint8Array.from({ length: 120 }, () => random.below(4))
      codes.set(encodeSequence('CAGATAAGG'), 5 + random.below(30))
      const at = 60 + random.below(40)
      codes.set(encodeSequence('CACGTG'), at)
      const gata = encodeSequence('CAGATAAGG')
      const start = codes.findIndex((_, k) => gata.every((code, j) => codes[k + j] === code))
      const positions = [2, 3, 4, 6].map((k) => start + k).concat([0, 1, 2, 3, 4, 5].map((k) => at + k))
      expect(start, `${i}`).toBeGreaterThanOrEqual(0)
      return { codes, positions }
    })
    const parts = sis.flatMap(({ codes, positions }) =>
      splitParts(codes, positions, 3).map((part) => ({ codes, positions: part.positions })),
    )
    expect(sizes(find(parts))).toEqual([80, 80])
  })
})
