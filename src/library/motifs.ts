/** Motifs of SIS-collections, and what known motifs they look like. */
import type { ClusterOptions } from '../cluster/clusterPatterns.ts'
import { matchMotifsOneByOne } from '../motif/compareMotifs.ts'
import { findMotifs as motifsOfPatterns, type ClusterMember, type FoundMotif } from '../motif/findMotifs.ts'
import { namingOf, type Naming } from '../motif/naming.ts'
import { sitesOfCluster, type MotifSites } from '../motif/sites.ts'
import type { ComparedMotif, MotifMatch } from '../motif/motifMatch.ts'
import { clusterSchema, configSchema } from '../run/config/configSchema.ts'
import { encodeSequence } from '../sequence/alphabet.ts'
import type { ExplainedSequence } from './explain.ts'

/** How SIS are clustered; each is what `sis cluster` does unless given. */
export interface FindMotifsOptions extends Partial<ClusterOptions> {
  /** Of the model that was explained, for A, C, G, T; uniform unless given. */
  readonly background?: readonly number[] | undefined // [4]
}

/** Where an SIS lies in a motif. */
export interface MotifMember extends Omit<ClusterMember, 'key'> {
  /** The sequence's name, and which of its SIS. */
  readonly sequence: string
  readonly rank: number
}

/** What the SIS of a cluster have in common. */
export interface Motif extends FoundMotif {
  /** `motif_1` has the most SIS. */
  readonly name: string
  /** What the sequences have there, masked bases included: by it a factor is recognised. */
  readonly sites: MotifSites
  readonly members: readonly MotifMember[]
}

/**
 * Clusters the SIS of many sequences and aligns each cluster; deterministic. SIS in no cluster are noise and make no motif.
 * @param explained what `extractCollections` yields
 * @returns the largest first
 */
export function findMotifs(
  explained: readonly ExplainedSequence[],
  options: FindMotifsOptions = {},
): Motif[] {
  const defaults = clusterSchema.parse({})
  const members = explained.flatMap(({ name, sequence, subsets }) => {
    const codes = encodeSequence(sequence)
    // An empty SIS has no pattern: the background gave the decision.
    return subsets.flatMap((subset) => (subset.vacuous ? [] : [{ name, codes, ...subset }]))
  })
  const { clusters } = motifsOfPatterns(
    members.map(({ pattern }, key) => ({ key, pattern })),
    {
      ...options,
      method: options.method ?? defaults.method,
      reverseComplements: options.reverseComplements ?? defaults['reverse-complements'],
      seed: options.seed ?? configSchema.shape.seed.parse(undefined),
    },
  )
  return clusters.map(({ clusterId, members: placed, motif }) => ({
    name: `motif_${clusterId + 1}`,
    ...motif,
    sites: sitesOfCluster({ members: placed, motif }, (key) => members[key]!),
    members: placed.map(({ key, strand, motifOffset }) => {
      const { name, rank } = members[key]!
      return { sequence: name, rank, strand, motifOffset }
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
