/** How far sufficiency reaches beyond the mask: SIS in real contexts, proofs, and how few bases end a decision. */
import { count, fixed, percent } from '../../base/format.ts'
import { confidence } from '../../completion/shareInterval.ts'
import { markup, type Markup } from '../markup.ts'
import { figure, modelName, type Section } from '../parts.ts'
import { fillNames, reachSentences, type FillFacts, type ReachFacts } from '../reachFacts.ts'
import type { ModelFacts, ReportData } from '../reportData.ts'
import { axisFromZero } from '../svg/axis.ts'
import { histogram } from '../svg/histogram.ts'
import { table } from '../table.ts'

type Tried = ModelFacts & { readonly reach: ReachFacts }

/** @returns undefined where no SIS was tried */
export function reachSection({ models }: ReportData): Section | undefined {
  const tried = models.filter((model): model is Tried => model.reach !== undefined)
  if (tried.length === 0) return undefined
  return {
    id: 'reach',
    title: 'How far sufficiency reaches',
    body: markup`<p>
        An SIS is enough while all else is masked, and a mask is no DNA. Here real bases stand in its place: the same SIS in
        contexts of A, C, G and T, drawn once from a seed. Shares say how often the decision holds; of each SIS the table
        <code>sis_completions</code> has the share with its ${percent(confidence, 1)} confidence interval (Clopper–Pearson).
      </p>
      <ul class="headlines">
        ${tried.map(({ name, reach }) => markup`<li>${reachSentences(name, reach).join(' ')}</li>`)}
      </ul>
      ${sharesTable(models, tried)}
      <div class="row">${tried.map(sharesFigure)}</div>`,
  }
}

function sharesTable(models: readonly ModelFacts[], tried: readonly Tried[]): Markup {
  return table({
    caption: 'SIS in real contexts, by where the context comes from.',
    columns: [
      { title: 'Model', heads: true },
      { title: 'Context' },
      { title: markup`Completions<br>of each SIS`, numeric: true },
      {
        title: markup`Decision<br>holds`,
        numeric: true,
        hint: 'Of all completions of all SIS',
      },
      {
        title: markup`Without<br>the SIS`,
        numeric: true,
        hint: 'The same completions with the SIS masked: what the context gives by itself',
      },
      { title: markup`Median<br>of an SIS`, numeric: true },
      {
        title: markup`SIS robust in<br>most contexts`,
        numeric: true,
        hint: 'The decision holds in more than half of the completions',
      },
      { title: markup`in all<br>tried`, numeric: true },
    ],
    rows: tried.flatMap(({ modelId, reach }) =>
      reach.fills.map((fill) => [
        modelName(models, modelId),
        fillNames[fill.fill] ?? fill.fill,
        count(fill.completions),
        { content: percent(fill.share, 1), sort: fill.share },
        { content: percent(fill.shareWithout, 1), sort: fill.shareWithout },
        { content: fixed(fill.medianShare, 2), sort: fill.medianShare },
        { content: robustText(fill.robust, reach.sis), sort: fill.robust / reach.sis },
        { content: robustText(fill.always, reach.sis), sort: fill.always / reach.sis },
      ]),
    ),
  })
}

function robustText(sis: number, all: number): string {
  return `${count(sis)} (${percent(sis, all)})`
}

/** Colours apart from those of models, which the page has from the first on. */
const colourOf = (fill: number): number => 5 + (fill % 3)

function sharesFigure({ name, reach: { fills, sis } }: Tried): Markup {
  const [first] = fills
  if (first === undefined) return markup``
  const bins = first.histogram.length
  const series = fills.map((fill, i) => ({
    name: fill.fill,
    colour: colourOf(i),
    heights: fill.histogram.map((n) => (100 * n) / sis),
    tallies: fill.histogram,
  }))
  return figure(
    `Real contexts: ${name}`,
    markup`${count(sis)} SIS by the share of their completions that keep the decision${keyOf(fills)}`,
    histogram({
      label: `SIS of ${name} by the share of completions that keep the decision, for ${fills.map(({ fill }) => fill).join(', ')}`,
      x: { label: 'Share of completions', low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1] },
      y: axisFromZero(
        'SIS (%)',
        series.flatMap(({ heights }) => heights).reduce((a, b) => Math.max(a, b), 0),
      ),
      from: 0,
      binWidth: 1 / bins,
      series,
      describe: (bin, { name: fill }) =>
        `${fill}: ${count(series.find((one) => one.name === fill)!.tallies[bin]!)} SIS of shares ${fixed(bin / bins, 2)} to ${fixed((bin + 1) / bins, 2)}`,
    }),
  )
}

function keyOf(fills: readonly FillFacts[]): Markup {
  return markup`: ${fills.map(({ fill }, i) => markup`${i === 0 ? '' : ', '}<i class="swatch c${colourOf(i)}"></i>${fill}`)}.`
}
