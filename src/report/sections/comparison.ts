/** The models against each other: joint motifs, cross-sufficiency, overlap of positions. */
import { count, counted, fixed, percent } from '../../base/format.ts'
import { markup, type Markup } from '../markup.ts'
import { backgroundDecides, figure, modelName, nothing, type Section } from '../parts.ts'
import type {
  ComparisonFacts,
  CrossSufficiency,
  JointClusteringFacts,
  ModelFacts,
  OverlapFacts,
  ReportData,
} from '../reportData.ts'
import { axisFromZero, unitAxis } from '../svg/axis.ts'
import { histogram } from '../svg/histogram.ts'
import { table } from '../table.ts'
import { clusteringText } from './motifs.ts'
import { motifModelMap, sideBySide } from './motifModelMap.ts'

/** Joint clusters in the table. */
const listed = 30

/** @returns undefined of a run of one model */
export function comparisonSection({ models, comparison }: ReportData): Section | undefined {
  if (comparison === undefined) return undefined
  return { id: 'comparison', title: 'Models compared', body: compared(comparison, models) }
}

function compared(
  { clustering, crossSufficiency, overlaps }: ComparisonFacts,
  models: readonly ModelFacts[],
): Markup {
  return markup`<h3>Motifs of all models together</h3>
    ${
      clustering === undefined
        ? nothing('The models’ SIS were not clustered together.')
        : jointMotifs(clustering, models)
    }
    <h3>Is one model’s SIS sufficient for another?</h3>
    ${
      crossSufficiency.length === 0 && !models.some(backgroundDecides)
        ? nothing('No model’s SIS were scored under another.')
        : crossTable(crossSufficiency, models)
    }
    <h3>Do the models look at the same bases?</h3>
    ${
      overlaps.length === 0
        ? nothing('No sequence was explained under two models.')
        : markup`<div class="row">${overlapFigures(overlaps, models)}</div>`
    }`
}

function jointMotifs(clustering: JointClusteringFacts, models: readonly ModelFacts[]): Markup {
  const { motifs } = clustering
  if (motifs.length === 0) return nothing('The parts of the models’ SIS form no motif.')
  return markup`<p>
      Parts of SIS of all models were clustered jointly:
      ${clusteringText(clustering)}${motifs.length > listed ? ` The ${listed} largest are shown.` : ''}
    </p>
    ${motifModelMap(motifs.slice(0, listed), models)}${sideBySide(motifs, models)}`
}

function crossTable(pairs: readonly CrossSufficiency[], models: readonly ModelFacts[]): Markup {
  return table({
    caption:
      'Cross-sufficiency: of the SIS of the model in the row, the share that alone keeps the decision of the model in the column, at that model’s own τ.',
    sortable: false,
    columns: [
      { title: 'SIS of', heads: true },
      ...models.map(({ modelId }) => ({
        title: markup`decided by ${modelName(models, modelId)}`,
        numeric: true,
      })),
    ],
    rows: models.map(({ modelId }) => [
      modelName(models, modelId),
      ...models.map((other) => {
        const pair = pairs.find((one) => one.modelId === modelId && one.otherModelId === other.modelId)
        if (other.modelId === modelId) return markup`<span class="quiet">own</span>`
        if (backgroundDecides(other))
          return markup`<span class="quiet">any subset: its background decides</span>`
        if (pair === undefined || pair.tested === 0) {
          const has = models.find((model) => model.modelId === modelId)!.subsets.stored > 0
          return markup`<span class="quiet">${has ? 'not scored' : 'has no SIS'}</span>`
        }
        return markup`<strong>${percent(pair.sufficient, pair.tested)}</strong>
          <span class="quiet">${count(pair.sufficient)} of ${count(pair.tested)}</span>`
      }),
    ]),
  })
}

function overlapFigures(overlaps: readonly OverlapFacts[], models: readonly ModelFacts[]): Markup[] {
  const name = (modelId: number): string => models.find((model) => model.modelId === modelId)!.name
  const y = axisFromZero(
    'Sequences (%)',
    overlaps
      .flatMap(({ histogram: counts, sequences }) => counts.map((n) => (100 * n) / Math.max(1, sequences)))
      .reduce((a, b) => Math.max(a, b), 0),
  )
  return overlaps.map(({ modelId, otherModelId, sequences, mean, median, histogram: counts }) => {
    const pair = `${name(modelId)} and ${name(otherModelId)}`
    const binWidth = 1 / counts.length
    return figure(
      `Overlap of ${pair}`,
      `Jaccard index of the positions in their SIS, over ${counted(sequences, 'sequence')} explained under both: mean ${fixed(mean, 2)}, median ${fixed(median, 2)}. 1 is the same bases, 0 none in common.`,
      histogram({
        label: `Distribution of the Jaccard index of SIS positions of ${pair}`,
        x: unitAxis('Jaccard index of positions'),
        y,
        from: 0,
        binWidth,
        series: [
          {
            name: 'sequences',
            colour: undefined,
            heights: counts.map((n) => (100 * n) / Math.max(1, sequences)),
          },
        ],
        describe: (bin) =>
          `${counted(counts[bin]!, 'sequence')} with an index of ${fixed(bin * binWidth, 2)} to ${fixed((bin + 1) * binWidth, 2)}`,
      }),
    )
  })
}
