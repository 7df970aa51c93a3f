/** Parts of SIS as a model of known motifs would give them: sites with some columns kept, some bases wrong, and random ones. */
import { Random } from '../src/base/random.ts'
import type { PlacedPart } from '../src/motif/partMotifs.ts'
import { informationOf } from '../src/motif/motif.ts'
import type { ComparedMotif } from '../src/motif/motifMatch.ts'
import { baseCount, complement } from '../src/sequence/alphabet.ts'
import { patternOf } from '../src/sequence/pattern.ts'

const motifCount = 30
const randomShare = 0.15
const wrongShare = 0.05
const sequenceLength = 101
/** A column of so many bits is kept most often. */
const fullBits = 1.5
const mostKept = 0.9

/** What was planted where a part lies. */
export interface Planted {
  /** Index of the planted motif; -1 where the part was drawn at random. */
  readonly motif: number
  readonly strand: '+' | '-'
  /** Motif column on which the part's first base lies, as read on this strand. */
  readonly motifOffset: number
}

export interface SimulatedPart extends PlacedPart {
  readonly planted: Planted
}

/** @returns n parts of at least two bases, each in a sequence of its own, half of them on the reverse strand */
export function simulateParts(known: readonly ComparedMotif[], n: number, seed: number): SimulatedPart[] {
  const random = new Random(seed, 'simulated parts')
  const motifs = Array.from({ length: motifCount }, () => known[random.below(known.length)]!.ppm)
  const bits = motifs.map((ppm) => informationOf(ppm))
  const parts: SimulatedPart[] = []
  while (parts.length < n) {
    const codes = Uint8Array.from({ length: sequenceLength }, () => random.below(baseCount))
    const i = random.below(motifs.length)
    const isRandom = random.uniform() < randomShare
    const width = isRandom ? 4 + random.below(12) : motifs[i]!.length
    const start = random.below(sequenceLength - width + 1)
    const isReversed = random.below(2) === 1
    const positions: number[] = []
    for (let column = 0; column < width; column++) {
      const at = isReversed ? start + width - 1 - column : start + column
      if (!isRandom && random.uniform() >= wrongShare) {
        const base = random.weighted(motifs[i]![column]!)
        codes[at] = isReversed ? complement(base) : base
      }
      const kept = isRandom ? 0.75 : Math.min(mostKept, bits[i]![column]! / fullBits)
      if (random.uniform() < kept) positions.push(at)
    }
    if (positions.length < 2) continue
    positions.sort((a, b) => a - b)
    const planted: Planted = {
      motif: isRandom ? -1 : i,
      strand: isReversed ? '-' : '+',
      motifOffset: isReversed ? start + width - 1 - positions.at(-1)! : positions[0]! - start,
    }
    parts.push({ codes, positions, planted })
  }
  return parts
}

/** @returns n different patterns of such parts */
export function simulatePatterns(known: readonly ComparedMotif[], n: number, seed: number): string[] {
  const patterns = new Set<string>()
  for (let batch = 0; patterns.size < n; batch++) {
    for (const { codes, positions } of simulateParts(known, n, seed + 1000 * batch)) {
      if (patterns.size < n) patterns.add(patternOf(codes, positions))
    }
  }
  return [...patterns]
}
