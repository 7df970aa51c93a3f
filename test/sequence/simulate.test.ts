/** Simulation: what the truth says is really there, and the grammar's numbers, places and spacings are kept. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { ConfigError } from '../../src/base/errors.ts'
import { decodeSequence, reverseComplement } from '../../src/sequence/alphabet.ts'
import { grammarSchema } from '../../src/sequence/grammar.ts'
import { consensusToPpm } from '../../src/sequence/iupac.ts'
import { simulate, type SimulatedSequence } from '../../src/sequence/simulate.ts'

type Element = NonNullable<z.input<typeof grammarSchema>['classes'][number]['elements']>[number]

const consensus = { GATA: 'AGATAAG', BOX: 'CANNTG', CTCF: 'CCASYAGRKGGC' } as const
const motifs = Object.fromEntries(
  Object.entries(consensus).map(([name, text]) => [name, { consensus: text }]),
)

function run(
  elements: Element[],
  overrides: Partial<z.input<typeof grammarSchema>> = {},
  seed = 1,
  count = 50,
) {
  const grammar = { length: 60, motifs, classes: [{ name: 'a', count, labels: [1 as const], elements }] }
  return [...simulate(grammarSchema.parse({ ...grammar, ...overrides }), seed)]
}

/** The letters of a site, read on its own strand. */
function siteLetters(
  { codes }: SimulatedSequence,
  site: SimulatedSequence['sites'][number],
  width: number,
): string {
  const letters = codes.subarray(site.start, site.start + width)
  return decodeSequence(site.strand === '+' ? letters : reverseComplement(letters))
}

const matches = (letters: string, motif: keyof typeof consensus): boolean =>
  consensusToPpm(consensus[motif]).every((row, i) => row['ACGT'.indexOf(letters[i]!)]! > 0)

const motifName = fc.constantFrom('GATA', 'BOX', 'CTCF')
const strand = fc.constantFrom('+', '-', 'either')
const elements = fc.array(
  fc.oneof(
    fc.record({ motif: motifName, strand, copies: fc.constantFrom<[number, number] | number>(1, [0, 2]) }),
    fc.record({
      group: fc.array(fc.record({ motif: motifName, strand }), { minLength: 2, maxLength: 3 }),
      spacing: fc.constantFrom<[number, number] | number>(0, 3, [1, 6]),
      strand,
    }),
  ),
  { maxLength: 2 },
) as fc.Arbitrary<Element[]>

