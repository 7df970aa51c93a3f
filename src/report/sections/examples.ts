/** Example sequences with their SIS drawn, and the scores that certify them. */
import { score, shortenRuns } from '../../base/format.ts'
import { markup, type Markup } from '../markup.ts'
import { modelName, noSisReason, nothing, type Section } from '../parts.ts'
import type { ExampleSequence, ModelFacts, ReportData } from '../reportData.ts'
import { rankColours, sequenceTrack } from '../sequenceTrack.ts'
import { table } from '../table.ts'

export function examplesSection({ models }: ReportData): Section {
  const any = models.some(({ examples }) => examples.length > 0)
  const planted = models.some(({ examples }) => examples.some((example) => example.planted.length > 0))
  return {
    id: 'examples',
    title: 'Example sequences',
    body: any
      ? markup`<p>
            Bases of an SIS are bold and shaded, the number beneath says of which (SIS 1 has rank 0 in the
            database); masked bases are grey.${planted ? ' A bar under the letters marks planted sites.' : ''}
            Small numbers are positions, counted from 0. f is the model’s score: f(x) of the whole sequence,
            f(x<sub>S</sub>) of the SIS alone, f(residual) of what is left without it and those before it.
          </p>
          ${models.map(
            (model) =>
              markup`<h3>${modelName(models, model.modelId)}</h3>
                ${modelExamples(model)}`,
          )}`
      : nothing('No sequence was explained, or no examples were asked for.'),
  }
}

function modelExamples(model: ModelFacts): Markup {
  return model.examples.length === 0
    ? nothing(
        model.subsets.stored === 0
          ? `No sequence was explained under this model: ${noSisReason(model.subsets)}.`
          : 'No examples were asked for.',
      )
    : markup`${model.examples.map((example) => exampleCard(example, model))}`
}

function exampleCard(example: ExampleSequence, { threshold, direction }: ModelFacts): Markup {
  const { name, split, label, score: full, subsets, planted } = example
  return markup`<article class="example">
    <h4>${name}</h4>
    <p class="quiet">
      ${split} split${label === null ? '' : `, label ${label}`}; f(x) = ${score(full)}, decision
      ${direction === '>=' ? '≥' : '≤'} τ = ${score(threshold)}
    </p>
    ${sequenceTrack(example)}${
      planted.length === 0
        ? undefined
        : markup`<p class="quiet">
            Planted:
            ${planted
              .map(
                ({ motif, strand, positions }) =>
                  `${motif} (${strand}) at ${positions[0] ?? '–'}–${positions.at(-1) ?? '–'}`,
              )
              .join('; ')}
          </p>`
    }${table({
      caption: markup`Certificates of ${name}`,
      sortable: false,
      columns: [
        { title: 'SIS', heads: true },
        { title: 'Pattern' },
        { title: 'Bases', numeric: true },
        { title: markup`f(x<sub>S</sub>)`, numeric: true },
        { title: 'f(residual)', numeric: true },
        { title: '1-minimal' },
        { title: 'Certified' },
      ],
      rows: subsets.map(({ rank, pattern, positions, scoreSis, scoreResidual, minimal, certified }) => [
        markup`<b class="key s${rank % rankColours}">${rank + 1}</b>`,
        pattern === ''
          ? markup`<span class="quiet">empty</span>`
          : markup`<code class="pattern">${shortenRuns(pattern)}</code>`,
        String(positions.length),
        score(scoreSis),
        score(scoreResidual),
        minimal ? 'yes' : 'no',
        certified ? 'yes' : markup`<strong>no</strong>`,
      ]),
    })}
  </article>`
}
