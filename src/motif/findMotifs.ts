/** From patterns to motifs: cluster them, align each cluster's members, count their bases. */
import {
  clusterPatterns,
  type ClusteredPattern,
  type ClusterOptions,
  type KeyedPattern,
} from '../cluster/clusterPatterns.ts'
import type { Resample } from '../cluster/stability.ts'
import { uniformBackground } from '../sequence/alphabet.ts'
import type { Matrix } from '../sequence/matrix.ts'
import { alignPatterns, reverseAlignment, type Alignment } from './align.ts'
import { consensusOf } from './consensus.ts'
import { informationOf, ppmOf } from './motif.ts'

export interface FindMotifsOptions extends ClusterOptions {
  readonly background?: readonly number[] | undefined
}

interface ClusterMember {
  readonly key: number
  /** Its unique pattern, as `resamples` count them. */
  readonly place: number
  readonly strand: '+' | '-'
  /** Motif column of the first base of the pattern as aligned; negative where it begins before the trimmed motif. */
  readonly motifOffset: number
}

export interface FoundMotif {
  /** True counts of kept bases. */
  readonly pfm: Matrix // [width][4]
  /** Probabilities, rows sum to 1. */
  readonly ppm: Matrix // [width][4]
  /** Patterns that it was made of. */
  readonly nsites: number
  /** IUPAC. */
  readonly consensus: string
  /** Bits, summed over columns. */
  readonly information: number
}

interface PatternCluster {
  /** 0 is the largest. */
  readonly clusterId: number
  /** Sum of its members' weights. */
  readonly size: number
  /** As it occurs among the members. */
  readonly medoid: string
  readonly members: readonly ClusterMember[]
  readonly motif: FoundMotif
}

export interface MotifSearch {
  readonly clusters: readonly PatternCluster[]
  /** By these the stability of clusters is told, and of any unions of them. */
  readonly resamples: readonly Resample[]
  /** Keys of the patterns in no cluster; empty patterns are among them. */
  readonly noise: readonly number[]
  /** What the clustering was done with, defaults resolved. */
  readonly parameters: Readonly<Record<string, number | boolean>>
}

/** Of the work, the share that clustering takes; the rest is alignment. */
const clusteringShare = 0.8

/**
 * Pure and deterministic; the order of the patterns does not matter.
 * @param progress is told the share of the work done
 */
export function findMotifs(
  patterns: readonly KeyedPattern[],
  options: FindMotifsOptions,
  progress?: (share: number) => void,
): MotifSearch {
  const clustered = clusterPatterns(patterns, options, (share) => {
    progress?.(clusteringShare * share)
  })
  const { clusters, resamples, noise, parameters } = clustered
  return {
    clusters: clusters.map((cluster, clusterId) => ({
      clusterId,
      ...motifOfCluster(cluster, options),
    })),
    resamples,
    noise,
    parameters,
  }
}

function motifOfCluster(
  cluster: readonly ClusteredPattern[],
  { reverseComplements, background }: FindMotifsOptions,
): Omit<PatternCluster, 'clusterId'> {
  const patterns = cluster.map(({ pattern }) => pattern)
  const weights = cluster.map(({ weight }) => weight)
  const forward = alignPatterns(patterns, weights, reverseComplements)
  // A motif is shown as most of its members are read.
  const mostlyReversed = 2 * forwardWeight(cluster, forward) < forward.nsites
  const alignment = mostlyReversed ? reverseAlignment(forward, patterns) : forward
  const members = cluster.flatMap(({ occurrences, place }, i) => {
    const { strand, offset } = alignment.members[i]!
    return occurrences.map(({ key, reversed }) => ({
      key,
      place,
      strand: strandOf(strand, reversed),
      motifOffset: offset,
    }))
  })
  return {
    size: alignment.nsites,
    medoid: cluster[0]!.occurrences[0]!.pattern,
    members: members.sort((a, b) => a.key - b.key),
    motif: motifOf(alignment.pfm, alignment.nsites, background),
  }
}

/** Weight of the given patterns that are aligned as they were given. */
function forwardWeight(cluster: readonly ClusteredPattern[], alignment: Alignment): number {
  let sum = 0
  for (const [i, { occurrences }] of cluster.entries()) {
    for (const { weight, reversed } of occurrences) {
      if (strandOf(alignment.members[i]!.strand, reversed) === '+') sum += weight
    }
  }
  return sum
}

/** The strand of a given pattern, from that of its unique pattern. */
function strandOf(aligned: '+' | '-', reversed: boolean): '+' | '-' {
  return (aligned === '+') === !reversed ? '+' : '-'
}

export function motifOf(
  pfm: Matrix,
  nsites: number,
  background: readonly number[] = uniformBackground,
): FoundMotif {
  const ppm = ppmOf(pfm, nsites, background)
  return {
    pfm,
    ppm,
    nsites,
    consensus: consensusOf(ppm),
    information: informationOf(ppm, background).reduce((sum, bits) => sum + bits, 0),
  }
}
