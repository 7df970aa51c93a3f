/** Shares of each model in joint clusters, against counts by hand. */
import { describe, expect, it } from 'vitest'
import { clusterShares } from '../../src/compare/clusterShares.ts'

function members(clustering_id: number, cluster_id: number, models: readonly number[]) {
  return models.map((model_id) => ({ clustering_id, cluster_id, model_id }))
}

describe('clusterShares', () => {
  it('counts each model in each cluster, absent ones as zero', () => {
    const rows = [...members(3, 1, [1, 1]), ...members(3, 0, [0, 1, 0, 0])]
    expect(clusterShares(rows, [1, 0])).toEqual([
      { clustering_id: 3, cluster_id: 0, model_id: 0, members: 3, share: 0.75 },
      { clustering_id: 3, cluster_id: 0, model_id: 1, members: 1, share: 0.25 },
      { clustering_id: 3, cluster_id: 1, model_id: 0, members: 0, share: 0 },
      { clustering_id: 3, cluster_id: 1, model_id: 1, members: 2, share: 1 },
    ])
  })

  it('keeps clusterings apart', () => {
    const shares = clusterShares([...members(1, 0, [0]), ...members(0, 0, [1])], [0, 1])
    expect(shares.map((row) => [row.clustering_id, row.model_id, row.share])).toEqual([
      [0, 0, 0],
      [0, 1, 1],
      [1, 0, 1],
      [1, 1, 0],
    ])
  })

  it('has no rows without members, and refuses a model that is not compared', () => {
    expect(clusterShares([], [0, 1])).toEqual([])
    expect(() => clusterShares(members(0, 0, [2]), [0, 1])).toThrow('model 2')
  })
})
