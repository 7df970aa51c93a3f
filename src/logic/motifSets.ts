/** Which motifs together make up an SIS (AND), and which of these sets stand for each other in a sequence (OR). */

/** An SIS as its parts tell. */
export interface PartedSis {
  readonly sequence: number
  /** Motif of each part, from left to right; undefined for a part in no motif. */
  readonly parts: readonly (number | undefined)[]
  /** Parts of one base. */
  readonly singles: number
}

interface MotifSet {
  /** Ascending, each as often as an SIS has it; empty where no part of an SIS is in a motif. */
  readonly motifs: readonly number[]
  /** SIS that have these motifs. */
  readonly sis: number
  /** Of all SIS. */
  readonly share: number
  /** Sequences with such an SIS. */
  readonly sequences: number
  /** SIS that have nothing else: no part in no motif, no single base. */
  readonly complete: number
}

/** Sequences with several disjoint SIS: each is enough. */
interface Alternatives {
  /** Indexes of sets, ascending, one for each SIS. */
  readonly sets: readonly number[]
  readonly sequences: number
}

export interface MotifLogic {
  /** The most frequent first; of equals the one with fewer motifs, then with lower ones. */
  readonly sets: readonly MotifSet[]
  /** Index of the set of each SIS. */
  readonly setOf: Int32Array
  /** The most frequent first. */
  readonly alternatives: readonly Alternatives[]
}

/** @param sis all SIS of a model but empty ones, in any order */
export function motifLogic(sis: readonly PartedSis[]): MotifLogic {
  const keys = sis.map(({ parts }) => {
    const motifs = parts.filter((motif) => motif !== undefined)
    return motifs.sort((a, b) => a - b)
  })
  const tallies = new Map<
    string,
    { motifs: number[]; sis: number; complete: number; sequences: Set<number> }
  >()
  for (const [i, motifs] of keys.entries()) {
    const { sequence, parts, singles } = sis[i]!
    const tally = tallies.get(motifs.join()) ?? { motifs, sis: 0, complete: 0, sequences: new Set() }
    tallies.set(motifs.join(), tally)
    tally.sis++
    tally.sequences.add(sequence)
    if (singles === 0 && motifs.length === parts.length) tally.complete++
  }
  const sorted = [...tallies.values()].sort(
    (a, b) => b.sis - a.sis || a.motifs.length - b.motifs.length || compareLists(a.motifs, b.motifs),
  )
  const indexOf = new Map(sorted.map(({ motifs }, index) => [motifs.join(), index]))
  const setOf = Int32Array.from(keys, (motifs) => indexOf.get(motifs.join())!)
  return {
    sets: sorted.map(({ motifs, sis: count, complete, sequences }) => ({
      motifs,
      sis: count,
      share: count / sis.length,
      sequences: sequences.size,
      complete,
    })),
    setOf,
    alternatives: alternativesOf(sis, setOf),
  }
}

function alternativesOf(sis: readonly PartedSis[], setOf: Int32Array): Alternatives[] {
  const bySequence = new Map<number, number[]>()
  for (const [i, { sequence }] of sis.entries()) {
    const sets = bySequence.get(sequence) ?? []
    bySequence.set(sequence, sets)
    sets.push(setOf[i]!)
  }
  const tallies = new Map<string, { sets: number[]; sequences: number }>()
  for (const sets of bySequence.values()) {
    if (sets.length < 2) continue
    sets.sort((a, b) => a - b)
    const tally = tallies.get(sets.join()) ?? { sets, sequences: 0 }
    tallies.set(sets.join(), tally)
    tally.sequences++
  }
  return [...tallies.values()].sort((a, b) => b.sequences - a.sequences || compareLists(a.sets, b.sets))
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}
