/** Adoption at its stated level: rarely by chance, nearly always where the motif is. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { PartAdopter, type KeptPart } from '../../src/motif/adoptParts.ts'
import { encodeSequence, reverseComplement } from '../../src/sequence/alphabet.ts'

const uniform = [0.25, 0.25, 0.25, 0.25]
const random = new Random(8, 'adoptParts.test')
const ppm = Array.from('GCCATTAGAC', (letter) =>
  Array.from('ACGT', (base) => (base === letter ? 0.91 : 0.03)),
)

/** Some bases of a window kept at random, of a random sequence in which the site may lie. */
function part(site: string | undefined, keep: number, strand: '+' | '-' = '+'): KeptPart {
  const codes = Uint8Array.from({ length: 60 }, () => random.below(4))
  if (site !== undefined) codes.set(encodeSequence(site), 25)
  const positions = Array.from({ length: 10 }, (_, i) => 25 + i).filter(() => random.uniform() < keep)
  if (positions.length < 2) return part(site, keep, strand)
  if (strand === '+') return { codes, positions, first: positions[0]!, last: positions.at(-1)! }
  const turned = positions.map((position) => 59 - position).reverse()
  return { codes: reverseComplement(codes), positions: turned, first: turned[0]!, last: turned.at(-1)! }
}

describe('PartAdopter', () => {
  it('adopts parts on a site, on either strand and where they lie', () => {
    const adopter = new PartAdopter([{ ppm, offset: 4 }], uniform, true)
    for (const strand of ['+', '-'] as const) {
      const adoptions = Array.from({ length: 100 }, () => part('GCCATTAGAC', 0.5, strand)).map((one) => ({
        one,
        adoption: adopter.adopt(one),
      }))
      expect(adoptions.filter(({ adoption }) => adoption !== undefined).length).toBeGreaterThan(95)
      for (const { one, adoption } of adoptions) {
        if (adoption === undefined) continue
        expect(adoption.strand).toBe(strand)
        const column = strand === '+' ? one.first - 25 : 34 - one.last
        expect(adoption.motifOffset).toBe(4 + column)
      }
    }
  })

  it('adopts no more than its share of parts elsewhere, however many motifs there are', () => {
    const motifs = Array.from({ length: 6 }, () => ({
      ppm: ppm.map(() => random.shuffle([0.85, 0.05, 0.05, 0.05])),
      offset: 0,
    }))
    const adopter = new PartAdopter(motifs, uniform, true)
    const strays = Array.from({ length: 1000 }, () => part(undefined, 0.2 + 0.6 * random.uniform()))
    const adopted = strays.filter((one) => adopter.adopt(one) !== undefined).length
    expect(adopted).toBeLessThanOrEqual(60) // 5 %, and two standard deviations
    expect(adopted).toBeGreaterThan(0)
  })

  it('adopts on one strand only where strands are kept apart', () => {
    const adopter = new PartAdopter([{ ppm: ppm.slice(0, 8), offset: 0 }], uniform, false)
    expect(adopter.adopt(part('GCCATTAGAC', 1))).toMatchObject({ strand: '+', motif: 0 })
    expect(adopter.adopt(part('GCCATTAGAC', 1, '-'))).toBeUndefined()
  })

  it('takes unknown bases and ends of sequences', () => {
    const adopter = new PartAdopter([{ ppm, offset: 0 }], uniform, true)
    const codes = encodeSequence('NCCATTAGACTTTTNNNNNNNN')
    expect(adopter.adopt({ codes, positions: [1, 2, 3, 4, 5, 6, 7], first: 1, last: 7 })).toMatchObject({
      motifOffset: 1,
      strand: '+',
    })
    const edge = encodeSequence('CATTAGACTTTT')
    expect(adopter.adopt({ codes: edge, positions: [0, 1, 2, 3, 4, 5], first: 0, last: 5 })).toMatchObject({
      motifOffset: 2,
    })
    expect(adopter.adopt({ codes, positions: [15, 16, 17], first: 15, last: 17 })).toBeUndefined()
  })
})
