/** PFM, PPM, PWM, information and consensus in closed form. */
import { describe, expect, it } from 'vitest'
import { consensusOf } from '../../src/motif/consensus.ts'
import { informationOf, ppmOf, pwmOf, reverseComplementMatrix } from '../../src/motif/motif.ts'

describe('ppmOf', () => {
  it('fills up with the background what members do not say', () => {
    const ppm = ppmOf(
      [
        [8, 0, 0, 0],
        [2, 2, 0, 0],
        [0, 0, 0, 0],
      ],
      8,
      [0.4, 0.1, 0.1, 0.4],
      0,
    )
    expect(ppm[0]).toEqual([1, 0, 0, 0])
    expect(ppm[1]).toEqual([(2 + 1.6) / 8, (2 + 0.4) / 8, 0.4 / 8, 1.6 / 8])
    expect(ppm[2]).toEqual([0.4, 0.1, 0.1, 0.4])
  })

  it('adds one pseudocount in the proportions of the background', () => {
    expect(ppmOf([[9, 0, 0, 0]], 9)[0]).toEqual([0.925, 0.025, 0.025, 0.025])
  })
})

it('informationOf is 2, 1 and 0 bits where one, two and four bases are possible', () => {
  const bits = informationOf([
    [1, 0, 0, 0],
    [0.5, 0, 0, 0.5],
    [0.25, 0.25, 0.25, 0.25],
  ])
  expect(bits).toEqual([2, 1, 0])
  expect(informationOf([[0.4, 0.1, 0.1, 0.4]], [0.4, 0.1, 0.1, 0.4])).toEqual([0])
})

it('pwmOf is in bits', () => {
  expect(pwmOf([[0.5, 0.125, 0.25, 0.125]])).toEqual([[1, -1, 0, -1]])
})

it('reverseComplementMatrix swaps A with T, C with G, first with last', () => {
  expect(
    reverseComplementMatrix([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]),
  ).toEqual([
    [8, 7, 6, 5],
    [4, 3, 2, 1],
  ])
})

it('consensusOf follows Cavener', () => {
  const row = (a: number, c: number, g: number, t: number): string => consensusOf([[a, c, g, t]])
  expect(row(0.6, 0.2, 0.1, 0.1)).toBe('A')
  expect(row(0.55, 0.35, 0.05, 0.05)).toBe('M')
  expect(row(0.1, 0.1, 0.4, 0.4)).toBe('K')
  expect(row(0.05, 0.45, 0.05, 0.45)).toBe('Y')
  expect(row(0.4, 0.1, 0.4, 0.1)).toBe('R')
  expect(row(0.1, 0.4, 0.4, 0.1)).toBe('S')
  expect(row(0.4, 0.1, 0.1, 0.4)).toBe('W')
  expect(row(0.4, 0.3, 0.2, 0.1)).toBe('N')
  expect(row(0.25, 0.25, 0.25, 0.25)).toBe('N')
})
