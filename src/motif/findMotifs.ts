/** From patterns to motifs: cluster them, align each cluster's members, count their bases. */
import { noise } from '../cluster/clusterNumbers.ts'
import { dbscan } from '../cluster/dbscan.ts'
import { defaultEps, defaultMinSamples } from '../cluster/dbscanDefaults.ts'
import { EditDistances } from '../cluster/editDistance.ts'
import { kmeansClusters } from '../cluster/kmeans.ts'
import { medoidOf } from '../cluster/medoid.ts'
import { neighboursWithin } from '../cluster/neighbours.ts'
import { uniquePatterns, type UniquePatterns, type WeightedPattern } from '../cluster/uniquePatterns.ts'
import { uniformBackground } from '../sequence/alphabet.ts'
import { alignPatterns, reverseAlignment } from './align.ts'
import { consensusOf } from './consensus.ts'
import { informationOf, ppmOf, type Matrix } from './motif.ts'

export interface KeyedPattern extends WeightedPattern {
  /** Names the pattern in the result, e.g. its row number. */
  readonly key: number
}

export interface FindMotifsOptions {
  readonly method: 'dbscan' | 'kmeans'
  /** Treat a pattern and its reverse complement as one: DNA is read on both strands, and so do most factors. */
  readonly reverseComplements: boolean
  /** DBSCAN: by default from the data, see `defaultEps`. */
  readonly eps?: number | undefined
  /** DBSCAN: by default from the number of patterns, see `defaultMinSamples`. */
  readonly minSamples?: number | undefined
  /** k-means: by default from the data. */
  readonly k?: number | undefined
  readonly seed: number
  readonly background?: readonly number[] | undefined
}

export interface ClusterMember {
  readonly key: number
  readonly strand: '+' | '-'
  /** Motif column of the first base of the pattern as aligned; negative where it begins before the trimmed motif. */
  readonly motifOffset: number
}

export interface FoundMotif {
  readonly pfm: Matrix // [width][4], true counts of kept bases
  readonly ppm: Matrix // [width][4], rows sum to 1
  readonly nsites: number
  /** IUPAC. */
  readonly consensus: string
  /** Bits, summed over columns. */
  readonly information: number
}

export interface PatternCluster {
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
  /** Keys of the patterns in no cluster; empty patterns are among them. */
  readonly noise: readonly number[]
  /** What the clustering was done with, defaults resolved. */
  readonly parameters: Readonly<Record<string, number | boolean>>
}

/** Pure and deterministic; the order of the patterns does not matter. */
export function findMotifs(patterns: readonly KeyedPattern[], options: FindMotifsOptions): MotifSearch {
  const given = patterns.filter(({ pattern }) => pattern !== '')
  const empty = patterns.filter(({ pattern }) => pattern === '').map(({ key }) => key)
  const unique = uniquePatterns(given, options.reverseComplements)
  const distances = new EditDistances(unique.patterns, options.reverseComplements)
  const { labels, parameters } = clusterPatterns(unique, distances, options)

  const clusterCount = labels.reduce((most, label) => Math.max(most, label + 1), 0)
  const membersOf: number[][] = Array.from({ length: clusterCount }, () => [])
  for (const [i, label] of labels.entries()) if (label !== noise) membersOf[label]!.push(i)
  const givenOf: number[][] = unique.patterns.map(() => [])
  for (const [i, place] of unique.index.entries()) givenOf[place]!.push(i)

  const clusters = membersOf.map((members, clusterId) => {
    const medoid = medoidOf(distances, unique.weights, members)
    const apart = new Map(members.map((member) => [member, distances.between(medoid, member)]))
    const order = members.toSorted((a, b) => apart.get(a)! - apart.get(b)! || a - b)
    order.splice(order.indexOf(medoid), 1)
    order.unshift(medoid)
    const ordered = order.map((member) => unique.patterns[member]!)
    const weights = order.map((member) => unique.weights[member]!)
    const forward = alignPatterns(ordered, weights, options.reverseComplements)
    const isForward = (alignedStrand: string, i: number): boolean =>
      (alignedStrand === '+') === (unique.reversed[i] === 0)
    let forwardWeight = 0
    for (const [at, member] of order.entries()) {
      for (const i of givenOf[member]!) {
        if (isForward(forward.members[at]!.strand, i)) forwardWeight += given[i]!.weight ?? 1
      }
    }
    // A motif is shown as most of its members are read.
    const alignment = 2 * forwardWeight < forward.nsites ? reverseAlignment(forward, ordered) : forward
    const found = order.flatMap((member, at) =>
      givenOf[member]!.map((i) => ({
        key: given[i]!.key,
        strand: isForward(alignment.members[at]!.strand, i) ? ('+' as const) : ('-' as const),
        motifOffset: alignment.members[at]!.offset,
      })),
    )
    return {
      clusterId,
      size: alignment.nsites,
      medoid: given[givenOf[medoid]![0]!]!.pattern,
      members: found.sort((a, b) => a.key - b.key),
      motif: motifOf(alignment.pfm, alignment.nsites, options.background),
    }
  })
  return {
    clusters,
    noise: [...empty, ...given.filter((_, i) => labels[unique.index[i]!] === noise).map(({ key }) => key)],
    parameters: { ...parameters, reverseComplements: options.reverseComplements },
  }
}

function clusterPatterns(
  unique: UniquePatterns,
  distances: EditDistances,
  options: FindMotifsOptions,
): { labels: Int32Array; parameters: Record<string, number> } {
  const { patterns, weights } = unique
  if (patterns.length === 0) return { labels: new Int32Array(0), parameters: {} }
  if (options.method === 'kmeans') {
    const { labels, k } = kmeansClusters(unique, options)
    return { labels, parameters: { k } }
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const minSamples = options.minSamples ?? defaultMinSamples(total)
  const eps = options.eps ?? defaultEps(unique, minSamples, options.reverseComplements)
  const { labels } = dbscan(neighboursWithin(distances, eps), weights, minSamples)
  return { labels, parameters: { eps, minSamples } }
}

function motifOf(pfm: Matrix, nsites: number, background: readonly number[] = uniformBackground): FoundMotif {
  const ppm = ppmOf(pfm, nsites, background)
  return {
    pfm,
    ppm,
    nsites,
    consensus: consensusOf(ppm),
    information: informationOf(ppm, background).reduce((sum, bits) => sum + bits, 0),
  }
}
