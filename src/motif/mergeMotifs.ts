/** Motifs that are the same within noise made one: a fragment of a motif is not a second motif. */
import { likenessOf, reverseSites, type Likeness, type SiteCounts } from './likeness.ts'
import { siteCounts, siteFlank, turned, type Place, type Placement, type SiteMember } from './sites.ts'

/** Aligned parts, in the frame of their motif. */
export interface AlignedParts {
  /** Columns of the motif. */
  readonly width: number
  readonly members: readonly AlignedPart[]
}

export interface AlignedPart extends Placement {
  /** Index of the part. */
  readonly part: number
}

/** @returns the parts as sites of their sequences, in the same order */
export function inSequences(
  members: readonly AlignedPart[],
  places: readonly Place[],
): (SiteMember & AlignedPart)[] {
  return members.map(({ part, strand, motifOffset }) => {
    const { codes, first, last } = places[part]!
    return { codes, first, last, part, strand, motifOffset }
  })
}

/**
 * The most that pooling may lose, as a share of the two motifs' information. Fragments of one motif lose 0.01 to 0.13
 * (ETS, YY1, NFY, ZNF143, GATA in the SIS of trained nets), different motifs 0.2 to 0.4; two E-boxes that differ in their
 * middle, CACGTG and CAGCTG, a sixth at least.
 */
const mostLost = 0.15
/** Bits that both must have: what says nothing is not the same as anything. */
const leastShared = 4

export interface Merged extends AlignedParts {
  /** Which of the motifs given it was made of; the first gave the frame. */
  readonly of: readonly number[]
}

/** Merges the motifs of some parts, again and again as they grow: what two motifs are to each other is found once. */
export class MotifMerger {
  readonly #places: readonly Place[]
  readonly #composition: readonly number[]
  readonly #reverseComplements: boolean
  readonly #sites = new WeakMap<AlignedParts, SiteCounts>()
  /** Of the pair whose first motif came first; undefined where the two are not the same. */
  readonly #likenesses = new WeakMap<
    AlignedParts,
    WeakMap<AlignedParts, { readonly same: Likeness | undefined }>
  >()

  /**
   * @param places where each part lies in its sequence, by the index that members have
   * @param composition [4], of the sequences
   */
  constructor(places: readonly Place[], composition: readonly number[], reverseComplements: boolean) {
    this.#places = places
    this.#composition = composition
    this.#reverseComplements = reverseComplements
  }

  /**
   * The two most alike are made one, in the frame of the larger, as long as any are the same within noise.
   * @param motifs the largest first
   * @returns the largest first
   */
  merge(motifs: readonly Merged[]): Merged[] {
    const open = new Map<number, Merged>()
    const likenesses = new Map<number, Map<number, Likeness>>()
    const put = (id: number, motif: Merged): void => {
      const row = new Map<number, Likeness>()
      for (const [other, its] of open) {
        const same = id < other ? this.#sameness(motif, its) : this.#sameness(its, motif)
        if (same === undefined) continue
        if (id < other) row.set(other, same)
        else likenesses.get(other)!.set(id, same)
      }
      likenesses.set(id, row)
      open.set(id, motif)
    }
    for (const [id, motif] of motifs.entries()) put(id, motif)

    for (let pair = mostAlike(likenesses); pair !== undefined; pair = mostAlike(likenesses)) {
      const { first, second, likeness } = pair
      const merged = join(open.get(first)!, open.get(second)!, likeness, this.#places)
      for (const id of [first, second]) {
        open.delete(id)
        likenesses.delete(id)
        for (const row of likenesses.values()) row.delete(id)
      }
      put(first, merged)
    }
    return largestFirst([...open.values()])
  }

  /** @returns how the second lies on the first, where they are the same */
  #sameness(first: Merged, second: Merged): Likeness | undefined {
    let row = this.#likenesses.get(first)
    if (row === undefined) this.#likenesses.set(first, (row = new WeakMap()))
    let known = row.get(second)
    if (known === undefined) {
      const likeness = likenessOf(this.#sitesOf(first), this.#sitesOf(second), this.#composition, {
        overlap: siteFlank + Math.ceil(Math.min(first.width, second.width) / 2),
        reverseComplements: this.#reverseComplements,
      })
      row.set(second, (known = { same: isSameMotif(likeness) ? likeness : undefined }))
    }
    return known.same
  }

  #sitesOf(motif: Merged): SiteCounts {
    let sites = this.#sites.get(motif)
    if (sites === undefined) this.#sites.set(motif, (sites = sitesOf(motif, this.#places)))
    return sites
  }
}

export function largestFirst(motifs: readonly Merged[]): Merged[] {
  return motifs.toSorted((a, b) => b.members.length - a.members.length || a.of[0]! - b.of[0]!)
}

/** Whether two motifs are the same within noise. */
export function isSameMotif({ loss, shared }: Likeness): boolean {
  return loss <= mostLost && shared >= leastShared
}

/** The motif is one with its own reverse complement: its strand says nothing. */
export function isPalindrome(
  motif: AlignedParts,
  places: readonly Place[],
  composition: readonly number[],
): boolean {
  const sites = sitesOf(motif, places)
  const overlap = siteFlank + motif.width
  return isSameMotif(
    likenessOf(sites, reverseSites(sites), composition, { overlap, reverseComplements: false }),
  )
}

function sitesOf({ members, width }: AlignedParts, places: readonly Place[]): SiteCounts {
  return { counts: siteCounts(inSequences(members, places), width), nsites: members.length }
}

function mostAlike(
  likenesses: ReadonlyMap<number, ReadonlyMap<number, Likeness>>,
): { first: number; second: number; likeness: Likeness } | undefined {
  let best: { first: number; second: number; likeness: Likeness } | undefined
  for (const [first, row] of likenesses) {
    for (const [second, likeness] of row) {
      const isBetter =
        best === undefined ||
        likeness.loss < best.likeness.loss ||
        (likeness.loss === best.likeness.loss && (first - best.first || second - best.second) < 0)
      if (isBetter) best = { first, second, likeness }
    }
  }
  return best
}

/** The second in the frame of the first. */
function join(first: Merged, second: Merged, { strand, shift }: Likeness, places: readonly Place[]): Merged {
  const moved = second.members.map((member): AlignedPart => {
    const read = strand === '+' ? member : turned(member, places[member.part]!, second.width)
    return { ...read, motifOffset: read.motifOffset + shift }
  })
  return {
    width: first.width,
    of: [...first.of, ...second.of].sort((a, b) => a - b),
    members: [...first.members, ...moved],
  }
}