describe('simulate', () => {
  it('plants what the truth says: letters, informative positions, order, no overlap', () => {
    fc.assert(
      fc.property(elements, fc.nat(), fc.nat(4), (drawn, seed, gap) => {
        for (const sequence of run(drawn, { length: 150, 'minimum-spacing': gap }, seed, 5)) {
          let end = 0
          for (const site of sequence.sites) {
            const motif = site.motif as keyof typeof consensus
            const width = consensus[motif].length
            expect(site.start).toBeGreaterThanOrEqual(end)
            end = site.start + width
            expect(end).toBeLessThanOrEqual(150)
            expect(matches(siteLetters(sequence, site, width), motif)).toBe(true)
            const letters =
              site.strand === '+' ? consensus[motif] : Array.from(consensus[motif]).reverse().join('')
            const informative = Array.from(letters).flatMap((letter, i) =>
              letter === 'N' ? [] : [site.start + i],
            )
            expect(site.positions).toEqual(informative)
          }
        }
      }),
    )
  })

  it('gives the same sequences for the same seed, and others for another', () => {
    const element = [{ motif: 'GATA' }]
    expect(run(element, {}, 3)).toEqual(run(element, {}, 3))
    expect(run(element, {}, 3)).not.toEqual(run(element, {}, 4))
  })

  it('makes each class as often as asked, labelled and numbered, in mixed order', () => {
    const classes = [
      { name: 'pos', count: 30, labels: [1 as const], elements: [{ motif: 'GATA' }] },
      { name: 'neg', count: 20, labels: [0 as const] },
    ]
    const sequences = run([], { classes })
    for (const { name, count, labels } of classes) {
      const own = sequences.filter((sequence) => sequence.name.startsWith(name))
      expect(own.map((sequence) => sequence.name)).toEqual(
        Array.from({ length: count }, (_, i) => `${name}_${i + 1}`),
      )
      for (const sequence of own) expect(sequence.labels).toEqual(labels)
      expect(own.every(({ sites }) => sites.length === (name === 'pos' ? 1 : 0))).toBe(true)
    }
    expect(new Set(sequences.slice(0, 20).map(({ labels }) => labels[0])).size).toBe(2)
  })

  it('draws presence, copies and strands evenly', () => {
    const sites = run([{ motif: 'GATA', probability: 0.5 }], {}, 1, 2000).flatMap(
      (sequence) => sequence.sites,
    )
    // Five standard deviations of a binomial count.
    expect(Math.abs(sites.length - 1000)).toBeLessThan(5 * Math.sqrt(500))
    const forward = sites.filter((site) => site.strand === '+').length
    expect(Math.abs(forward - sites.length / 2)).toBeLessThan(5 * Math.sqrt(sites.length / 4))
    const copies = run([{ motif: 'GATA', copies: [1, 3] }], {}, 1, 300).map(
      (sequence) => sequence.sites.length,
    )
    expect(new Set(copies)).toEqual(new Set([1, 2, 3]))
  })

  it('places uniformly over every start, near the centre, or within a range', () => {
    const starts = (placement: Element['placement']) =>
      run([{ motif: 'GATA', placement }], {}, 1, 1000).map((sequence) => sequence.sites[0]!.start)
    expect(new Set(starts('uniform')).size).toBe(54)
    const centred = starts({ centre: 3 })
    const mean = centred.reduce((sum, start) => sum + start, 0) / centred.length
    expect(Math.abs(mean - 26.5)).toBeLessThan(0.5)
    expect(centred.filter((start) => Math.abs(start - 26.5) > 12.5)).toEqual([])
    expect(new Set(starts({ within: [10, 18] }))).toEqual(new Set([10, 11, 12]))
  })

  it('keeps the order and spacing of a group on either strand', () => {
    const group = [{ motif: 'GATA' }, { motif: 'BOX' }, { motif: 'CTCF', strand: '-' as const }]
    const gaps = new Set<number>()
    const strands = new Set<string>()
    for (const { sites } of run([{ group, spacing: [2, 5] }], { length: 90 }, 1, 300)) {
      const forward = sites[0]!.motif === 'GATA'
      expect(sites.map(({ motif }) => motif)).toEqual(
        forward ? ['GATA', 'BOX', 'CTCF'] : ['CTCF', 'BOX', 'GATA'],
      )
      strands.add(sites.map((site) => site.strand).join(''))
      for (const [i, site] of sites.slice(1).entries()) {
        const before = sites[i]!
        gaps.add(site.start - before.start - consensus[before.motif as keyof typeof consensus].length)
      }
    }
    expect([...gaps].sort()).toEqual([2, 3, 4, 5])
    expect(strands).toEqual(new Set(['++-', '+--']))
  })

  it('plants decoys that are no truth and no motif', () => {
    for (const { sites } of run([{ motif: 'GATA', scrambled: true }])) expect(sites).toEqual([])
    // The background is A alone, so what else there is comes from the decoy.
    const sequences = run([{ motif: 'GATA', strand: '+', mutated: 1, placement: { within: [10, 16] } }], {
      background: { frequencies: [1, 0, 0, 0] },
    })
    const changed = new Set<number>()
    for (const { codes, sites } of sequences) {
      expect(sites).toEqual([])
      const letters = decodeSequence(codes).slice(10, 17)
      const differing = Array.from(letters).flatMap((letter, i) => (letter === consensus.GATA[i] ? [] : [i]))
      expect(differing).toHaveLength(1)
      changed.add(differing[0]!)
    }
    expect(changed.size).toBe(7)
  })

  it('draws the background as asked', () => {
    const composition = (background: z.input<typeof grammarSchema>['background']) => {
      const counts = [0, 0, 0, 0]
      for (const { codes } of run([], { background, length: 500 })) for (const code of codes) counts[code]!++
      return counts.map((count) => count / 25_000)
    }
    for (const [background, expected] of [
      [{ gc: 0.3 }, [0.35, 0.15, 0.15, 0.35]],
      [{ frequencies: [0.1, 0.2, 0.3, 0.4] }, [0.1, 0.2, 0.3, 0.4]],
    ] as const) {
      for (const [i, share] of composition({ ...background } as { gc: number }).entries()) {
        expect(share).toBeCloseTo(expected[i]!, 1)
      }
    }
    const cycle = [
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
      [1, 0, 0, 0],
    ]
    for (const { codes } of run([], { background: { transitions: cycle } })) {
      expect('ACGT'.repeat(17)).toContain(decodeSequence(codes))
    }
  })

  it('takes motifs from the known ones, and says which is missing', () => {
    const grammar = grammarSchema.parse({
      length: 20,
      motifs: { X: { meme: 'CTCF' } },
      classes: [{ name: 'a', count: 3, labels: [1], elements: [{ motif: 'X', strand: '+' }] }],
    })
    const known = new Map([['CTCF', consensusToPpm('CCGCG')]])
    for (const sequence of simulate(grammar, 1, known)) {
      expect(siteLetters(sequence, sequence.sites[0]!, 5)).toBe('CCGCG')
    }
    expect(() => [...simulate(grammar, 1)]).toThrow(ConfigError)
    expect(() => [...simulate(grammar, 1)]).toThrow("motif 'X' is 'CTCF'")
  })

  it('refuses elements that do not fit', () => {
    const within = (from: number, to: number): Element['placement'] => ({ within: [from, to] })
    for (const element of [
      { motif: 'GATA', copies: 9 },
      { motif: 'GATA', placement: within(10, 15) },
      { motif: 'GATA', placement: within(56, 80) },
    ]) {
      expect(() => run([element])).toThrow("class 'a' do not fit into 60 bases")
    }
  })

  it('records only columns of at least 0.25 bits', () => {
    const ppm = [
      [1, 0, 0, 0],
      [0.25, 0.25, 0.25, 0.25],
      [0.5, 0.25, 0.25, 0], // 0.5 bits
      [0.4, 0.2, 0.2, 0.2], // 0.08 bits
    ]
    for (const { sites } of run([{ motif: 'P', strand: '+' }], { motifs: { P: { ppm } } })) {
      const [site] = sites
      expect(site!.positions).toEqual([site!.start, site!.start + 2])
    }
  })
})
