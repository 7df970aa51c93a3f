/**
 * From parts to motifs: nearly equal parts are clustered and aligned, motifs that are the same within noise made one, and
 * parts left over adopted by the motif on whose site they lie.
 */
import { defaultMinSamples } from '../cluster/dbscanDefaults.ts'
import { baseCount, complement } from '../sequence/alphabet.ts'
import type { Matrix } from '../sequence/matrix.ts'
import { motifOf, type FindMotifsOptions, type FoundMotif } from './findMotifs.ts'
import { countedParts } from './countedParts.ts'
import { compositionOf } from './informativeColumns.ts'
import {
  inSequences,
  isPalindrome,
  largestFirst,
  MotifMerger,
  type AlignedPart,
  type AlignedParts,
  type Merged,
} from './mergeMotifs.ts'
import { motifStability } from './motifStability.ts'
import { adopterOf, findSeeds, type Seed } from './seeds.ts'
import { motifSites, turned, type MotifSites, type Placement } from './sites.ts'
import { splitMotifs, type Split } from './splitMotifs.ts'

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
/** What is left over is clustered again: without the motifs found, less is near by chance. */
const mostSweeps = 4
/** Of a sweep's work, the share that finding the seeds takes, where there are many parts. */
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
  const composition = compositionOf(new Set(parts.map(({ codes }) => codes)))
  const several = [...parts.keys()].filter((part) => parts[part]!.positions.length > 1)
  const left = new Set(several)
  const adopted = new Set<number>()
  const seeds: Seed[] = []
  const kinds: Split[] = []
  let motifs: readonly Merged[] = []
  let parameters: PartMotifSearch['parameters'] | undefined
  const merger = new MotifMerger(places, composition, reverseComplements)
  const merged = (): readonly Merged[] => (merge ? merger.merge(largestFirst(motifs)) : largestFirst(motifs))
  let rounds = 0
  /** @returns whether any part was */
  const adopt = (): boolean => {
    rounds++
    const adopter = adopterOf(motifs, places, composition, reverseComplements)
    const joining: AlignedPart[][] = motifs.map(() => [])
    for (const part of left) {
      const adoption = adopter.adopt(places[part]!)
      if (adoption === undefined) continue
      const { motif, strand, motifOffset } = adoption
      joining[motif]!.push({ part, strand, motifOffset })
      adopted.add(part)
      left.delete(part)
    }
    if (joining.every((more) => more.length === 0)) return false
    motifs = motifs.map((motif, i) =>
      joining[i]!.length === 0 ? motif : { ...motif, members: [...motif.members, ...joining[i]!] },
    )
    motifs = merged() // what has grown may have become the same as another
    return true
  }
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    const begun = 1 - 2 ** -sweep // each sweep has half of the work that is left
    const tell = (share: number): void => progress?.(begun + share * 2 ** -(sweep + 1))
    const leastSamples = sweep === 0 ? undefined : defaultMinSamples(several.length)
    const clustering = { mostOfLength, leastSamples, ...options }
    const found = findSeeds(places, [...left], clustering, composition, (share) => {
      tell(findingShare * share)
    })
    parameters ??= found.parameters
    if (found.seeds.length === 0) break
    for (const split of splitMotifs(found.seeds, places, composition)) {
      motifs = [...motifs, { ...split, of: [kinds.length] }]
      kinds.push({ ...split, from: seeds.length + split.from })
      for (const { part } of split.members) left.delete(part)
    }
    seeds.push(...found.seeds)
    motifs = merged()
    adopt()
    if (found.isFixed) break
  }
  while (rounds < adoptionRounds && adopt());

  const seedsOf = ({ of }: Merged): Seed[] =>
    [...new Set(of.map((kind) => seeds[kinds[kind]!.from]!))].sort(
      (a, b) => b.members.length - a.members.length,
    )
  const bySize = largestFirst(motifs)
  const stability = motifStability(bySize, seeds)
  const found = bySize.map((aligned, i) => {
    const ofKinds = byKind(aligned, kinds)
    const counts = new Set(countedParts(ofKinds, aligned.width, places, composition).map(({ part }) => part))
    const { motif, members } = asRead(aligned, counts, places, options.background)
    const counted = members.filter(({ part }) => counts.has(part))
    const sites = motifSites(inSequences(counted, places), motif.ppm.length, composition)
    return {
      medoid: seedsOf(aligned)[0]!.medoid,
      members: members
        .map((member) => ({ ...member, adopted: adopted.has(member.part) }))
        .sort((a, b) => a.part - b.part),
      motif,
      sites,
      clusters: seedsOf(aligned).length,
      stability: stability[i]!,
      palindrome:
        reverseComplements &&
        isPalindrome({ members: counted, width: motif.ppm.length }, places, composition),
    }
  })
  return {
    motifs: found,
    noise: parts.flatMap(({ positions }, part) => (positions.length < 2 || left.has(part) ? [part] : [])),
    clusters: seeds.length,
    parameters: parameters ?? {},
  }
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
