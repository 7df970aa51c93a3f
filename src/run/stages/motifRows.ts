/** Clusterings, motifs and their matches as rows of the tables that hold them, and as MEME text and log lines. */
import { writeMemeMotifs } from '../../io/motifs/memeMotifs.ts'
import type { CountedMotif } from '../../motif/compareMotifs.ts'
import { consensusOf } from '../../motif/consensus.ts'
import type { MotifSearch } from '../../motif/findMotifs.ts'
import { ppmOf } from '../../motif/motif.ts'
import { nameClause, namingOf } from '../../motif/naming.ts'
import { sitesOfCluster } from '../../motif/sites.ts'
import type { MotifMatch } from '../../motif/motifMatch.ts'
import type { Row } from '../../store/tables.ts'

/** A subset as far as its pattern and its place tell. */
export type ClusteredSis = Pick<Row<'sis'>, 'model_id' | 'sequence_id' | 'rank' | 'pattern' | 'positions'>

/** What is clustered: the patterns of one model, or of all. */
export interface Scope {
  readonly name: string
  readonly id: number | null
}

type ClusterTable = 'clusterings' | 'clusters' | 'cluster_members' | 'motifs' | 'motif_matches'

export type MotifRows = { readonly [T in ClusterTable]: Row<T>[] }

export function noMotifRows(): MotifRows {
  return { clusterings: [], clusters: [], cluster_members: [], motifs: [], motif_matches: [] }
}

export interface SearchFacts {
  readonly method: string
  readonly codesOf: (sequenceId: number) => Uint8Array
  readonly background: readonly number[] // [4]
}

/** @returns the new motifs as they are compared with known ones: by what their sites look like, of which an SIS may need but a part */
export function addSearch(
  rows: MotifRows,
  scope: Scope,
  members: readonly ClusteredSis[],
  search: MotifSearch,
  { method, codesOf, background }: SearchFacts,
): CountedMotif[] {
  const queries: CountedMotif[] = []
  const clustering_id = rows.clusterings.length
  rows.clusterings.push({
    clustering_id,
    name: scope.name,
    model_id: scope.id,
    method,
    parameters: JSON.stringify(search.parameters),
    patterns: members.length,
    noise: search.noise.length,
  })
  for (const cluster of search.clusters) {
    const { clusterId: cluster_id, size, medoid, members: placed, motif } = cluster
    rows.clusters.push({ clustering_id, cluster_id, size, medoid })
    for (const { key, strand, motifOffset } of placed) {
      const { model_id, sequence_id, rank } = members[key]!
      rows.cluster_members.push({
        clustering_id,
        cluster_id,
        model_id,
        sequence_id,
        rank,
        strand,
        motif_offset: motifOffset,
      })
    }
    const sites = sitesOfCluster(cluster, (key) => {
      const { sequence_id, positions } = members[key]!
      return { codes: codesOf(sequence_id), positions }
    })
    const name = `${scope.name}_${cluster_id + 1}`
    queries.push({ id: name, name, counts: sites.pfm, nsites: motif.nsites, informative: sites.informative })
    rows.motifs.push({
      motif_id: rows.motifs.length,
      name,
      model_id: scope.id,
      clustering_id,
      cluster_id,
      nsites: motif.nsites,
      width: motif.ppm.length,
      consensus: motif.consensus,
      information: motif.information,
      pfm: motif.pfm,
      ppm: motif.ppm,
      site_pfm: sites.pfm,
      site_offset: sites.offset,
      site_consensus: consensusOf(ppmOf(sites.pfm, placed.length, background)),
      site_information: sites.information,
      naming: 'not compared',
    })
  }
  return queries
}

/** @param matches of one motif that are told of, best first */
export function addMatches(rows: MotifRows, matches: readonly MotifMatch[]): void {
  const [best] = matches
  if (best === undefined) return
  const motif = rows.motifs.find(({ name }) => name === best.queryId)!
  motif.naming = namingOf(motif.site_information, best.qValue)
  for (const match of matches) {
    rows.motif_matches.push({
      motif_id: motif.motif_id,
      target_id: match.targetId,
      target_name: match.targetName,
      match_rank: match.matchRank,
      p_value: match.pValue,
      e_value: match.eValue,
      q_value: match.qValue,
      optimal_offset: match.optimalOffset,
      overlap: match.overlap,
      query_consensus: match.queryConsensus,
      target_consensus: match.targetConsensus,
      orientation: match.orientation,
    })
  }
}

/** What each clustering's largest motif is, a line each. */
export function largestMotifs({ clusterings, clusters, motifs, motif_matches }: MotifRows): string[] {
  return clusterings.flatMap(({ clustering_id, name, patterns }) => {
    const motif = motifs.find((one) => one.clustering_id === clustering_id && one.cluster_id === 0)
    if (motif === undefined) return []
    const { size } = clusters.find((one) => one.clustering_id === clustering_id && one.cluster_id === 0)!
    const best = motif_matches.find((one) => one.motif_id === motif.motif_id && one.match_rank === 0)
    const clause = nameClause({
      naming: namingOf(motif.site_information, best?.q_value),
      siteInformation: motif.site_information,
      match:
        best === undefined
          ? undefined
          : {
              targetId: best.target_id,
              targetName: best.target_name,
              qValue: best.q_value,
              orientation: best.orientation,
            },
    })
    return [`${name}: the largest motif, ${motif.consensus} (${size} of ${patterns} SIS), ${clause}`]
  })
}

export function memeText(rows: MotifRows, background: readonly number[]): string {
  const best = new Map(rows.motif_matches.filter((m) => m.match_rank === 0).map((m) => [m.motif_id, m]))
  return writeMemeMotifs(
    rows.motifs.map(({ motif_id, name, ppm, nsites, naming }) => ({
      id: name,
      alternateName: naming === 'named' ? best.get(motif_id)!.target_name.replace(/\s+/g, '_') : undefined,
      ppm,
      nsites,
    })),
    background,
  )
}
