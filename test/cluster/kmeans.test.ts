/** k-means of patterns as counts of spaced base pairs, and of other points. */
import { describe, expect, it } from 'vitest'
import { kmeansPoints, partition } from '../../src/cluster/kmeans.ts'
import { pairSpectrum } from '../../src/cluster/pairSpectrum.ts'
import { uniquePatterns } from '../../src/cluster/uniquePatterns.ts'

const boxes = ['CACGTG', 'CACGTGA', 'TCACGTG', 'CACGTGAC', 'CACG-GAC']
const gata = ['AGATAA', 'AGATAAG', 'GATAAG', 'TGATAAG', 'GATAAGA', 'GAT-AG']
const patterns = [...boxes, ...gata].map((pattern) => ({ pattern }))

const pointsOf = (texts: readonly string[]): number[][] => texts.map((text) => pairSpectrum(text, true))

describe('kmeansPoints', () => {
  const unique = uniquePatterns(patterns, true)
  const points = pointsOf(unique.patterns)
  const groupOf = (labels: Int32Array, texts: readonly string[], from: number): Set<number> =>
    new Set(texts.map((_, i) => labels[unique.index[from + i]!]!))

  it('chooses two clusters for two motifs and numbers the larger 0', () => {
    const { labels, k } = kmeansPoints(points, unique.weights, { seed: 1 })
    expect(k).toBe(2)
    expect([...groupOf(labels, boxes, 0)]).toEqual([1])
    expect([...groupOf(labels, gata, boxes.length)]).toEqual([0])
  })

  it('is the same for the same seed, and takes the k it is given', () => {
    const options = { seed: 7, k: 4 }
    const first = kmeansPoints(points, unique.weights, options)
    expect(first.k).toBe(4)
    expect(new Set(first.labels).size).toBe(4)
    expect(kmeansPoints(points, unique.weights, options)).toEqual(first)
  })

  it('leaves what has no structure in one cluster, and copes with fewer patterns than clusters', () => {
    const same = pointsOf(['CACGTG'])
    expect(kmeansPoints(same, [9], { seed: 1 })).toEqual({
      labels: Int32Array.of(0),
      k: 1,
    })
    expect(kmeansPoints(same, [9], { seed: 1, k: 3 }).k).toBe(1)
  })

  it('takes any points, and a weight for as many equal ones', () => {
    const corners = [
      [0, 0],
      [0, 1],
      [9, 9],
      [9, 8],
      [-9, 9],
    ]
    const { labels, k } = kmeansPoints(corners, [1, 2, 9, 3, 1], { seed: 1, k: 3 })
    expect(k).toBe(3)
    expect([...labels]).toEqual([1, 1, 0, 0, 2])
    const copies = corners.flatMap((corner, i) => new Array<number[]>([1, 2, 9, 3, 1][i]!).fill(corner))
    const again = kmeansPoints(copies, new Float64Array(16).fill(1), { seed: 1, k: 3 })
    expect(new Set([...again.labels.slice(0, 3)])).toEqual(new Set([1]))
    expect(new Set([...again.labels.slice(3, 15)])).toEqual(new Set([0]))
  })

  it('leaves points of weight 0 out', () => {
    const { labels } = partition([[0], [1], [50], [51]], [1, 0, 1, 1], 2, 1)
    expect(labels[1]).toBe(-1)
    expect(labels[2]).toBe(labels[3])
    expect(labels[0]).not.toBe(labels[2])
    expect([...partition([[0], [1]], [0, 0], 2, 1).labels]).toEqual([-1, -1])
  })
})
