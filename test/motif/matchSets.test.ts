/** Sets of motifs compared: each finds itself and its reverse complement; E and q are over the targets alone, p is Tomtom's. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { matchSets, needsOthers, type SetMotif } from '../../src/motif/matchSets.ts'
import { reverseComplementMatrix } from '../../src/motif/motif.ts'
import { tomtom } from '../../src/motif/tomtom.ts'
import type { Matrix } from '../../src/sequence/matrix.ts'

const random = new Random(11, 'sets of motifs')
function matrixOf(width: number): Matrix {
  return Array.from({ length: width }, () => {
    const counts = Array.from({ length: 4 }, () => random.uniform() ** 4)
    const sum = counts.reduce((total, count) => total + count, 0)
    return counts.map((count) => count / sum)
  })
}
const setOf = (count: number): SetMotif[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `m${i}`,
    name: undefined,
    ppm: matrixOf(6 + (i % 9)),
    nsites: undefined,
  }))

describe('matchSets', () => {
  it('finds the same motifs under other ids, on the other strand, at their offset', () => {
    const targets = setOf(60)
    const queries = targets.map(({ ppm, ...motif }) => ({
      ...motif,
      ppm: reverseComplementMatrix(ppm.slice(1)),
    }))
    const found = matchSets(queries, targets, [], 0.05)
    for (const [i, [best]] of found.entries()) {
      expect(best).toMatchObject({
        queryId: `m${i}`,
        targetId: `m${i}`,
        matchRank: 0,
        optimalOffset: 0,
        orientation: '-',
      })
      expect(best!.overlap).toBe(targets[i]!.ppm.length - 1)
    }
  })

  it('is Tomtom where there are many targets, whatever others there are', () => {
    const [queries, targets] = [setOf(4), setOf(60)]
    const others = setOf(5).map((motif) => ({ ...motif, name: '' }))
    const plain = tomtom(
      queries.map((motif) => ({ ...motif, name: '' })),
      targets.map((motif) => ({ ...motif, name: '' })),
    )
    expect(needsOthers(targets)).toBe(false)
    expect(matchSets(queries, targets, others, 1).flat()).toEqual(plain)
  })

  it('lends few targets the columns of others for the null, and counts the targets alone', () => {
    const [queries, targets] = [setOf(4), setOf(3)]
    // As one set may have: ids of the targets.
    const others = setOf(80).map((motif) => ({ ...motif, name: 'other' }))
    const found = matchSets(queries, targets, others, 1)
    for (const matches of found) {
      expect(matches.map(({ targetId }) => targetId).sort()).toEqual(['m0', 'm1', 'm2'])
      for (const [rank, { matchRank, pValue, eValue, qValue, targetName }] of matches.entries()) {
        expect(matchRank).toBe(rank)
        expect(targetName).toBe('')
        expect(eValue).toBe(3 * pValue)
        const step = (at: number): number => (3 * matches[at]!.pValue) / (at + 1)
        expect(qValue).toBeCloseTo(Math.min(1, ...[0, 1, 2].slice(rank).map(step)), 12)
      }
    }
  })

  it('writes the best match always, further ones up to the highest q', () => {
    const [queries, targets] = [setOf(6), setOf(60)]
    for (const matches of matchSets(queries, targets, [], 1e-9)) {
      expect(matches).toHaveLength(1)
      expect(matches[0]!.matchRank).toBe(0)
    }
  })

  it('hears nothing of a query column that its sites cannot tell from chance', () => {
    const targets = setOf(60)
    const word = targets[8]!.ppm.slice(2, 9)
    const flank: Matrix = [0, 1, 2, 3, 4].map(() => [0.4, 0.2, 0.2, 0.2])
    const query = (nsites: number | undefined): SetMotif => ({
      id: 'q',
      name: undefined,
      ppm: [...flank, ...word],
      nsites,
    })
    const pOf = (nsites: number | undefined): number =>
      matchSets([query(nsites)], targets, [], 1e-9)[0]![0]!.pValue
    // Ten sites: one A more than chance is nothing. Ten thousand: it is something.
    expect(pOf(10)).not.toBe(pOf(undefined))
    expect(pOf(10)).toBeLessThan(pOf(undefined))
  })
})
