/** Axes in closed form; drawings against golden files, whose coordinates are rounded to a tenth of a pixel. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisFromZero, roundTicks, unitAxis } from '../../../src/report/svg/axis.ts'
import { boxPlot } from '../../../src/report/svg/boxPlot.ts'
import { heatMap } from '../../../src/report/svg/heatMap.ts'
import { histogram } from '../../../src/report/svg/histogram.ts'
import { lineChart } from '../../../src/report/svg/lineChart.ts'
import { spacingPlot } from '../../../src/report/svg/spacingPlot.ts'

describe('axes', () => {
  it('have round ticks', () => {
    expect(roundTicks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(roundTicks(-3, 12)).toEqual([0, 5, 10])
    expect(axisFromZero('y', 37).ticks).toEqual([0, 10, 20, 30, 40])
    expect(axisFromZero('y', 0).high).toBe(1)
  })

  it('hold every value they are made for', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), (highest) => {
        const { high, ticks } = axisFromZero('y', highest)
        expect(high).toBeGreaterThanOrEqual(highest * (1 - 1e-6))
        expect(ticks.length).toBeGreaterThan(1)
        expect(ticks.length).toBeLessThan(7)
      }),
    )
  })
})

describe('drawings', () => {
  it('lines', async () => {
    const drawing = lineChart({
      label: 'Two <lines>',
      x: unitAxis('Recall & more'),
      y: unitAxis('Precision'),
      reference: { name: 'chance', from: { x: 0, y: 0 }, to: { x: 1, y: 1 } },
      series: [
        {
          name: '<cnn>',
          colour: 0,
          points: [
            { x: 0, y: 0 },
            { x: 1 / 3, y: 0.9 },
            { x: 1, y: 1 },
          ],
        },
        { name: 'one point', colour: 1, dashed: true, points: [{ x: 0.5, y: 0.5 }] },
        { name: 'nothing', colour: 2, points: [] },
      ],
    })
    await expect(drawing.text).toMatchFileSnapshot('golden/lines.svg')
  })

  it('bars', async () => {
    const drawing = histogram({
      label: 'Bars',
      x: { label: 'Score', low: -1, high: 1, ticks: roundTicks(-1, 1) },
      y: axisFromZero('Sequences (%)', 50),
      from: -1,
      binWidth: 0.5,
      series: [
        { name: 'positives', colour: 0, heights: [0, 10, 20, 50] },
        { name: 'others', colour: undefined, heights: [50, 1 / 3, 0, 0] },
      ],
      describe: (bin, { name }) => `bin ${bin} of ${name}`,
      marker: { value: 0.75, name: 'τ = 0.75' },
    })
    await expect(drawing.text).toMatchFileSnapshot('golden/bars.svg')
  })

  it('boxes', async () => {
    const drawing = boxPlot({
      label: 'Alone & together',
      x: { label: 'Score', low: 0, high: 1, ticks: roundTicks(0, 1, 4), format: (value) => value.toFixed(2) },
      boxes: [
        { name: 'A', style: 's0', least: 0.1, lower: 0.2, median: 0.25, upper: 0.4, most: 0.5 },
        { name: 'A + B', style: 'both', least: 0.9, lower: 0.9, median: 0.9, upper: 0.9, most: 0.9 },
      ],
      markers: [
        { value: 0.75, name: 'τ = 0.75' },
        { value: 0, name: 'all <masked>', faint: true },
      ],
    })
    await expect(drawing.text).toMatchFileSnapshot('golden/boxes.svg')
  })

  it('distances, one by one and several in a bar', async () => {
    const distances = Array.from({ length: 12 }, (_, i) => ({
      gap: i - 1,
      observed: i === 5 ? 8 : i === 6 ? 6 : i % 3 === 0 ? 1 : 0,
      expected: 2 - i / 10,
    }))
    const options = { label: 'Spacing of A & B', distances, colour: 1 }
    const single = spacingPlot({ ...options, preferred: [4, 5], binWidth: 1 })
    await expect(single.text).toMatchFileSnapshot('golden/distances.svg')
    // Bars hold what lies in them: 5 to 9 with their sums, of 12 distances in bars of 5.
    const wide = spacingPlot({ ...options, preferred: [], binWidth: 5 })
    const told = [...wide.text.matchAll(/<title>(.*?)<\/title>/g)].map(([, text]) => text)
    expect(told).toEqual([
      '2 pairs -1 to 3 bases apart; 9.0 expected',
      '15 pairs 4 to 8 bases apart; 6.5 expected',
    ])
  })

  it('heat', async () => {
    const cells = [
      [0, 0, 0, 0],
      [0.8, 0, 0, 0.1],
      [0, 0.04, 0, 0.4],
    ]
    const drawing = heatMap({
      label: 'Profile of <fc>',
      rows: ['A', 'C', 'G', 'T'],
      cells,
      bars: cells.map((row) => 100 * row.reduce((sum, value) => sum + value, 0)),
      x: { label: 'Position', low: -0.5, high: 2.5, ticks: [0, 1, 2] },
      y: axisFromZero('SIS (%)', 90),
      colour: 1,
    })
    await expect(drawing.text).toMatchFileSnapshot('golden/heat.svg')
    // One path a shade that occurs: 0.04, 0.1, 0.4 and 0.8 of 0.8.
    expect([...drawing.text.matchAll(/fill-opacity="([^"]*)"/g)].map(([, shade]) => shade)).toEqual([
      '0.1',
      '0.2',
      '0.5',
      '1',
    ])
  })
})
