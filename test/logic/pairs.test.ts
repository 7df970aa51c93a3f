/** Arrangements of two sites: each as it is drawn, and the same whichever strand of the sequence is read. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrangementOf, arrangementsOf, gapBetween, type MotifSite } from '../../src/logic/pairs.ts'

const site = (motif: number, strand: '+' | '-', start: number, end: number): MotifSite => ({
  motif,
  strand,
  start,
  end,
})
const plain = { same: false, palindromes: [false, false] } as const
const pairs = fc.record({
  kind: fc.oneof(
    fc.constant({ same: true, palindromes: [false, false] } as const),
    fc.constant({ same: true, palindromes: [true, true] } as const),
    fc.record({
      same: fc.constant(false as const),
      palindromes: fc.tuple(fc.boolean(), fc.boolean()),
    }),
  ),
  strands: fc.tuple(fc.constantFrom('+' as const, '-' as const), fc.constantFrom('+' as const, '-' as const)),
  starts: fc.tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 90 })),
  widths: fc.tuple(fc.integer({ min: 4, max: 9 }), fc.integer({ min: 4, max: 9 })),
})

describe('arrangementOf', () => {
  it('is read from the first motif’s strand', () => {
    expect(arrangementOf(site(0, '+', 0, 5), site(1, '+', 10, 15), plain)).toBe('A> B>')
    expect(arrangementOf(site(0, '-', 10, 15), site(1, '-', 0, 5), plain)).toBe('A> B>')
    expect(arrangementOf(site(0, '+', 0, 5), site(1, '-', 10, 15), plain)).toBe('A> <B')
    expect(arrangementOf(site(0, '-', 0, 5), site(1, '-', 10, 15), plain)).toBe('B> A>')
    expect(arrangementOf(site(0, '-', 0, 5), site(1, '+', 10, 15), plain)).toBe('<B A>')
  })

  it('has no arrow where a motif reads the same on both strands', () => {
    const first = { same: false, palindromes: [true, false] } as const
    expect(arrangementOf(site(0, '+', 0, 5), site(1, '+', 10, 15), first)).toBe('A B>')
    expect(arrangementOf(site(0, '-', 0, 5), site(1, '+', 10, 15), first)).toBe('A B>')
    expect(arrangementOf(site(0, '+', 0, 5), site(1, '-', 10, 15), first)).toBe('B> A')
    const second = { same: false, palindromes: [false, true] } as const
    expect(arrangementOf(site(0, '-', 0, 5), site(1, '+', 10, 15), second)).toBe('B A>')
  })

  it('knows three for two sites of one motif', () => {
    const same = { same: true, palindromes: [false, false] } as const
    expect(arrangementOf(site(0, '-', 0, 5), site(0, '-', 10, 15), same)).toBe('A> A>')
    expect(arrangementOf(site(0, '-', 10, 15), site(0, '+', 0, 5), same)).toBe('A> <A')
    expect(arrangementOf(site(0, '-', 0, 5), site(0, '+', 10, 15), same)).toBe('<A A>')
  })

  it('is one of those that the pair can have, and the same on the other strand of the sequence', () => {
    fc.assert(
      fc.property(pairs, ({ kind, strands, starts, widths }) => {
        fc.pre(2 * starts[0] + widths[0] !== 2 * starts[1] + widths[1])
        const a = site(0, strands[0], starts[0], starts[0] + widths[0])
        const b = site(kind.same ? 0 : 1, strands[1], starts[1], starts[1] + widths[1])
        const turned = (one: MotifSite): MotifSite =>
          site(one.motif, one.strand === '+' ? '-' : '+', 100 - one.end, 100 - one.start)
        const expected = arrangementsOf(kind)
        expect([...expected.values()].reduce((sum, share) => sum + share)).toBe(1)
        expect([...expected.keys()]).toContain(arrangementOf(a, b, kind))
        expect(arrangementOf(turned(a), turned(b), kind)).toBe(arrangementOf(a, b, kind))
        expect(gapBetween(turned(a), turned(b))).toBe(gapBetween(a, b))
        expect(gapBetween(a, b)).toBe(gapBetween(b, a))
      }),
    )
  })
})

it('gapBetween counts the bases between, below 0 where sites overlap', () => {
  expect(gapBetween(site(0, '+', 0, 5), site(1, '+', 15, 20))).toBe(10)
  expect(gapBetween(site(0, '+', 15, 20), site(1, '+', 0, 5))).toBe(10)
  expect(gapBetween(site(0, '+', 0, 5), site(1, '+', 3, 8))).toBe(-2)
})
