/** A small sequence set with a planted motif, for training tests. */
import { Random } from '../../src/base/random.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import type { SequenceSet } from '../../src/sequence/sequenceSet.ts'

/** Uniform sequences; every second one carries TGACTCA. Splits go train, train, valid, test in turn, pairwise. */
export function plantedMotifSet(count: number, length: number, seed = 7): SequenceSet {
  const random = new Random(seed, 'toy')
  const motif = encodeSequence('TGACTCA')
  const codes = new Uint8Array(count * length).map(() => random.below(4))
  const labels = new Float32Array(count)
  const splits = new Uint8Array(count)
  for (let row = 0; row < count; row++) {
    splits[row] = [0, 0, 1, 2][(row >> 1) % 4]!
    if (row % 2 === 1) continue
    labels[row] = 1
    codes.set(motif, row * length + random.below(length - motif.length + 1))
  }
  return {
    count,
    length,
    ids: new Int32Array(count).map((_, row) => row),
    codes,
    labels,
    labelNames: ['bound'],
    splits,
  }
}
