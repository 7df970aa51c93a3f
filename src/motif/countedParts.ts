/**
 * Which parts a motif's matrices count. All parts of a motif lie on sites of it, but some would only blur what the sites look
 * like: fragments whose other columns are noise, and parts whose own site is hardly one.
 */
import { inSequences, type AlignedPart } from './mergeMotifs.ts'
import { motifSites, siteBase, type MotifSites, type Place, type SiteMember } from './sites.ts'

/** Each round counts fewer; this many settle all but a few. */
const mostRounds = 8

/**
 * Of the kinds that a motif was made of the largest counts, and each other one with which the sites say no less. Of their
 * parts those count whose own site is likelier among the others' than in the sequences around.
 * @param kinds the parts of each, in the motif's frame, the largest first; at least one
 * @param width columns of the motif
 * @param places where each part lies in its sequence, by the index that members have
 * @param composition [4], of the sequences; each above 0
 * @returns in the order of the kinds
 */
export function countedParts(
  kinds: readonly (readonly AlignedPart[])[],
  width: number,
  places: readonly Place[],
  composition: readonly number[],
): AlignedPart[] {
  const [largest = [], ...others] = kinds.map((kind) => inSequences(kind, places))
  let counted = largest
  let { information } = motifSites(counted, width, composition)
  for (const kind of others) {
    const both = [...counted, ...kind]
    const sites = motifSites(both, width, composition)
    if (sites.information < information) continue
    counted = both
    information = sites.information
  }
  return onTheirSites(counted, width, composition)
}

/**
 * Members whose own site is likelier among the sites of the others than by the composition; all, where that is less than
 * half of them.
 * @param composition [4], of the sequences; each above 0
 */
export function onTheirSites<Member extends SiteMember>(
  members: readonly Member[],
  width: number,
  composition: readonly number[],
): Member[] {
  let left = [...members]
  for (let round = 0; round < mostRounds; round++) {
    const sites = motifSites(left, width, composition)
    const next = left.filter((member) => bitsAmongOthers(member, sites) > 0)
    if (2 * next.length < members.length) return [...members]
    if (next.length === left.length) break
    left = next
  }
  return left
}

/** Log-odds in bits of a member's own site in the sites of all others, over the informative columns. */
function bitsAmongOthers(member: SiteMember, { pfm, offset, informative, composition }: MotifSites): number {
  let bits = 0
  for (const [column, row] of pfm.entries()) {
    const base = informative[column] === true ? siteBase(member, offset + column) : undefined
    if (base === undefined) continue
    const others = row.reduce((sum, count) => sum + count, 0) - 1
    const share = (row[base]! - 1 + composition[base]!) / (others + 1)
    bits += Math.log2(share / composition[base]!)
  }
  return bits
}
