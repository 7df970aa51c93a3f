/** Axes in closed form; drawings against golden files, whose coordinates are rounded to a tenth of a pixel. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisFromZero, roundTicks, unitAxis } from '../../../src/report/svg/axis.ts'
import { histogram } from '../../../src/report/svg/histogram.ts'
import { lineChart } from '../../../src/report/svg/lineChart.ts'

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
})
