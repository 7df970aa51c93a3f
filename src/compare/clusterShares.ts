/** Which model the members of each joint cluster come from: the paper's "% CNN SIS" (Carter et al. 2019). */
import { ascending, valueOf } from './rows.ts'

export interface ClusterMember {
  readonly clustering_id: number
  readonly cluster_id: number
  readonly model_id: number
}

export interface ClusterShare extends ClusterMember {
  /** SIS of this model in the cluster. */
  readonly members: number
  /** Of all members of the cluster, in [0, 1]. */
  readonly share: number
}

/**
 * @param modelIds the models compared; each has a row in every cluster, with no members where it has none there
 * @returns by clustering, cluster and model, ascending
 */
export function clusterShares(members: Iterable<ClusterMember>, modelIds: Iterable<number>): ClusterShare[] {
  const models = ascending(new Set(modelIds))
  const clusterings = new Map<number, Map<number, Map<number, number>>>()
  for (const { clustering_id, cluster_id, model_id } of members) {
    if (!models.includes(model_id)) throw new RangeError(`model ${model_id} is not among the models compared`)
    const clusters = valueOf(clusterings, clustering_id, () => new Map<number, Map<number, number>>())
    const counts = valueOf(clusters, cluster_id, () => new Map<number, number>())
    counts.set(model_id, (counts.get(model_id) ?? 0) + 1)
  }
  const shares: ClusterShare[] = []
  for (const clustering_id of ascending(clusterings.keys())) {
    const clusters = clusterings.get(clustering_id)!
    for (const cluster_id of ascending(clusters.keys())) {
      const counts = clusters.get(cluster_id)!
      const size = [...counts.values()].reduce((sum, count) => sum + count, 0)
      for (const model_id of models) {
        const count = counts.get(model_id) ?? 0
        shares.push({ clustering_id, cluster_id, model_id, members: count, share: count / size })
      }
    }
  }
  return shares
}
