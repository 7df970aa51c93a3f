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
  return members.map((member) => ({ ...places[member.part]!, ...member }))
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

/**
 * The two most alike are made one, in the frame of the larger, as long as any are the same within noise.
 * @param motifs the largest first
 * @param places where each part lies in its sequence, by the index that members have
 * @param composition [4], of the sequences
 * @returns the largest first
 */
export function mergeMotifs(
  motifs: readonly AlignedParts[],
  places: readonly Place[],
  composition: readonly number[],
  reverseComplements: boolean,
): Merged[] {
  const open = new Map<number, { motif: Merged; sites: SiteCounts }>()
  const likenesses = new Map<number, Map<number, Likeness>>()
  const put = (id: number, motif: Merged): void => {
    const added = { motif, sites: sitesOf(motif, places) }
    const row = new Map<number, Likeness>()
    for (const [other, { motif: its, sites }] of open) {
      const overlap = siteFlank + Math.ceil(Math.min(motif.width, its.width) / 2)
      const [first, second] = id < other ? [added.sites, sites] : [sites, added.sites]
      const likeness = likenessOf(first, second, composition, { overlap, reverseComplements })
      if (!isSameMotif(likeness)) continue
      if (id < other) row.set(other, likeness)
      else likenesses.get(other)!.set(id, likeness)
    }
    likenesses.set(id, row)
    open.set(id, added)
  }
  for (const [id, motif] of motifs.entries()) put(id, { ...motif, of: [id] })

  for (let pair = mostAlike(likenesses); pair !== undefined; pair = mostAlike(likenesses)) {
    const { first, second, likeness } = pair
    const merged = join(open.get(first)!.motif, open.get(second)!.motif, likeness, places)
    for (const id of [first, second]) {
      open.delete(id)
      likenesses.delete(id)
      for (const row of likenesses.values()) row.delete(id)
    }
    put(first, merged)
  }
  return [...open.values()]
    .map(({ motif }) => motif)
    .sort((a, b) => b.members.length - a.members.length || a.of[0]! - b.of[0]!)
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
