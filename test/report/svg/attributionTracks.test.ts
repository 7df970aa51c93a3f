/** Letters as high as what is said of their bases. */
import { describe, expect, it } from 'vitest'
import { attributionTracks } from '../../../src/report/svg/attributionTracks.ts'

function drawn(heights: readonly number[], from = 0, to = heights.length): string {
  return attributionTracks({
    label: 'Two < three',
    sequence: 'ACGTN',
    from,
    to,
    marked: { name: 'SIS', positions: [1, 4] },
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
    // 34 pixels for 1.7: the line lies 20 below the lane's top, which is 40 below the picture's.
    expect(outlines(drawn([1, -0.7, 0, 0.5, 0]))).toEqual([
      'A .08 0 0 .2 0.5 40',
      'C .08 0 0 -.14 9.5 74',
      'T .08 0 0 .1 27.5 50',
    ])
  })

  it('draw low letters as bars, and nothing of unknown bases or where all is 0', () => {
    const low = drawn([1, 0.05, 0, 0, 1])
    expect(outlines(low)).toHaveLength(1)
    expect(low).toContain('<g class="C"><path d="M9.5 72.3h8v1.7h-8z"/></g>')
    expect(outlines(drawn([0, 0, 0, 0, 0]))).toEqual([])
  })

  it('draw a part of the sequence, and name positions', () => {
    expect(outlines(drawn([9, 1, 1, 9, 9], 1, 3))).toEqual(['C .08 0 0 .34 0.5 40', 'G .08 0 0 .34 9.5 40'])
    expect(drawn([1, 1, 1, 1, 1])).toContain('<g class="places"><text x="4.5" y="88">0</text></g>')
    expect(drawn([1], 0, 1)).toContain('aria-label="Two &lt; three"')
  })

  it('mark bases above the lanes, those that are drawn', () => {
    expect(drawn([1, 1, 1, 1, 1])).toContain('<g class="C"><text class="kept" x="13.5" y="24">C</text></g>')
    expect(drawn([1, 1, 1, 1, 1], 2, 5)).not.toContain('class="kept"')
  })
})
