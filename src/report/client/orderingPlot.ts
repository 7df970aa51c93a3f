/** The ordering of a sequence as a curve: its score as bases are masked, the cheapest first. */
import { counted, score } from '../../base/format.ts'
import { decisionHolds } from '../../sis/decision.ts'
import { markup, type Markup } from '../markup.ts'
import type { TrackedSequence } from '../reportData.ts'
import { roundTicks } from '../svg/axis.ts'
import { lineChart } from '../svg/lineChart.ts'

export interface Ordering {
  readonly positions: Uint32Array // [steps], in the order masked
  /** After each. */
  readonly scores: Float32Array // [steps]
}

interface Explained {
  readonly example: TrackedSequence
  readonly model: { readonly direction: '>=' | '<='; readonly threshold: number }
}

export function orderingPlot({ positions, scores }: Ordering, { example, model }: Explained): Markup {
  const points = [
    { x: 0, y: example.score },
    ...[...scores].flatMap((y, i) => (Number.isNaN(y) ? [] : [{ x: i + 1, y }])),
  ]
  const { threshold } = model
  const values = [...points.map(({ y }) => y), threshold]
  const isProbability = values.every((y) => y >= 0 && y <= 1)
  const low = isProbability ? 0 : Math.min(...values)
  const high = isProbability ? 1 : Math.max(...values)
  const steps = scores.length
  // Found backwards from the end: the fewest unmasked bases with which the decision holds.
  let kept = 0
  while (kept < steps && !(kept > 0 && decisionHolds(model, scores[steps - kept - 1]!))) kept++
  const held = points.findIndex(({ y }) => !decisionHolds(model, y))
  const last = [...positions.subarray(steps - kept)].sort((a, b) => a - b)
  const isFirstSis = last.join() === example.subsets.find(({ rank }) => rank === 0)?.positions.join()
  const words = `The decision ${held < 0 ? 'holds to the end' : `is first lost with ${counted(held, 'base')} masked`}; the last ${counted(kept, 'base')} left decide by themselves${isFirstSis ? ': they are SIS 1' : ' (SIS 1 was found along another ordering: scores tie, or it was recomputed)'}.`
  return markup`<figure>
    <figcaption>
      <strong>Ordering curve.</strong> f as bases are masked one by one, at each step the base that costs
      least; dashed: τ. ${words}
    </figcaption>
    ${lineChart({
      label: `Score of ${example.name} as its bases are masked, from ${score(example.score)} to ${score(points.at(-1)!.y)}. ${words}`,
      x: { label: 'bases masked', low: 0, high: steps, ticks: roundTicks(0, steps) },
      y: {
        label: 'f',
        low,
        high: high > low ? high : low + 1,
        ticks: roundTicks(low, high > low ? high : low + 1),
      },
      height: 200,
      series: [{ name: 'f', colour: 0, points }],
      reference: { name: 'τ', from: { x: 0, y: threshold }, to: { x: steps, y: threshold } },
    })}
  </figure>`
}
