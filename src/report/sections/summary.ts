/** What was run, what came out, and what to be wary of. */
import { count, counted, listed, moment, percent } from '../../base/format.ts'
import { headlines, thresholdText } from '../headlines.ts'
import { markup, type Markup } from '../markup.ts'
import { colourCount, modelName, type Section } from '../parts.ts'
import type { ModelFacts, ReportData, SequenceFacts } from '../reportData.ts'
import { table } from '../table.ts'

export function summarySection(data: ReportData): Section {
  const { run, models } = data
  return {
    id: 'summary',
    title: 'Summary',
    body: markup`<p>
        A <em>sufficient input subset</em> (SIS) is a minimal set of bases of one sequence that alone, all
        others masked, still makes the model give the same decision. This page shows the SIS that
        ${listed(models.map(({ name }) => name))} ${models.length === 1 ? 'uses' : 'use'}, the parts and motifs they are made of${models.length > 1 ? ', and where the models differ' : ''}.
      </p>
      ${models.map(({ modelId, logic }) =>
        logic === undefined || logic.sis === 0
          ? undefined
          : markup`<p class="finding c${models.findIndex((model) => model.modelId === modelId) % colourCount}"><span>${logic.summary}</span></p>`,
      )}
      <ul class="headlines">
        ${headlines(data).map((line) => markup`<li>${line}</li>`)}
      </ul>
      ${certificateStatement(data)}
      ${
        run.departures.length === 0
          ? undefined
          : markup`<div class="warnings">
              <h3>Not the exact method, base by base</h3>
              <ul>
                ${run.departures.map((line) => markup`<li>${line}</li>`)}
              </ul>
            </div>`
      }
      ${
        run.warnings.length === 0
          ? undefined
          : markup`<div class="warnings">
              <h3>${counted(run.warnings.length, 'warning')} of this run</h3>
              <ul>
                ${run.warnings.map((line) => markup`<li>${line}</li>`)}
              </ul>
            </div>`
      }
      <h3>What was run</h3>
      <dl class="facts">
        <div>
          <dt>Data</dt>
          <dd>${run.dataSet}</dd>
        </div>
        <div>
          <dt>Sequences</dt>
          <dd>${sequenceText(data.sequences)}</dd>
        </div>
        ${models.map(
          (model) =>
            markup`<div>
              <dt>${modelName(models, model.modelId)}</dt>
              <dd>
                ${model.architecture}; explains ${model.outputName} ${model.direction === '>=' ? '≥' : '≤'} τ,
                ${thresholdText(model, run.quantileSplit)}
              </dd>
            </div>`,
        )}
        <div>
          <dt>Finished</dt>
          <dd>${moment(run.finished)}</dd>
        </div>
      </dl>
      ${sequenceTable(data.sequences)}`,
  }
}

function certificateStatement({ run, models }: ReportData): Markup {
  const sum = (key: 'stored' | 'certified' | 'recomputed'): number =>
    models.reduce((total, { subsets }) => total + subsets[key], 0)
  const stored = sum('stored')
  const byBackground = backgroundStatement(models)
  if (stored === 0) {
    return markup`<p class="certificate wary"><strong>No SIS that keeps a base is stored.</strong> ${byBackground}</p>`
  }
  const certified = sum('certified')
  const recomputed = sum('recomputed')
  return markup`<p class="certificate${certified < stored ? ' wary' : ''}">
    <strong>${counted(stored, 'SIS', 'SIS')} stored, ${percent(certified, stored)} certified</strong> by the
    full model: each alone keeps the decision, and loses it when any single ${run.feature} is dropped (1-minimal; not
    proved to be the smallest). ${recomputed === 0 ? 'None' : count(recomputed)} had to be recomputed by the
    reference selector. ${byBackground}
  </p>`
}

/** Of the models that decide so with everything masked; they count nowhere else. */
function backgroundStatement(models: readonly ModelFacts[]): string {
  const parts = models
    .filter(({ subsets }) => subsets.decidedByBackground > 0)
    .map(({ name, subsets }) => `${counted(subsets.decidedByBackground, 'sequence')} under ${name}`)
  return parts.length === 0
    ? ''
    : `Not counted: ${listed(parts)}, where the model gives the decision even with everything masked. Their SIS are empty: they hold of any sequence, and tell nothing of this one.`
}

function sequenceText({ groups, shortest, longest }: SequenceFacts): string {
  const total = groups.reduce((sum, group) => sum + group.count, 0)
  if (total === 0) return 'none'
  const length = shortest === longest ? `${count(shortest)} bp` : `${count(shortest)}–${count(longest)} bp`
  return `${count(total)} of ${length}`
}

function sequenceTable({ groups }: SequenceFacts): Markup {
  const splits = [...new Set(groups.map(({ split }) => split))]
  const labels = [...new Set(groups.map(({ label }) => label))].sort((a, b) => (b ?? -1) - (a ?? -1))
  const of = (split: string, label: number | null): number =>
    groups.find((group) => group.split === split && group.label === label)?.count ?? 0
  return table({
    caption: 'Sequences by split and label.',
    sortable: false,
    columns: [
      { title: 'Split', heads: true },
      ...labels.map((label) => ({
        title: label === null ? 'Unlabelled' : `Label ${label}`,
        numeric: true,
      })),
      { title: 'All', numeric: true },
    ],
    rows: splits.map((split) => [
      split,
      ...labels.map((label) => count(of(split, label))),
      count(labels.reduce<number>((sum, label) => sum + of(split, label), 0)),
    ]),
  })
}
