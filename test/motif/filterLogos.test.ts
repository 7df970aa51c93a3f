/** Filters as logos: heights in closed form, and a picture that changes only when someone means it to. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { centredWeights, filterLogos } from '../../src/motif/filterLogos.ts'

/** Two filters of two positions: A at the first, and G against T at the second; nothing at all. */
const kernel = Float32Array.of(3, 1, -1, 1, -1, 1, -1, 1, 0, 2, 0, 2, 1, 2, -1, 2)

it('takes the mean of each position away', () => {
  expect(centredWeights(kernel, 2, 2, 0)).toEqual([
    [3, -1, -1, -1],
    [0, 0, 1, -1],
  ])
  expect(centredWeights(kernel, 2, 2, 1)).toEqual([
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ])
})

it('draws weights up and down from the axis, the tallest 36 pixels high, nothing of an empty filter', () => {
  const [, first = '', second = ''] = filterLogos(kernel, 2, 2, 'two filters').split('<g>')
  const heights = (base: string): number[] => {
    const path = new RegExp(`class="${base}"[^>]* d="([^"]*)"`).exec(first)![1]!
    return [...path.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, , y]) => Number(y))
  }
  const axis = Number(/M[\d.]+ ([\d.]+)H/.exec(first)![1])
  expect([Math.min(...heights('A')), Math.max(...heights('A'))]).toEqual([axis - 36, axis])
  // Three letters of 12 pixels hang below the axis at the first position: T, G, C.
  expect([Math.min(...heights('G')), Math.max(...heights('G'))]).toEqual([axis - 12, axis + 24])
  expect([Math.min(...heights('T')), Math.max(...heights('T'))]).toEqual([axis, axis + 12])
  expect([Math.min(...heights('C')), Math.max(...heights('C'))]).toEqual([axis + 24, axis + 36])
  expect(second).not.toContain('class=')
})

it('draws what it drew before', () => {
  const golden = join(import.meta.dirname, 'filters.golden.svg')
  const changed = join(import.meta.dirname, 'filters-changed.svg')
  const svg = filterLogos(kernel, 2, 2, 'filters <of> a test')
  const expected = existsSync(golden) ? readFileSync(golden, 'utf8') : ''
  if (svg === expected) rmSync(changed, { force: true })
  else writeFileSync(changed, svg)
  expect(svg).toBe(expected)
})
