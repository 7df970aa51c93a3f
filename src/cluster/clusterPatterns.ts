/**
 * The room's entry: patterns in, clusters of unique patterns out, by DBSCAN on edit distances or by k-means. What a cluster's
 * members make together (an alignment, a motif) is not known here.
 */
import type { ClusterMethod } from './clusterMethods.ts'
import { noise } from './clusterNumbers.ts'
import { dbscan } from './dbscan.ts'
import { dbscanParameters } from './dbscanDefaults.ts'
import { EditDistances } from './editDistance.ts'
import { kmeansPoints, partition } from './kmeans.ts'
import { medoidOf } from './medoid.ts'
import { neighboursWithin } from './neighbours.ts'
import { pairSpectrum } from './pairSpectrum.ts'
import { resamplesOf, type Resample } from './stability.ts'
import { uniquePatterns, type UniquePatterns, type WeightedPattern } from './uniquePatterns.ts'

export interface KeyedPattern extends WeightedPattern {
  /** Names the pattern in the result, e.g. its row number. */
  readonly key: number
}

export interface ClusterOptions {
  readonly method: ClusterMethod
  /** Treat a pattern and its reverse complement as one: DNA is read on both strands, and so do most factors. */
  readonly reverseComplements: boolean
  /** DBSCAN: by default from the data, see `dbscanParameters`. */
  readonly eps?: number | undefined
  /** DBSCAN: by default from the data, too. */
  readonly minSamples?: number | undefined
  /** DBSCAN: `minSamples` from the data are no less than this; of patterns left over from more, what those would have. */
  readonly leastSamples?: number | undefined
  /** DBSCAN: neighbours differ by no more than this share of the columns of the shorter either; by default no such limit. */
  readonly mostOfLength?: number | undefined
  /** k-means: by default from the data. */
  readonly k?: number | undefined
  readonly seed: number
}

/** One of the patterns given, as a member of a cluster. */
interface Occurrence extends KeyedPattern {
  readonly weight: number
  /** It is the reverse complement of its unique pattern. */
  readonly reversed: boolean
}

/** A unique pattern and the given ones that are equal to it, or to its reverse complement. */
export interface ClusteredPattern {
  /** Which of the unique patterns it is, as `resamples` count them. */
  readonly place: number
  readonly pattern: string
  /** Sum of its occurrences' weights. */
  readonly weight: number
  readonly occurrences: readonly Occurrence[]
}

export interface PatternClustering {
  /** The largest first; of each the medoid first, then the nearest to it first. */
  readonly clusters: readonly (readonly ClusteredPattern[])[]
  /** By these `stabilityOf` tells how firmly the data hold a cluster, or any union of clusters. */
  readonly resamples: readonly Resample[]
  /** Keys of the patterns in no cluster; empty patterns are among them. */
  readonly noise: readonly number[]
  /** What the clustering was done with, defaults resolved. */
  readonly parameters: Readonly<Record<string, number | boolean>>
}

/** Of the work, the share that the search for neighbours takes, where there are many patterns. */
const searchShare = 0.7

/**
 * Pure and deterministic; the order of the patterns does not matter.
 * @param progress is told the share of the work done
 */
export function clusterPatterns(
  patterns: readonly KeyedPattern[],
  options: ClusterOptions,
  progress?: (share: number) => void,
): PatternClustering {
  const given = patterns.filter(({ pattern }) => pattern !== '')
  const empty = patterns.filter(({ pattern }) => pattern === '')
  const unique = uniquePatterns(given, options.reverseComplements)
  const distances = new EditDistances(unique.patterns, options.reverseComplements)
  const { labels, parameters, resamples } = labelPatterns(unique, distances, options, progress)

  const occurrences: Occurrence[][] = unique.patterns.map(() => [])
  for (const [i, place] of unique.index.entries()) {
    occurrences[place]!.push({
      ...given[i]!,
      weight: given[i]!.weight ?? 1,
      reversed: unique.reversed[i] === 1,
    })
  }
  const inNone = given.filter((_, i) => labels[unique.index[i]!] === noise)
  const groups = membersByLabel(labels)
  return {
    clusters: groups.map((members) =>
      fromMedoidOutwards(members, unique, distances).map((member) => ({
        place: member,
        pattern: unique.patterns[member]!,
        weight: unique.weights[member]!,
        occurrences: occurrences[member]!,
      })),
    ),
    resamples,
    noise: [...empty, ...inNone].map(({ key }) => key),
    parameters: { ...parameters, reverseComplements: options.reverseComplements },
  }
}

interface Labelling {
  readonly labels: Int32Array // [u]
  readonly parameters: Readonly<Record<string, number>>
  readonly resamples: readonly Resample[]
}

function labelPatterns(
  unique: UniquePatterns,
  distances: EditDistances,
  options: ClusterOptions,
  progress?: (share: number) => void,
): Labelling {
  if (unique.patterns.length === 0) return { labels: new Int32Array(0), parameters: {}, resamples: [] }
  return options.method === 'kmeans'
    ? labelByKmeans(unique, options, progress)
    : labelByDbscan(unique, distances, options, progress)
}

function labelByKmeans(
  { patterns, weights }: UniquePatterns,
  options: ClusterOptions,
  progress?: (share: number) => void,
): Labelling {
  const points = patterns.map((pattern) => pairSpectrum(pattern, options.reverseComplements))
  const { labels, k } = kmeansPoints(points, weights, options)
  const resamples = resamplesOf(
    weights,
    options.seed,
    (kept, resample) => partition(points, kept, k, options.seed + resample).labels,
    progress,
  )
  return { labels, parameters: { k }, resamples }
}

function labelByDbscan(
  unique: UniquePatterns,
  distances: EditDistances,
  options: ClusterOptions,
  progress?: (share: number) => void,
): Labelling {
  const { weights } = unique
  const { mostOfLength } = options
  const { eps, minSamples } = dbscanParameters(unique, options.reverseComplements, options)
  const neighbours = neighboursWithin(distances, eps, mostOfLength, (share) => {
    progress?.(searchShare * share)
  })
  const { labels } = dbscan(neighbours, weights, minSamples)
  const resamples = resamplesOf(
    weights,
    options.seed,
    (kept) => dbscan(neighbours, kept, minSamples / 2).labels,
    (share) => {
      progress?.(searchShare + (1 - searchShare) * share)
    },
  )
  return {
    labels,
    parameters: { eps, minSamples, ...(mostOfLength === undefined ? {} : { mostOfLength }) },
    resamples,
  }
}

function membersByLabel(labels: Int32Array): number[][] {
  const clusterCount = labels.reduce((most, label) => Math.max(most, label + 1), 0)
  const members: number[][] = Array.from({ length: clusterCount }, () => [])
  for (const [i, label] of labels.entries()) if (label !== noise) members[label]!.push(i)
  return members
}

function fromMedoidOutwards(
  members: readonly number[],
  { weights }: UniquePatterns,
  distances: EditDistances,
): number[] {
  const medoid = medoidOf(distances, weights, members)
  const apart = new Map(members.map((member) => [member, distances.between(medoid, member)]))
  const others = members.filter((member) => member !== medoid)
  return [medoid, ...others.sort((a, b) => apart.get(a)! - apart.get(b)! || a - b)]
}
