/** Which columns say something: closed forms of the bits, and columns that chance makes. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { columnInformation, compositionOf } from '../../src/motif/informativeColumns.ts'
import { encodeSequence, uniformBackground } from '../../src/sequence/alphabet.ts'

describe('columnInformation', () => {
  it('takes the bias of n counts from the bits', () => {
    const [sure, even, empty] = columnInformation(
      [
        [100, 0, 0, 0],
        [25, 25, 25, 25],
        [0, 0, 0, 0],
      ],
      uniformBackground,
    )
    expect(sure!.bits).toBeCloseTo(2 - 3 / (200 * Math.LN2), 12)
    expect(sure!.informative).toBe(true)
    expect(even).toEqual({ bits: 0, informative: false })
    expect(empty).toEqual({ bits: 0, informative: false })
  })

  it('measures against the composition: what all of the sequences are says nothing', () => {
    const counts = [[5, 45, 45, 5]]
    expect(columnInformation(counts, uniformBackground)[0]!.informative).toBe(true)
    expect(columnInformation(counts, [0.05, 0.45, 0.45, 0.05])[0]).toEqual({ bits: 0, informative: false })
  })

  it('leaves out what is sure but small', () => {
    const [column] = columnInformation([[2800, 2400, 2400, 2400]], uniformBackground)
    expect(column!.bits).toBeGreaterThan(0)
    expect(column!.informative).toBe(false)
  })

  it('asks more of one column among many', () => {
    const chance = [2, 1, 1, 1]
    const sure = [5, 0, 0, 0]
    expect(columnInformation([sure], uniformBackground)[0]!.informative).toBe(true)
    const among = (n: number): boolean =>
      columnInformation([sure, ...Array.from({ length: n }, () => chance)], uniformBackground)[0]!.informative
    expect([among(10), among(100)]).toEqual([true, false])
  })

  it('finds a column in few matrices of chance, whatever their size', () => {
    const random = new Random(1, 'columns of chance')
    for (const sites of [5, 10, 26, 1000]) {
      const matrices = Array.from({ length: 200 }, () => {
        const counts = Array.from({ length: 30 }, () => [0, 0, 0, 0])
        for (const row of counts)
          for (let i = 0; i < sites; i++) row[random.weighted([0.2, 0.3, 0.3, 0.2])]!++
        return columnInformation(counts, [0.2, 0.3, 0.3, 0.2])
      })
      const some = matrices.filter((columns) => columns.some(({ informative }) => informative)).length
      // The false discovery rate is 0.2; G is a little liberal with few counts.
      expect(some / matrices.length).toBeLessThan(0.35)
    }
  })
})

describe('compositionOf', () => {
  it('counts bases, not what is unknown, and leaves none at 0', () => {
    expect(compositionOf([encodeSequence('AAANC'), encodeSequence('GN')])).toEqual([
      4 / 9,
      2 / 9,
      2 / 9,
      1 / 9,
    ])
    expect(compositionOf([])).toEqual([0.25, 0.25, 0.25, 0.25])
  })
})
