/**
 * Dinucleotide shuffle: a random sequence with exactly the dinucleotide counts of the given one. Altschul and Erickson,
 * Mol. Biol. Evol. 2:526 (1985); the arborescence is drawn by Wilson's loop-erased random walk (STOC 1996).
 */
import type { Random } from '../base/random.ts'

const letterCount = 6

/**
 * A sequence is a walk over its letters, each dinucleotide an edge; a shuffle is another Euler walk over the same edges.
 * Drawn uniformly over all distinct rearrangements; first and last letter stay. Unknown is a letter like any other.
 * @param codes Uint8Array [L], each below 6
 * @returns codes: Uint8Array [L], a new array even where no other rearrangement exists
 */
export function dinucleotideShuffle(codes: Uint8Array, random: Random): Uint8Array {
  const length = codes.length
  if (length < 4) return codes.slice()

  // Successors of letter v, as a multiset: successors[first[v]] … successors[first[v + 1] - 1].
  const first = new Int32Array(letterCount + 1)
  for (let i = 0; i < length - 1; i++) first[codes[i]! + 1]!++
  for (let v = 0; v < letterCount; v++) first[v + 1]! += first[v]!
  const next = first.slice()
  const successors = new Uint8Array(length - 1)
  for (let i = 0; i < length - 1; i++) successors[next[codes[i]!]!++] = codes[i + 1]!

  const root = codes[length - 1]!
  const lastExit = randomArborescence(first, successors, root, random)
  for (let v = 0; v < letterCount; v++) {
    const from = first[v]!
    let to = first[v + 1]!
    if (from === to) continue
    if (v !== root) {
      to--
      const exit = lastExit[v]!
      successors[successors.indexOf(exit, from)] = successors[to]!
      successors[to] = exit
    }
    for (let i = to - 1; i > from; i--) {
      const j = from + random.below(i - from + 1)
      const held = successors[i]!
      successors[i] = successors[j]!
      successors[j] = held
    }
  }

  const shuffled = new Uint8Array(length)
  let letter = codes[0]!
  shuffled[0] = letter
  next.set(first)
  for (let i = 1; i < length; i++) {
    letter = successors[next[letter]!++]!
    shuffled[i] = letter
  }
  return shuffled
}

/**
 * For every letter but the root, the edge by which the walk leaves it for the last time. These edges lead from every
 * letter to the root; each such tree is drawn with probability proportional to the product of its edges' multiplicities.
 */
function randomArborescence(
  first: Int32Array,
  successors: Uint8Array,
  root: number,
  random: Random,
): Uint8Array {
  const exit = new Uint8Array(letterCount)
  const joined = new Uint8Array(letterCount)
  joined[root] = 1
  for (let v = 0; v < letterCount; v++) {
    if (first[v] === first[v + 1]) continue
    for (let u = v; joined[u] === 0; u = exit[u]!) {
      exit[u] = successors[first[u]! + random.below(first[u + 1]! - first[u]!)]!
    }
    for (let u = v; joined[u] === 0; u = exit[u]!) joined[u] = 1
  }
  return exit
}
