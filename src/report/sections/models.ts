/** How well the models predict, and how they were trained. */
import { precisionRecallCurve, rocCurve } from '../curves.ts'
import { count, fixed, percent, score } from '../../base/format.ts'
import { markup, type Markup } from '../markup.ts'
import { colourCount, figure, modelLegend, modelName, nothing, skillBanner, type Section } from '../parts.ts'
import type { ModelFacts, ReportData } from '../reportData.ts'
import { axisFromZero, roundTicks, unitAxis } from '../svg/axis.ts'
import { histogram } from '../svg/histogram.ts'
import { lineChart } from '../svg/lineChart.ts'
import { table } from '../table.ts'

export function modelsSection({ models }: ReportData): Section {
  return {
    id: 'models',
    title: 'Models',
    body: markup`${models.map((model) => skillBanner(models, model))}${metricsTable(models)}${performance(models)}${scores(models)}${training(models)}`,
  }
}

function metricsTable(models: readonly ModelFacts[]): Markup {
  const splits = ['train', 'valid', 'test']
  const of = (model: ModelFacts, split: string, metric: 'auroc' | 'auprc') => {
    const value = model.metrics.find((entry) => entry.split === split)?.[metric] ?? null
    return { content: fixed(value), sort: value ?? -1 }
  }
  return table({
    caption:
      'Area under the ROC curve (auROC) and under the precision–recall curve (auPRC) on each split, and what was explained.',
    columns: [
      { title: 'Model', heads: true },
      { title: 'Weights', numeric: true },
      ...splits.flatMap((split) => [
        { title: markup`auROC<br>${split}`, numeric: true },
        { title: markup`auPRC<br>${split}`, numeric: true },
      ]),
      { title: 'τ', numeric: true, hint: 'Threshold of the decision' },
      { title: markup`f(all<br>masked)`, numeric: true, hint: 'Score with every base masked' },
      { title: markup`Explained<br>sequences`, numeric: true },
    ],
    rows: models.map((model) => [
      modelName(models, model.modelId),
      model.parameters === null
        ? { content: '–', sort: -1 }
        : { content: count(model.parameters), sort: model.parameters },
      ...splits.flatMap((split) => [of(model, split, 'auroc'), of(model, split, 'auprc')]),
      { content: score(model.threshold), sort: model.threshold },
      { content: score(model.scoreMasked), sort: model.scoreMasked },
      { content: count(model.subsets.explained), sort: model.subsets.explained },
    ]),
  })
}

function performance(models: readonly ModelFacts[]): Markup {
  const ranked = models.filter(({ ranking }) => rocCurve(ranking).length > 0)
  if (ranked.length === 0) {
    return nothing(
      'No ROC or precision–recall curve: the test split does not hold both positives and negatives.',
    )
  }
  const series = (curve: typeof rocCurve) =>
    models.map(({ name, ranking }, i) => ({ name, colour: i % colourCount, points: curve(ranking) }))
  const { positives, all } = ranked[0]!.ranking.reduce(
    (sum, group) => ({
      positives: sum.positives + group.positives,
      all: sum.all + group.positives + group.negatives,
    }),
    { positives: 0, all: 0 },
  )
  const names = ranked.map(({ name }) => name).join(', ')
  return markup`${modelLegend(models)}
    <div class="row">
      ${figure(
        'ROC curves',
        'True against false positive rate on the test split as the threshold falls; the diagonal is chance.',
        lineChart({
          label: `ROC curves on the test split of ${names}`,
          x: unitAxis('False positive rate'),
          y: unitAxis('True positive rate'),
          series: series(rocCurve),
          reference: { name: 'chance', from: { x: 0, y: 0 }, to: { x: 1, y: 1 } },
        }),
      )}${figure(
        'Precision–recall curves',
        `Share of calls that are right against share of positives called, test split; the thin line is the share of positives (${percent(positives, all)}).`,
        lineChart({
          label: `Precision–recall curves on the test split of ${names}`,
          x: unitAxis('Recall'),
          y: unitAxis('Precision'),
          series: series(precisionRecallCurve),
          reference: {
            name: 'share of positives',
            from: { x: 0, y: positives / all },
            to: { x: 1, y: positives / all },
          },
        }),
      )}
    </div>`
}

