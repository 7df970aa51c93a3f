/**
 * From parts to motifs: nearly equal parts are clustered and aligned, motifs that are the same within noise made one, and
 * parts left over adopted by the motif on whose site they lie.
 */
import { stabilityOf } from '../cluster/stability.ts'
import { baseCount, complement } from '../sequence/alphabet.ts'
import type { Matrix } from '../sequence/matrix.ts'
import { PartAdopter } from './adoptParts.ts'
import {
  findMotifs,
  motifOf,
  type FindMotifsOptions,
  type FoundMotif,
  type MotifSearch,
} from './findMotifs.ts'
import { countedParts } from './countedParts.ts'
import { compositionOf } from './informativeColumns.ts'
import {
  inSequences,
  isPalindrome,
  mergeMotifs,
  type AlignedPart,
  type AlignedParts,
  type Merged,
} from './mergeMotifs.ts'
import { ppmOf } from './motif.ts'
import { motifSites, turned, type MotifSites, type Placement } from './sites.ts'
import { splitMotifs } from './splitMotifs.ts'
import { patternOf } from '../sequence/pattern.ts'

/** A part of an SIS in its sequence. */
export interface PlacedPart {
  /** The sequence: Uint8Array [L]. */
  readonly codes: Uint8Array
  /** Kept by the SIS, ascending, 0-based; not empty. */
  readonly positions: readonly number[]
}

export interface PartMotifsOptions extends FindMotifsOptions {
  /** Make motifs one that are the same within noise; true unless given. */
  readonly merge?: boolean | undefined
}

interface PartMember extends Placement {
  /** Index of the part among those given. */
  readonly part: number
  /** In no cluster, but on a site of the motif; its matrices do not count it. */
  readonly adopted: boolean
}

export interface PartMotif {
  /** The pattern of the member nearest to all others, of the largest cluster that the motif was made of. */
  readonly medoid: string
  readonly members: readonly PartMember[] // by part, ascending
  readonly motif: FoundMotif
  readonly sites: MotifSites
  /** Clusters that it was made of. */
  readonly clusters: number
  /** How firmly the data hold those clusters together, in [0, 1]: see `stabilityOf`. Adopted parts do not count. */
  readonly stability: number
  /** It is one with its own reverse complement, so its strand says nothing. */
  readonly palindrome: boolean
}

export interface PartMotifSearch {
  /** The largest first. */
  readonly motifs: readonly PartMotif[]
  /** Indexes of the parts in no motif, ascending; single bases are among them. */
  readonly noise: readonly number[]
  /** Clusters before any were made one. */
  readonly clusters: number
  /** What the clustering was done with, defaults resolved. */
  readonly parameters: Readonly<Record<string, number | boolean>>
}

/** Adopting changes what a motif's sites look like, and so who is adopted; three rounds settle all but a few. */
const adoptionRounds = 3
/**
 * Columns of a part that may differ between neighbours, as a share: parts of fewer than four columns must be equal, so that a
 * part of two bases does not chain one motif to the next.
 */
const mostOfLength = 0.25
/** Of the work, the share that finding the clusters takes, where there are many parts. */
const findingShare = 0.5
/** An edge column that fewer members keep is cut off, as in an alignment. */
const edgeShare = 0.1

/**
 * Pure and deterministic; the order of the parts does not matter.
 * @param progress is told the share of the work done
 */
export function findPartMotifs(
  parts: readonly PlacedPart[],
  options: PartMotifsOptions,
  progress?: (share: number) => void,
): PartMotifSearch {
  const { reverseComplements, merge = true } = options
  const places = parts.map(({ codes, positions }) => ({
    codes,
    positions,
    first: positions[0]!,
    last: positions[positions.length - 1]!,
  }))
  const patterns = parts.flatMap(({ codes, positions }, key) =>
    positions.length > 1 ? [{ key, pattern: patternOf(codes, positions) }] : [],
  )
  const search = findMotifs(patterns, { mostOfLength, ...options }, (share) => {
    progress?.(findingShare * share)
  })
  const clusters = search.clusters.map(({ members, motif }) => ({
    width: motif.ppm.length,
    members: members.map(({ key, strand, motifOffset }) => ({ part: key, strand, motifOffset })),
  }))
  const composition = compositionOf(new Set(parts.map(({ codes }) => codes)))
  const kinds = splitMotifs(clusters, places, composition).sort(
    (a, b) => b.members.length - a.members.length || a.from - b.from,
  )
  const clustersOf = (of: readonly number[]): number[] =>
    [...new Set(of.map((kind) => kinds[kind]!.from))].sort((a, b) => a - b)
  let motifs: readonly Merged[] = merge
    ? mergeMotifs(kinds, places, composition, reverseComplements)
    : kinds.map((kind, i) => ({ ...kind, of: [i] }))

  const adopted = new Set<number>()
  const left = new Set(search.noise)
  for (let round = 0; round < adoptionRounds && left.size > 0 && motifs.length > 0; round++) {
    const adopter = new PartAdopter(
      motifs.map(({ members, width }) => {
        const { pfm, offset } = motifSites(inSequences(members, places), width, composition)
        return { ppm: ppmOf(pfm, members.length, composition), offset }
      }),
      composition,
      reverseComplements,
    )
    progress?.(findingShare + ((1 - findingShare) * round) / adoptionRounds)
    const joining: AlignedPart[][] = motifs.map(() => [])
    for (const part of left) {
      const place = places[part]!
      const adoption = place.positions.length > 1 ? adopter.adopt(place) : undefined
      if (adoption === undefined) continue
      const { motif, strand, motifOffset } = adoption
      joining[motif]!.push({ part, strand, motifOffset })
      adopted.add(part)
      left.delete(part)
    }
    if (joining.every((more) => more.length === 0)) break
    motifs = motifs.map((motif, i) => ({ ...motif, members: [...motif.members, ...joining[i]!] }))
    if (merge) motifs = mergeAgain(motifs, places, composition, reverseComplements)
  }

  const bySize = motifs.toSorted((a, b) => b.members.length - a.members.length || a.of[0]! - b.of[0]!)
  const stability = stabilityOf(placesOf(bySize, search), search.resamples)
  const found = bySize.map((aligned, i) => {
    const ofKinds = byKind(aligned, kinds)
    const counts = new Set(countedParts(ofKinds, aligned.width, places, composition).map(({ part }) => part))
    const { motif, members } = asRead(aligned, counts, places, options.background)
    const counted = members.filter(({ part }) => counts.has(part))
    const sites = motifSites(inSequences(counted, places), motif.ppm.length, composition)
    return {
      medoid: search.clusters[clustersOf(aligned.of)[0]!]!.medoid,
      members: members
        .map((member) => ({ ...member, adopted: adopted.has(member.part) }))
        .sort((a, b) => a.part - b.part),
      motif,
      sites,
      clusters: clustersOf(aligned.of).length,
      stability: stability[i]!,
      palindrome:
        reverseComplements &&
        isPalindrome({ members: counted, width: motif.ppm.length }, places, composition),
    }
  })
  return {
    motifs: found,
    noise: parts.flatMap(({ positions }, part) => (positions.length < 2 || left.has(part) ? [part] : [])),
    clusters: clusters.length,
    parameters: search.parameters,
  }
}

