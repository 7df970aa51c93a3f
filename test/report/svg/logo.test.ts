/** Logos: heights in closed form, lanes in the same columns, and outlines that are only referred to. */
import { describe, expect, it } from 'vitest'
import { letterOutlines, logo } from '../../../src/report/svg/logo.ts'

/** Of the letters that a logo draws: [scale x, scale y, x, y]. */
function uses(svg: string, letter: string): number[][] {
  return [...svg.matchAll(new RegExp(`href="#${letter}" transform="matrix\\(([^)]*)\\)"`, 'g'))].map(
    ([, numbers]) => {
      const [width, , , height, x, y] = numbers!.split(' ').map(Number)
      return [width!, height!, x!, y!]
    },
  )
}

const draw = (ppm: number[][], options = {}): string =>
  logo({ label: 'a logo', lanes: [{ ppm, at: 0 }], columnWidth: 10, height: 200, ...options }).text

describe('logo', () => {
  it('makes letters as high as their share of the information', () => {
    // 2 bits fill the height.
    expect(uses(draw([[1, 0, 0, 0]]), 'A')).toEqual([[0.096, 2, 0.2, 0]])
    // One bit in halves: the tie puts the later letter below.
    const half = draw([[0, 0.5, 0.5, 0]])
    expect(uses(half, 'C')).toEqual([[0.096, 0.5, 0.2, 100]])
    expect(uses(half, 'G')).toEqual([[0.096, 0.5, 0.2, 150]])
    expect(draw([[0.25, 0.25, 0.25, 0.25]])).not.toContain('<use')
  })

  it('leaves room for the numbers at the foot of every axis', () => {
    for (const lanes of [1, 2, 3]) {
      const svg = logo({
        label: 'lanes',
        lanes: Array.from({ length: lanes }, () => ({ ppm: [[1, 0, 0, 0]], at: 0, name: 'lane' })),
        columnWidth: 10,
        height: 50,
        axes: true,
      }).text
      const height = Number(/viewBox="0 0 \S+ (\S+)"/.exec(svg)![1])
      const baselines = [...svg.matchAll(/<text[^>]* y="([^"]+)"/g)].map(([, y]) => Number(y))
      expect(baselines).toHaveLength(lanes * 4 + 1)
      // Figures have no descenders.
      expect(Math.max(...baselines)).toBeLessThan(height)
    }
  })

  it('lays lanes where they begin, the leftmost at the edge', () => {
    const svg = logo({
      label: 'two',
      lanes: [
        { ppm: [[1, 0, 0, 0]], at: 0 },
        { ppm: [[0, 0, 0, 1]], at: -3, name: 'a known motif' },
      ],
      columnWidth: 10,
      height: 50,
    }).text
    expect(uses(svg, 'A')[0]![2]).toBe(30.2)
    expect(uses(svg, 'T')[0]![2]).toBe(0.2)
    expect(svg).toContain('>a known motif</text>')
    expect(svg).toMatch(/viewBox="0 0 40 /)
  })

  it('draws what is too low to be read as bars of the same height', () => {
    const svg = draw([[0.97, 0.03, 0, 0]])
    const bits = 2 + 0.97 * Math.log2(0.97) + 0.03 * Math.log2(0.03)
    expect(uses(svg, 'A')[0]![1]).toBeCloseTo(0.97 * bits, 2)
    expect(uses(draw([[0.97, 0.03, 0, 0]], { height: 60 }), 'C')).toEqual([])
    expect(draw([[0.97, 0.03, 0, 0]], { height: 60 })).toMatch(
      /<g class="C"><path d="M0\.2 [\d.]+h9\.6v1\.6h-9\.6z"/,
    )
  })

  it('refers to outlines that the page holds once', () => {
    for (const letter of 'ACGT') expect(letterOutlines().text.split(`id="${letter}"`)).toHaveLength(2)
  })
})
