/** Arrays of attributions, in whichever order of their axes. */
import { describe, expect, it } from 'vitest'
import { readGiven } from '../../src/explain/givenAttributions.ts'

const sequence = { name: 'a', codes: Uint8Array.of(2, 0, 3) }
// [L, 4] of the second of two sequences.
const each = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
const own = Float32Array.of(3, 5, 12)

function tensor(shape: readonly number[], row: readonly number[]) {
  return { shape, values: Float32Array.from([...row.map(() => 0), ...row]) }
}

describe('given attributions', () => {
  it('are of the bases that are there', () => {
    const given = readGiven(tensor([2, 3], [...own]), 3, 'a.npy')
    expect(given.rows).toBe(2)
    expect(given.attribution(1, sequence)).toEqual({ importance: own })
  })

  it('are of each base in each place, by position or by base', () => {
    const expected = { importance: own, contributions: Float32Array.from(each) }
    expect(readGiven(tensor([2, 3, 4], each), 3, 'a').attribution(1, sequence)).toEqual(expected)
    const byBase = [0, 1, 2, 3].flatMap((base) => [0, 1, 2].map((at) => each[at * 4 + base]!))
    expect(readGiven(tensor([2, 4, 3], byBase), 3, 'a').attribution(1, sequence)).toEqual(expected)
  })

  it('say nothing of other bases where they are 0 there', () => {
    const projected = each.map((value, i) => (i % 4 === sequence.codes[Math.floor(i / 4)] ? value : 0))
    expect(readGiven(tensor([2, 3, 4], projected), 3, 'a').attribution(1, sequence)).toEqual({
      importance: own,
    })
  })

  it.each<[readonly number[], number, string]>([
    [[2, 5], 3, 'holds [2, 5]; sequences of 3 bases need [n, 3], [n, 3, 4] or [n, 4, 3]'],
    [[2], 3, 'holds [2]'],
    [[2, 4, 4], 4, 'could be [n, L, 4] or [n, 4, L]'],
  ])('of %j for %d bases are refused', (shape, length, message) => {
    expect(() => readGiven({ shape, values: new Float32Array(32) }, length, 'a.npy')).toThrow(message)
  })

  it('are finite', () => {
    const given = readGiven(tensor([2, 3], [1, NaN, 2]), 3, 'a.npy')
    expect(() => given.attribution(1, sequence)).toThrow(
      "sequence 'a': row 2 holds a number that is not finite",
    )
  })
})