/** The unique patterns of each motif; one that occurs in several is where most of its occurrences are, and of equals in the first. */
function placesOf(motifs: readonly AlignedParts[], { clusters }: MotifSearch): number[][] {
  const placeOf = new Map(clusters.flatMap(({ members }) => members.map(({ key, place }) => [key, place])))
  const counts = new Map<number, Map<number, number>>()
  for (const [i, { members }] of motifs.entries()) {
    for (const { part } of members) {
      const place = placeOf.get(part) // none of an adopted part
      if (place === undefined) continue
      const count = counts.get(place) ?? new Map<number, number>()
      counts.set(place, count)
      count.set(i, (count.get(i) ?? 0) + 1)
    }
  }
  const groups: number[][] = motifs.map(() => [])
  for (const [place, count] of counts) {
    const [most] = [...count].reduce((best, other) => (other[1] > best[1] ? other : best))
    groups[most]!.push(place)
  }
  return groups
}

/** What has grown may have become the same as another. */
function mergeAgain(
  motifs: readonly Merged[],
  places: Parameters<typeof mergeMotifs>[1],
  composition: readonly number[],
  reverseComplements: boolean,
): Merged[] {
  return mergeMotifs(motifs, places, composition, reverseComplements).map((merged) => ({
    ...merged,
    of: merged.of.flatMap((i) => motifs[i]!.of).sort((a, b) => a - b),
  }))
}

/** The members that were clustered, by the kind they came from, the largest kind first. */
function byKind({ members, of }: Merged, kinds: readonly AlignedParts[]): AlignedPart[][] {
  const memberOf = new Map(members.map((member) => [member.part, member]))
  return of
    .map((kind) => kinds[kind]!.members.map(({ part }) => memberOf.get(part)!))
    .sort((a, b) => b.length - a.length)
}

/** A motif as most of its members are read, and without edge columns that few of them keep; by the members that count. */
function asRead(
  { members, width }: AlignedParts,
  counts: ReadonlySet<number>,
  places: readonly (PlacedPart & { first: number; last: number })[],
  background: readonly number[] | undefined,
): { motif: FoundMotif; members: readonly AlignedPart[] } {
  const lengthOf = ({ part }: AlignedPart): number => places[part]!.last - places[part]!.first + 1
  const reading = members.filter(({ part }) => counts.has(part))
  const isMostlyReversed = 2 * reading.filter(({ strand }) => strand === '+').length < reading.length
  const read = isMostlyReversed
    ? members.map((member) => turned(member, places[member.part]!, width))
    : members
  const counted = read.filter(({ part }) => counts.has(part))
  const from = counted.reduce((least, { motifOffset }) => Math.min(least, motifOffset), 0)
  const to = counted.reduce((most, member) => Math.max(most, member.motifOffset + lengthOf(member)), 0)
  const bases = Array.from({ length: to - from }, () => new Array<number>(baseCount).fill(0))
  for (const { part, strand, motifOffset } of counted) {
    const { codes, positions, first, last } = places[part]!
    for (const position of positions) {
      const code = codes[position]!
      if (code >= baseCount) continue
      const column = motifOffset + (strand === '+' ? position - first : last - position)
      bases[column - from]![strand === '+' ? code : complement(code)]!++
    }
  }
  const kept = bases.map((row) => row.reduce((sum, count) => sum + count, 0))
  const least = Math.min(edgeShare * counted.length, Math.max(...kept))
  const isKept = (count: number): boolean => count > 0 && count >= least
  const start = kept.findIndex(isKept)
  const pfm: Matrix = bases.slice(start, kept.findLastIndex(isKept) + 1)
  return {
    motif: motifOf(pfm, counted.length, background),
    members: read.map((member) => ({ ...member, motifOffset: member.motifOffset - from - start })),
  }
}
