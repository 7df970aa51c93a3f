/** Motifs of the parts of SIS-collections, and what known motifs they look like. */
import type { ClusterOptions } from '../cluster/clusterPatterns.ts'
import { learnPartGap } from '../cluster/partGap.ts'
import { splitParts } from '../cluster/parts.ts'
import { matchMotifsOneByOne } from '../motif/compareMotifs.ts'
import type { FoundMotif } from '../motif/findMotifs.ts'
import { namingOf, type Naming } from '../motif/naming.ts'
import { findPartMotifs } from '../motif/partMotifs.ts'
import type { MotifSites } from '../motif/sites.ts'
import type { ComparedMotif, MotifMatch } from '../motif/motifMatch.ts'
import { clusterSchema, configSchema } from '../run/config/configSchema.ts'
import { encodeSequence } from '../sequence/alphabet.ts'
import type { ExplainedSequence } from './explain.ts'

/** How parts of SIS are clustered; each is what `sis cluster` does unless given. */
export interface FindMotifsOptions extends Partial<ClusterOptions> {
  /** Of the model that was explained, for A, C, G, T; uniform unless given. */
  readonly background?: readonly number[] | undefined // [4]
  /** Most masked bases between neighbours of one part; learnt from the gaps of all SIS unless given. */
  readonly partGap?: number | undefined
  /** Make motifs one that are the same within noise; true unless given. */
  readonly merge?: boolean | undefined
}

/** Where a part of an SIS lies in a motif. */
export interface MotifMember {
  /** The sequence's name, which of its SIS, and which part of that, from left to right. */
  readonly sequence: string
  readonly rank: number
  readonly part: number
  /** Kept bases of the part, ascending, 0-based in the sequence. */
  readonly positions: readonly number[]
  /** '-' where the reverse complement was aligned. */
  readonly strand: '+' | '-'
  /** Motif column of the part's first base as aligned; negative where it begins before the trimmed motif. */
  readonly motifOffset: number
}

/** What the parts of a cluster have in common. */
export interface Motif extends FoundMotif {
  /** `motif_1` has the most parts. */
  readonly name: string
  /** What the sequences have there, masked bases included: by it a factor is recognised. */
  readonly sites: MotifSites
  readonly members: readonly MotifMember[]
}

/**
 * Splits the SIS of many sequences into parts, clusters those and aligns each cluster; deterministic. Single bases, and parts
 * in no cluster and on no motif's site, make no motif.
 * @param explained what `extractCollections` yields
 * @returns the largest first
 */
export function findMotifs(
  explained: readonly ExplainedSequence[],
  { partGap, ...options }: FindMotifsOptions = {},
): Motif[] {
  const defaults = clusterSchema.parse({})
  const sis = explained.flatMap(({ name, sequence, subsets }) => {
    const codes = encodeSequence(sequence)
    // An empty SIS has no parts: the background gave the decision.
    return subsets.flatMap(({ vacuous, rank, positions }) =>
      vacuous ? [] : [{ name, codes, rank, positions: [...positions] }],
    )
  })
  const length = sis.reduce((most, { codes }) => Math.max(most, codes.length), 0)
  const positions = sis.map((one) => one.positions)
  const gap = partGap ?? learnPartGap(positions, length).gap
  const parts = sis.flatMap((one) =>
    splitParts(one.codes, one.positions, gap).map((part, index) => ({ ...one, ...part, part: index })),
  )
  const { motifs } = findPartMotifs(parts, {
    ...options,
    method: options.method ?? defaults.method,
    reverseComplements: options.reverseComplements ?? defaults['reverse-complements'],
    seed: options.seed ?? configSchema.shape.seed.parse(undefined),
  })
  return motifs.map(({ motif, sites, members }, i) => ({
    name: `motif_${i + 1}`,
    ...motif,
    sites,
    members: members.map(({ part: index, strand, motifOffset }) => {
      const { name: sequence, rank, part, positions: kept } = parts[index]!
      return { sequence, rank, part, positions: kept, strand, motifOffset }
    }),
  }))
}

/** What known motifs a motif looks like. */
export interface MotifComparison {
  readonly motif: Motif
  /** Whether the best match may lend its name. */
  readonly naming: Naming
  /** All known motifs, best first. */
  readonly matches: readonly MotifMatch[]
}

/**
 * Compares motifs, by their sites, with known ones: Tomtom's statistics over the columns that say something.
 * @param known what `readKnownMotifs` gives; with fewer than about 50, p-values are rough
 */
export function compareMotifs(motifs: readonly Motif[], known: readonly ComparedMotif[]): MotifComparison[] {
  const counted = motifs.map(({ name, nsites, sites }) => {
    return { id: name, name, counts: sites.pfm, nsites, informative: sites.informative }
  })
  const found = Array.from(matchMotifsOneByOne(counted, known), (ranked) => ranked.all())
  return motifs.map((motif, i) => {
    const matches = found[i] ?? [] // nothing is known
    return { motif, naming: namingOf(motif.sites.information, matches[0]?.qValue), matches }
  })
}
