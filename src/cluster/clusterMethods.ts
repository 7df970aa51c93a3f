/** The ways of clustering, by name: for those who offer the choice and need none of the code. */
export const clusterMethods = ['dbscan', 'kmeans'] as const
export type ClusterMethod = (typeof clusterMethods)[number]
