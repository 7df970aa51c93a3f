/** Random streams: reproducible, apart from each other, and of the distributions they claim. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'

const many = 20_000
const draw = <T>(make: () => T): T[] => Array.from({ length: many }, make)

describe('Random', () => {
  it('gives the same numbers for the same seed and stream, others for another', () => {
    const numbers = (random: Random): number[] => Array.from({ length: 8 }, () => random.uint32())
    expect(numbers(new Random(1, 'a'))).toEqual(numbers(new Random(1, 'a')))
    expect(numbers(new Random(1, 'a'))).not.toEqual(numbers(new Random(2, 'a')))
    expect(numbers(new Random(1, 'a'))).not.toEqual(numbers(new Random(1, 'b')))
    expect(numbers(new Random(1, 'a', 'b'))).not.toEqual(numbers(new Random(1, 'ab')))
  })

  it('is uniform: chi-square over 16 bins below its 99.9th percentile', () => {
    const random = new Random(7, 'uniform')
    const bins = new Array<number>(16).fill(0)
    for (const value of draw(() => random.uniform())) bins[Math.floor(value * 16)]!++
    const expected = many / 16
    expect(bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)).toBeLessThan(37.7)
  })

  it('draws normal and weighted numbers', () => {
    const random = new Random(7, 'normal')
    const normals = draw(() => random.normal())
    const mean = normals.reduce((sum, x) => sum + x, 0) / many
    const variance = normals.reduce((sum, x) => sum + (x - mean) ** 2, 0) / many
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
    const picks = draw(() => random.weighted([1, 0, 3]))
    expect(picks.filter((i) => i === 1)).toEqual([])
    expect(picks.filter((i) => i === 2).length / many).toBeCloseTo(0.75, 1)
  })

  it('shuffles without losing anything', () => {
    const shuffled = new Random(3, 'shuffle').shuffle(Uint8Array.from({ length: 50 }, (_, i) => i))
    expect([...shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect([...shuffled]).not.toEqual(Array.from({ length: 50 }, (_, i) => i))
  })
})
