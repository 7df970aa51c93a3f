/** How many SIS a sequence has and how many bases they keep. */
import { count, counted, fixed, percent } from '../../base/format.ts'
import { medianOf } from '../headlines.ts'
import { markup, type Markup } from '../markup.ts'
import { colourCount, figure, modelName, nothing, type Section } from '../parts.ts'
import type { ModelFacts, ReportData } from '../reportData.ts'
import { axisFromZero, roundTicks } from '../svg/axis.ts'
import { histogram } from '../svg/histogram.ts'
import { table } from '../table.ts'

export function subsetsSection({ models }: ReportData): Section {
  const explaining = models.some(({ subsets }) => subsets.stored > 0 || subsets.decidedByBackground > 0)
  return {
    id: 'subsets',
    title: 'Sufficient input subsets',
    body: explaining
      ? markup`${explainedStatements(models)}${countsTable(models)}${distributions(models, 'sizes')}${distributions(models, 'perSequence')}`
      : nothing('No sequence reached τ under any model, so there is nothing to explain.'),
  }
}

/** What was explained, of what: splits, sequences, false positives, empty SIS. */
function explainedStatements(models: readonly ModelFacts[]): Markup {
  return markup`<ul class="headlines">
    ${models.map((model) => markup`<li>${explainedText(model)}</li>`)}
  </ul>`
}

export function explainedText({ name, explained: { splits }, skill }: ModelFacts): string {
  if (splits.length === 0) return `${name}: no sequence is explained.`
  const told = splits.map(({ split, sequences, called, explained, labelled, negatives, empty }) => {
    const falseOnes =
      labelled === 0
        ? 'none of them has a label'
        : `${negatives === 0 ? 'none' : count(negatives)} of them (${percent(negatives, labelled)} of those with a label) ${negatives === 1 ? 'is a false positive' : 'are false positives'}: label 0, called positive`
    const emptyOnes =
      empty === 0
        ? ''
        : `; the SIS of ${counted(empty, 'more sequence', 'more sequences')} ${empty === 1 ? 'is' : 'are'} empty and ${empty === 1 ? 'counts' : 'count'} nowhere`
    return `${split} split, ${counted(explained, 'sequence')} explained of ${count(called)} that it calls and ${count(sequences)} in all; ${falseOnes}${emptyOnes}`
  })
  const learnt =
    skill === undefined
      ? ''
      : skill.skill === 'better'
        ? ''
        : ' The model is no better than chance, so these explain no knowledge.'
  return `${name}: ${told.join('. ')}.${learnt}`
}

function countsTable(models: readonly ModelFacts[]): Markup {
  return table({
    caption:
      'SIS of each model that keep a base. Certified: sufficient and 1-minimal by the full model’s own scores.',
    columns: [
      { title: 'Model', heads: true },
      { title: markup`Explained<br>sequences`, numeric: true },
      { title: 'SIS', numeric: true },
      { title: markup`SIS per<br>sequence`, numeric: true },
      { title: markup`Median<br>size (bases)`, numeric: true },
      { title: markup`Mean<br>size (bases)`, numeric: true },
      { title: 'Certified', numeric: true },
      {
        title: 'Recomputed',
        numeric: true,
        hint: 'Found by the reference selector after the fast one failed certification',
      },
      {
        title: markup`Decided by the<br>background`,
        numeric: true,
        hint: 'Sequences whose decision holds with everything masked: their SIS is empty and counts nowhere else',
      },
    ],
    rows: models.map(({ modelId, subsets }) => [
      modelName(models, modelId),
      { content: count(subsets.explained), sort: subsets.explained },
      { content: count(subsets.stored), sort: subsets.stored },
      {
        content: fixed(subsets.stored / subsets.explained, 2),
        sort: subsets.stored / Math.max(1, subsets.explained),
      },
      {
        content: fixed(medianOf(subsets.sizes), 0),
        sort: subsets.stored === 0 ? -1 : medianOf(subsets.sizes),
      },
      { content: fixed(meanOf(subsets.sizes), 1), sort: subsets.stored === 0 ? -1 : meanOf(subsets.sizes) },
      percent(subsets.certified, subsets.stored),
      { content: count(subsets.recomputed), sort: subsets.recomputed },
      { content: count(subsets.decidedByBackground), sort: subsets.decidedByBackground },
    ]),
  })
}

const kinds = {
  sizes: {
    title: 'SIS size',
    x: 'Bases kept by one SIS',
    y: 'SIS (%)',
    noun: 'SIS',
    caption: 'Number of bases in each SIS',
    value: 'bases',
  },
  perSequence: {
    title: 'SIS per sequence',
    x: 'Disjoint SIS of one sequence',
    y: 'Sequences (%)',
    noun: 'sequences',
    caption: 'Number of disjoint SIS found in each explained sequence',
    value: 'SIS',
  },
} as const

/** Small multiples: one histogram a model, all on the same axes. */
function distributions(models: readonly ModelFacts[], kind: keyof typeof kinds): Markup {
  const { title, x, y, noun, caption, value } = kinds[kind]
  const shown = models.flatMap((model, index) => {
    const counts = model.subsets[kind]
    const total = counts.reduce((sum, n) => sum + n, 0)
    return total === 0 ? [] : [{ model, index, counts, total }]
  })
  if (shown.length === 0) return markup``
  const longest = shown.reduce((most, { counts }) => Math.max(most, counts.length), 0)
  // Bars are drawn around their whole number, in at most about 60 bins.
  const binWidth = Math.ceil(longest / 60)
  const bins = Math.ceil(longest / binWidth)
  const binned = shown.map(({ counts, total, ...rest }) => {
    const heights = new Array<number>(bins).fill(0)
    for (const [n, times] of counts.entries()) heights[Math.floor(n / binWidth)]! += times
    return { ...rest, total, tallies: heights, heights: heights.map((times) => (100 * times) / total) }
  })
  const yAxis = axisFromZero(
    y,
    binned.flatMap(({ heights }) => heights).reduce((a, b) => Math.max(a, b), 0),
  )
  const low = 0.5
  const high = bins * binWidth - 0.5
  return markup`<div class="row">
    ${binned.map(({ model, index, heights, tallies, total }) =>
      figure(
        `${title}: ${model.name}`,
        `${caption} (${count(total)} ${noun}).`,
        histogram({
          label: `${title} of ${model.name}: distribution over ${count(total)} ${noun}`,
          x: {
            label: x,
            low,
            high: Math.max(high, low + 4),
            ticks: roundTicks(Math.ceil(low), Math.max(high, low + 4)).filter(Number.isInteger),
          },
          y: yAxis,
          from: -0.5,
          binWidth,
          series: [{ name: noun, colour: index % colourCount, heights }],
          describe: (bin) =>
            `${count(tallies[bin]!)} ${noun} of ${binWidth === 1 ? bin : `${bin * binWidth}–${(bin + 1) * binWidth - 1}`} ${value}`,
        }),
      ),
    )}
  </div>`
}

function meanOf(counts: readonly number[]): number {
  const total = counts.reduce((sum, n) => sum + n, 0)
  return counts.reduce((sum, n, value) => sum + n * value, 0) / total
}
