/** What a sequence is held against, and what contributions say once they are. */
import { Random } from '../base/random.ts'
import { baseCount, masked } from '../sequence/alphabet.ts'
import { dinucleotideShuffle } from '../sequence/dinucleotideShuffle.ts'
import { incompletenessOf } from './completeness.ts'
import { atBases, byPosition } from './graphMethod.ts'
import type { Attribution, ExplainedSequence } from './method.ts'

/** @returns Uint8Array [count, L]: dinucleotide shuffles, the same of a sequence among whatever others */
export function shuffledReferences(
  { name, codes }: ExplainedSequence,
  count: number,
  seed: number,
): Uint8Array {
  const random = new Random(seed, 'references', name)
  const references = new Uint8Array(count * codes.length)
  for (let i = 0; i < count; i++) references.set(dinucleotideShuffle(codes, random), i * codes.length)
  return references
}

/** @returns Uint8Array [1, L]: every base masked */
export function backgroundReference(length: number): Uint8Array {
  return new Uint8Array(length).fill(masked)
}

/** @param numbers Float32Array [5 L + 1], as graphs give their contributions */
export function againstReferences(numbers: Float32Array, codes: Uint8Array): Attribution {
  const contributions = numbers.subarray(0, baseCount * codes.length)
  const ofUnknown = baseCount * codes.length
  const importance = atBases(contributions, codes).map((value, i) =>
    codes[i]! < baseCount ? value : numbers[ofUnknown + i]!,
  )
  return {
    importance,
    contributions: byPosition(contributions),
    incompleteness: incompletenessOf(importance, numbers.at(-1)!),
  }
}
