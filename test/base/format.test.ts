/** Numbers as a reader of the page expects them. */
import { describe, expect, it } from 'vitest'
import {
  count,
  counted,
  duration,
  fixed,
  listed,
  moment,
  percent,
  score,
  shortenRuns,
  significance,
} from '../../src/base/format.ts'

const plain = (text: string): string => text.replaceAll('\u00a0', ' ')

describe('format', () => {
  it('counts with thousands separators and their noun', () => {
    expect([count(19544), count(0), count(Number.NaN)]).toEqual(['19,544', '0', '–'])
    expect([counted(1, 'base'), counted(2000, 'base'), counted(2, 'SIS', 'SIS')]).toEqual([
      '1 base',
      '2,000 bases',
      '2 SIS',
    ])
  })

  it('never rounds a share to none or all that is neither', () => {
    const shares = [
      [0, 10],
      [1, 100000],
      [34, 1000],
      [1, 2],
      [995, 1000],
      [99999, 100000],
      [10, 10],
      [0, 0],
    ] as const
    expect(shares.map(([part, whole]) => plain(percent(part, whole)))).toEqual([
      '0 %',
      '< 0.1 %',
      '3.4 %',
      '50 %',
      '99.5 %',
      '> 99.9 %',
      '100 %',
      '–',
    ])
  })

  it('tells probabilities just below 1 from it', () => {
    expect([0.9999571442604065, 0.99994, 0.99999994, -0.99998, 1.00001].map(score)).toEqual([
      '0.999957',
      '0.9999',
      '0.99999994',
      '−0.999980',
      '1.000',
    ])
  })

  it('writes scores of any scale', () => {
    expect([0.93121, -1.5, 0.041234, 1e-9, -2e7, 0, 1, 12345.67, null].map(score)).toEqual([
      '0.9312',
      '−1.500',
      '0.04123',
      '1.00e-9',
      '−2.00e+7',
      '0',
      '1.000',
      '12345.7',
      '–',
    ])
    expect([fixed(-0.00001), fixed(-0.5, 1), fixed(null)]).toEqual(['0.000', '−0.5', '–'])
  })

  it('writes q-values', () => {
    expect([3.14e-9, 0.0123, 0.31, 1, 0, 12345].map(significance)).toEqual([
      '3.1e-9',
      '0.012',
      '0.31',
      '1',
      '0',
      '1.2e+4',
    ])
  })

  it('writes times', () => {
    expect([4.21, 48.9, 59.9, 312.4, 3725, 3599.6].map((seconds) => plain(duration(seconds)))).toEqual([
      '4.2 s',
      '49 s',
      '1 min 0 s',
      '5 min 12 s',
      '1 h 2 min',
      '1 h 0 min',
    ])
    expect(moment('2026-07-14T09:30:12.123Z')).toBe('14 July 2026, 09:30 UTC')
    expect(moment('yesterday')).toBe('yesterday')
  })

  it('shortens long gaps only', () => {
    expect(['CNNNNNNNNT', 'CNNNNNNNT', `A${'-'.repeat(33)}GN`].map(shortenRuns)).toEqual([
      'CN(8)T',
      'CNNNNNNNT',
      'A-(33)GN',
    ])
  })

  it('lists names', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c'])
  })
})