function scores(models: readonly ModelFacts[]): Markup {
  const shown = models.flatMap((model, index) => {
    const { scores } = model
    if (scores === undefined) return []
    const share = (counts: readonly number[]): number[] => {
      const total = counts.reduce((sum, n) => sum + n, 0)
      return counts.map((n) => (total === 0 ? 0 : (100 * n) / total))
    }
    return [{ model, index, scores, positives: share(scores.positives), others: share(scores.others) }]
  })
  if (shown.length === 0) return markup``
  const y = axisFromZero(
    'Sequences of the class (%)',
    shown.flatMap(({ positives, others }) => [...positives, ...others]).reduce((a, b) => Math.max(a, b), 0),
  )
  const labelled = shown.some(({ positives }) => positives.some((share) => share > 0))
  return markup`<div class="row">
    ${shown.map(
      ({
        model,
        index,
        scores: { low, high, positives: counts, others: otherCounts },
        positives,
        others,
      }) => {
        const binWidth = (high - low) / counts.length
        return figure(
          `Test scores of ${model.name}`,
          labelled
            ? 'Positives (colour) beside all other test sequences (grey), each class adding up to 100 %; the dashed line is τ.'
            : 'Scores of the test sequences; the dashed line is τ.',
          histogram({
            label: `Distribution of test scores of ${model.name}`,
            x: { label: `Score (${model.outputName})`, low, high, ticks: roundTicks(low, high) },
            y,
            from: low,
            binWidth,
            series: [
              ...(labelled ? [{ name: 'positives', colour: index % colourCount, heights: positives }] : []),
              { name: labelled ? 'others' : 'sequences', colour: undefined, heights: others },
            ],
            describe: (bin, one) =>
              `${count((one.name === 'positives' ? counts : otherCounts)[bin]!)} ${one.name} from ${score(low + bin * binWidth)} to ${score(low + (bin + 1) * binWidth)}`,
            marker:
              model.threshold >= low && model.threshold <= high
                ? { value: model.threshold, name: `τ = ${score(model.threshold)}` }
                : undefined,
          }),
        )
      },
    )}
  </div>`
}

function training(models: readonly ModelFacts[]): Markup {
  const trained = models.filter(({ history }) => history.length > 0)
  if (trained.length === 0) return nothing('No training history: the models were trained elsewhere.')
  const losses = trained.flatMap(({ history }) =>
    history.flatMap(({ loss, validLoss }) => [loss, validLoss ?? 0]),
  )
  const y = axisFromZero(
    'Loss',
    losses.filter(Number.isFinite).reduce((a, b) => Math.max(a, b), 0),
  )
  return markup`<div class="row">
    ${models.map(({ name, history }, index) => {
      if (history.length === 0)
        return figure(`Training of ${name}`, 'No training history: trained elsewhere.', markup``)
      const last = Math.max(history.at(-1)!.epoch, 2)
      const best = history.reduce((a, b) => ((b.validLoss ?? Infinity) < (a.validLoss ?? Infinity) ? b : a))
      return figure(
        `Training of ${name}`,
        `Loss after each epoch on the training split (dashed) and the validation split (solid)${best.validLoss === null ? '' : `; lowest validation loss ${fixed(best.validLoss)} after epoch ${best.epoch}`}.`,
        lineChart({
          label: `Training and validation loss of ${name} by epoch`,
          x: { label: 'Epoch', low: 1, high: last, ticks: roundTicks(1, last).filter(Number.isInteger) },
          y,
          series: [
            {
              name: 'validation loss',
              colour: index % colourCount,
              points: history.flatMap(({ epoch, validLoss }) =>
                validLoss === null ? [] : [{ x: epoch, y: validLoss }],
              ),
            },
            {
              name: 'training loss',
              colour: index % colourCount,
              dashed: true,
              points: history.map(({ epoch, loss }) => ({ x: epoch, y: loss })),
            },
          ],
        }),
      )
    })}
  </div>`
}
