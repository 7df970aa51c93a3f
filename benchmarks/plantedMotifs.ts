/** Motifs that were found among simulated parts, held against those that were planted. */
import { compositionOf } from '../src/motif/informativeColumns.ts'
import { MotifMerger, type AlignedPart } from '../src/motif/mergeMotifs.ts'
import type { PartMotif } from '../src/motif/partMotifs.ts'
import { adopterOf } from '../src/motif/seeds.ts'
import type { SimulatedPart } from './simulatedParts.ts'

/** Of a found motif's parts, the share that must be of one kind. */
const leastPure = 0.8

export interface Recovery {
  /** Planted motifs, those that are the same within noise counted as one: nobody could tell them apart. */
  readonly kinds: number
  /** Kinds that have a found motif of their own (`leastPure`). */
  readonly recovered: number
  /** Found motifs that are of one kind. */
  readonly pure: number
  /** Of the planted parts, the share that their own kind would adopt, were it known: a few bases say little. */
  readonly adoptable: number
  /** Of the planted parts, the share in a found motif whose parts are mostly of their kind. */
  readonly inOwn: number
  /** Of the parts drawn at random, the share in any found motif. */
  readonly strangers: number
  /** Adjusted Rand index (Hubert, Arabie, J. Classif. 2:193, 1985) of the planted parts; those in no motif are each alone. */
  readonly adjustedRand: number
}

/** @param found members by their indexes among the parts */
export function recoveryOf(
  parts: readonly SimulatedPart[],
  found: readonly Pick<PartMotif, 'members'>[],
): Recovery {
  const { kindOf, adoptable } = plantedKinds(parts)
  const sizes = tally(kindOf.filter((kind) => kind >= 0))
  const recovered = new Set<number>()
  let pure = 0
  let inOwn = 0
  let strangers = 0
  for (const { members } of found) {
    const counts = tally(members.map(({ part }) => kindOf[part]!))
    strangers += counts.get(-1) ?? 0
    counts.delete(-1)
    const [kind, count] = [...counts].reduce((best, other) => (other[1] > best[1] ? other : best), [-1, 0])
    inOwn += count
    if (count < leastPure * members.length) continue
    pure++
    recovered.add(kind)
  }
  const planted = kindOf.filter((kind) => kind >= 0).length
  return {
    kinds: sizes.size,
    recovered: recovered.size,
    pure,
    adoptable: adoptable / planted,
    inOwn: inOwn / planted,
    strangers: strangers / Math.max(1, parts.length - planted),
    adjustedRand: adjustedRand(kindOf, found),
  }
}

/** @returns the kind of each part, -1 of those drawn at random; and how many parts the kinds would adopt as their own */
function plantedKinds(parts: readonly SimulatedPart[]): { kindOf: number[]; adoptable: number } {
  const byMotif = new Map<number, AlignedPart[]>()
  for (const [part, { planted }] of parts.entries()) {
    const { motif, strand, motifOffset } = planted
    if (motif < 0) continue
    const members = byMotif.get(motif)
    if (members === undefined) byMotif.set(motif, [{ part, strand, motifOffset }])
    else members.push({ part, strand, motifOffset })
  }
  const places = parts.map(({ codes, positions }) => ({
    codes,
    positions,
    first: positions[0]!,
    last: positions.at(-1)!,
  }))
  const aligned = [...byMotif.values()]
    .sort((a, b) => b.length - a.length)
    .map((members, i) => ({ width: widthOf(members, places), members, of: [i] }))
  const composition = compositionOf(new Set(parts.map(({ codes }) => codes)))
  const kinds = new MotifMerger(places, composition, true).merge(aligned)
  const kindOf = parts.map(() => -1)
  for (const [kind, { members }] of kinds.entries()) for (const { part } of members) kindOf[part] = kind
  const adopter = adopterOf(kinds, places, composition, true)
  const adoptable = places.filter((place, part) => {
    return kindOf[part]! >= 0 && adopter.adopt(place)?.motif === kindOf[part]
  })
  return { kindOf, adoptable: adoptable.length }
}

function widthOf(
  members: readonly AlignedPart[],
  places: readonly { first: number; last: number }[],
): number {
  return members.reduce((most, { part, motifOffset }) => {
    const { first, last } = places[part]!
    return Math.max(most, motifOffset + last - first + 1)
  }, 0)
}

function tally(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

function adjustedRand(kindOf: readonly number[], found: readonly Pick<PartMotif, 'members'>[]): number {
  const pairs = (n: number): number => (n * (n - 1)) / 2
  const pairsOf = (counts: Iterable<number>): number => [...counts].reduce((sum, n) => sum + pairs(n), 0)
  const planted = kindOf.filter((kind) => kind >= 0)
  let both = 0
  let inFound = 0
  for (const { members } of found) {
    const kinds = members.map(({ part }) => kindOf[part]!).filter((kind) => kind >= 0)
    both += pairsOf(tally(kinds).values())
    inFound += pairs(kinds.length)
  }
  const inKinds = pairsOf(tally(planted).values())
  const byChance = (inFound * inKinds) / pairs(planted.length)
  return (both - byChance) / ((inFound + inKinds) / 2 - byChance)
}
