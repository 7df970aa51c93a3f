/** Which parts the matrices count: those that say what the sites look like. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { countedParts } from '../../src/motif/countedParts.ts'
import type { AlignedPart } from '../../src/motif/mergeMotifs.ts'
import type { Place } from '../../src/motif/sites.ts'
import { encodeSequence, reverseComplement, uniformBackground } from '../../src/sequence/alphabet.ts'

const random = new Random(2, 'countedParts.test')
const width = 8

/** Random sequences of 60 with a site at 26, every other one on the reverse strand; '.' is any base. */
function sites(site: string, count: number): Place[] {
  return Array.from({ length: count }, (_, i) => {
    const letters = Array.from(site, (letter) => (letter === '.' ? 'ACGT'[random.below(4)]! : letter)).join(
      '',
    )
    const codes = Uint8Array.from({ length: 60 }, () => random.below(4))
    codes.set(encodeSequence(letters), 26)
    return { codes: i % 2 === 0 ? codes : reverseComplement(codes), first: 26, last: 33 }
  })
}

/** How many of each kind count. */
function counted(...kinds: Place[][]): number[] {
  const places = kinds.flat()
  let part = 0
  const aligned = kinds.map((kind) =>
    kind.map((_, i): AlignedPart => ({ part: part++, strand: i % 2 === 0 ? '+' : '-', motifOffset: 0 })),
  )
  const counts = new Set(countedParts(aligned, width, places, uniformBackground).map(({ part }) => part))
  return aligned.map((kind) => kind.filter(({ part }) => counts.has(part)).length)
}

describe('countedParts', () => {
  it('counts kinds that say the same', () => {
    expect(counted(sites('CCAGATAA', 40), sites('CCAGATAA', 20))).toEqual([40, 20])
  })

  it('leaves out a kind that only blurs the larger one, and counts one that comes after it', () => {
    expect(counted(sites('CCAGATAA', 40), sites('CC.....A', 20), sites('CCAGATAA', 10))).toEqual([40, 0, 10])
  })

  it('leaves out a part whose own site is likelier in the sequences around', () => {
    expect(counted([...sites('CCAGATAA', 40), ...sites('GGTCTATT', 2)])).toEqual([40])
  })

  it('counts all of a kind whose sites say nothing', () => {
    expect(counted(sites('........', 6))).toEqual([6])
  })
})
