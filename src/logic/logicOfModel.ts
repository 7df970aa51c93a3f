/** What the parts of a model's SIS make together: sets of motifs, alternatives, pairs and how those lie to each other. */
import { arrangementOf, arrangementsOf, gapBetween, type Arrangement, type MotifSite } from './pairs.ts'
import { motifLogic, type MotifLogic } from './motifSets.ts'
import { binomialTail, spacingOf, type Spacing } from './spacing.ts'

/** A part of an SIS; without a site where it is in no motif. */
export interface LogicPart {
  /** Bases kept; 1: a single base. */
  readonly size: number
  readonly site: MotifSite | undefined
}

export interface LogicSis {
  readonly sequence: number
  readonly parts: readonly LogicPart[] // from left to right
}

/** Two parts of an SIS that are in motifs. */
interface PairInstance {
  /** Indexes of the SIS and of the parts of the first and second motif. */
  readonly sis: number
  readonly part: number
  readonly otherPart: number
  readonly gap: number
  readonly arrangement: Arrangement
}

export interface MotifPair {
  /** The lower motif first. */
  readonly motifs: readonly [number, number]
  readonly instances: readonly PairInstance[]
  readonly sequences: number
  readonly spacing: Spacing
  /** The most frequent. */
  readonly arrangement: Arrangement
  readonly arrangementShare: number
  /** Of an arrangement as frequent as that, where sites are placed at random; corrected for the arrangements there are. */
  readonly arrangementPValue: number
}

export interface ModelLogic extends MotifLogic {
  /** The most frequent first. */
  readonly pairs: readonly MotifPair[]
}

/**
 * @param sis of one model, none empty
 * @param palindromes motifs that are their own reverse complements
 * @param length L, of the sequences
 */
export function logicOfModel(
  sis: readonly LogicSis[],
  palindromes: ReadonlySet<number>,
  length: number,
): ModelLogic {
  const logic = motifLogic(
    sis.map(({ sequence, parts }) => ({
      sequence,
      parts: parts
        .filter((part, i) => part.size > 1 && !isOnSiteBefore(parts, i))
        .map(({ site }) => site?.motif),
      singles: parts.filter(({ size }) => size === 1).length,
    })),
  )
  return { ...logic, pairs: pairsOf(sis, palindromes, length) }
}

/** Whether a part lies on the same site as one before it: a wide gap in a long motif makes two parts, and not two sites. */
function isOnSiteBefore(parts: readonly LogicPart[], index: number): boolean {
  const { site } = parts[index]!
  if (site === undefined) return false
  return parts.slice(0, index).some(({ site: other }) => {
    if (other?.motif !== site.motif) return false
    const shared = Math.min(site.end, other.end) - Math.max(site.start, other.start)
    return 2 * shared >= site.end - site.start
  })
}

function pairsOf(sis: readonly LogicSis[], palindromes: ReadonlySet<number>, length: number): MotifPair[] {
  const groups = new Map<string, { motifs: [number, number]; instances: PairInstance[] }>()
  for (const [index, { parts }] of sis.entries()) {
    const isSite = parts.map(({ site }, i) => site !== undefined && !isOnSiteBefore(parts, i))
    for (const [i, { site: left }] of parts.entries()) {
      for (let j = i + 1; j < parts.length; j++) {
        const right = parts[j]!.site
        if (left === undefined || right === undefined || !isSite[i]! || !isSite[j]!) continue
        const isTurned = left.motif > right.motif
        const [a, b] = isTurned ? [right, left] : [left, right]
        const kind = {
          same: a.motif === b.motif,
          palindromes: [palindromes.has(a.motif), palindromes.has(b.motif)] as const,
        }
        const motifs: [number, number] = [a.motif, b.motif]
        const group = groups.get(motifs.join()) ?? { motifs, instances: [] }
        groups.set(motifs.join(), group)
        group.instances.push({
          sis: index,
          part: isTurned ? j : i,
          otherPart: isTurned ? i : j,
          gap: gapBetween(a, b),
          arrangement: arrangementOf(a, b, kind),
        })
      }
    }
  }
  return [...groups.values()]
    .map(({ motifs, instances }) => pairOf(motifs, instances, sis, palindromes, length))
    .sort(
      (a, b) =>
        b.instances.length - a.instances.length || a.motifs[0] - b.motifs[0] || a.motifs[1] - b.motifs[1],
    )
}

function pairOf(
  motifs: readonly [number, number],
  instances: readonly PairInstance[],
  sis: readonly LogicSis[],
  palindromes: ReadonlySet<number>,
  length: number,
): MotifPair {
  const siteOf = (one: number, part: number): MotifSite => sis[one]!.parts[part]!.site!
  const placed = instances.map(({ sis: one, part, otherPart, gap }) => ({
    starts: [siteOf(one, part).start, siteOf(one, otherPart).start] as const,
    gap,
  }))
  const { sis: one, part, otherPart } = instances[0]!
  const widthOf = ({ start, end }: MotifSite): number => end - start
  const widths = [widthOf(siteOf(one, part)), widthOf(siteOf(one, otherPart))] as const
  const [a, b] = motifs
  const expected = arrangementsOf({
    same: a === b,
    palindromes: [palindromes.has(a), palindromes.has(b)],
  })
  const counts = new Map([...expected.keys()].map((arrangement) => [arrangement, 0]))
  for (const { arrangement } of instances) counts.set(arrangement, counts.get(arrangement)! + 1)
  const n = instances.length
  const tested = [...counts].map(([arrangement, count]) => ({
    arrangement,
    count,
    pValue: Math.min(1, counts.size * binomialTail(count, n, expected.get(arrangement)!)),
  }))
  // Of equals the one that is less likely by chance, then the first.
  const best = tested.reduce((most, other) =>
    other.count > most.count || (other.count === most.count && other.pValue < most.pValue) ? other : most,
  )
  return {
    motifs,
    instances,
    sequences: new Set(instances.map(({ sis: index }) => sis[index]!.sequence)).size,
    spacing: spacingOf(placed, widths, length),
    arrangement: best.arrangement,
    arrangementShare: best.count / n,
    arrangementPValue: best.pValue,
  }
}
