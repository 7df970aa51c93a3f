/** Letters as high as what is said of their bases. */
import { describe, expect, it } from 'vitest'
import { attributionTracks } from '../../../src/report/svg/attributionTracks.ts'

function drawn(heights: readonly number[], from = 0, to = heights.length): string {
  return attributionTracks({
    label: 'Two < three',
    sequence: 'ACGTN',
    from,
    to,
    lanes: [{ name: 'saliency', heights }],
  }).text
}

/** Scale, place and letter of each outline that is used. */
function outlines(svg: string): string[] {
  return [...svg.matchAll(/<use href="#(\w)" transform="matrix\(([^)]*)\)"\/>/g)].map(
    ([, letter, matrix]) => `${letter} ${matrix}`,
  )
}

describe('attribution tracks', () => {
  it('fill the lane from the highest to the lowest letter, and turn what speaks against', () => {
    // 34 pixels for 1.7: the line lies 20 below the lane's top, which is 13 below its name's.
    expect(outlines(drawn([1, -0.7, 0, 0.5, 0]))).toEqual([
      'A .084 0 0 .2 0.3 13',
      'C .084 0 0 -.14 9.3 47',
      'T .084 0 0 .1 27.3 23',
    ])
  })

  it('draw low letters as bars, and nothing of unknown bases or where all is 0', () => {
    const low = drawn([1, 0.05, 0, 0, 1])
    expect(outlines(low)).toHaveLength(1)
    expect(low).toContain('<g class="C"><path d="M9.3 45.3h8.4v1.7h-8.4z"/></g>')
    expect(outlines(drawn([0, 0, 0, 0, 0]))).toEqual([])
  })

  it('draw a part of the sequence, and name positions', () => {
    expect(outlines(drawn([9, 1, 1, 9, 9], 1, 3))).toEqual(['C .084 0 0 .34 0.3 13', 'G .084 0 0 .34 9.3 13'])
    expect(drawn([1, 1, 1, 1, 1])).toContain('text-anchor="middle">0</text>')
    expect(drawn([1], 0, 1)).toContain('aria-label="Two &lt; three"')
  })
})
