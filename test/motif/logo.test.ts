/** Logos: heights in closed form, and pictures that change only when someone means them to. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sequenceLogo } from '../../src/motif/logo.ts'

const box = [
  [0.1, 0.7, 0.1, 0.1],
  [1, 0, 0, 0],
  [0, 0.5, 0.5, 0],
  [0.25, 0.25, 0.25, 0.25],
  [0.02, 0.02, 0.02, 0.94],
]

/** The y coordinates of a base's outlines. */
function heightsOf(svg: string, base: string): number[] {
  const path = new RegExp(`class="${base}"[^>]* d="([^"]*)"`).exec(svg)?.[1] ?? ''
  return [...path.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, , y]) => Number(y))
}

function oneHotA(width: number): number[][] {
  return Array.from({ length: width }, () => [1, 0, 0, 0])
}

describe('sequenceLogo', () => {
  it.each([
    ['axes', sequenceLogo(box, { title: 'box <1> & more' })],
    ['plain', sequenceLogo(box, { title: 'box', axes: false, columnWidth: 12, height: 40 })],
    ['long', sequenceLogo(oneHotA(31), { title: 'long' })],
  ])('draws what it drew before: %s', (name, svg) => {
    const golden = join(import.meta.dirname, `logo.${name}.golden.svg`)
    const changed = join(import.meta.dirname, `logo.${name}-changed.svg`)
    const expected = existsSync(golden) ? readFileSync(golden, 'utf8') : ''
    if (svg === expected) rmSync(changed, { force: true })
    else writeFileSync(changed, svg)
    expect(svg).toBe(expected)
  })

  it('makes letters as high as their share of the information', () => {
    const svg = sequenceLogo(box, { title: 'box', axes: false, height: 200 })
    const a = heightsOf(svg, 'A')
    expect(Math.min(...a)).toBe(0) // 2 bits fill the height
    expect(Math.max(...a)).toBe(200)
    const half = sequenceLogo([[0, 0.5, 0.5, 0]], { title: 'half', axes: false, height: 200 })
    expect([Math.min(...heightsOf(half, 'C')), Math.max(...heightsOf(half, 'C'))]).toEqual([100, 150])
    expect([Math.min(...heightsOf(half, 'G')), Math.max(...heightsOf(half, 'G'))]).toEqual([150, 200])
  })

  it('draws nothing for a column without information', () => {
    expect(sequenceLogo([[0.25, 0.25, 0.25, 0.25]], { title: 'flat', axes: false })).not.toContain('<path')
  })

  it('escapes its title', () => {
    expect(sequenceLogo(box, { title: 'a<b&c' })).toContain('<title>a&lt;b&amp;c</title>')
  })
})
