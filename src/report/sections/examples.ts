/** Example sequences with their SIS drawn, and the scores that certify them. */
import { score, shortenRuns } from '../../base/format.ts'
import { markup, type Markup } from '../markup.ts'
import { motifName } from '../motifName.ts'
import { modelName, noSisReason, nothing, scrolling, type Section } from '../parts.ts'
import type { ExamplePart, ExampleSequence, ModelFacts, ReportData } from '../reportData.ts'
import { rankColours, sequenceTrack } from '../sequenceTrack.ts'
import { attributionTracks } from '../svg/attributionTracks.ts'
import { table } from '../table.ts'

/** @returns undefined where there is none */
export function examplesSection({ models }: ReportData): Section | undefined {
  if (models.every(({ examples }) => examples.length === 0)) return undefined
  const planted = models.some(({ examples }) => examples.some((example) => example.planted.length > 0))
  return {
    id: 'examples',
    title: 'Example sequences',
    body: markup`<p>
            Bases of an SIS are bold and shaded: in the colour of the motif that their part is of, or of the SIS
            where parts say little. The number beneath says of which SIS they are (SIS 1 has rank 0 in the database);
            masked bases are grey.${planted ? ' A bar under the letters marks planted sites.' : ''}
            Small numbers are positions, counted from 0. f is the model’s score: f(x) of the whole sequence,
            f(x<sub>S</sub>) of the SIS alone, f(residual) of what is left without it and those before it.
          </p>
          ${models.map(
            (model) =>
              markup`<h3>${modelName(models, model.modelId)}</h3>
                ${modelExamples(model)}`,
          )}`,
  }
}

function modelExamples(model: ModelFacts): Markup {
  return model.examples.length === 0
    ? nothing(
        model.subsets.stored === 0
          ? `No sequence was explained under this model: ${noSisReason(model.subsets)}.`
          : 'No examples were asked for.',
      )
    : markup`${motifLegend(model)}${model.examples.map((example, i) => exampleCard(example, model, i < withTracks))}`
}

/** Whether the parts of its SIS tell what a model needs. */
function showsParts({ clustering, logic }: ModelFacts): boolean {
  return clustering !== undefined && clustering.motifs.length > 0 && logic?.view !== 'positions'
}

/** The motifs of these examples, the largest first, and what is in none. */
function motifLegend(model: ModelFacts): Markup | undefined {
  if (!showsParts(model)) return undefined
  const parts = model.examples.flatMap(({ subsets }) => subsets.flatMap((subset) => subset.parts))
  const motifs = new Map(
    parts.flatMap(({ motif }) => (motif === undefined ? [] : [[motif.motifId, motif] as const])),
  )
  const isSingle = ({ size }: ExamplePart): boolean => size === 1
  const others = parts.filter(({ motif }) => motif === undefined)
  return markup`<p class="legend">
    ${[...motifs.values()].sort((a, b) => a.order - b.order).map(motifName)}${
      others.some((part) => !isSingle(part))
        ? markup`<b class="key no-motif">part in no motif</b>`
        : undefined
    }${others.some(isSingle) ? markup`<b class="key single">single base</b>` : undefined}
  </p>`
}

/** A part in words, e.g. "CTCF 42–55 +". */
function partMarkup({ first, last, size, motif, strand }: ExamplePart): Markup {
  const place = first === last ? String(first) : `${first}–${last}`
  if (motif === undefined) {
    return size === 1
      ? markup`<span class="part"><b class="key single">single base</b> ${place}</span>`
      : markup`<span class="part"><b class="key no-motif">no motif</b> ${place}</span>`
  }
  return markup`<span class="part">${motifName(motif)} ${place} ${strand === '-' ? '−' : '+'}</span>`
}

/** Examples of a model beneath which other methods are drawn: many methods take much room. */
const withTracks = 3

/** Bases that are drawn of a long sequence: those around what its SIS keep. */
const mostDrawn = 200
const around = 15

/** What other methods say of each base, beneath what the SIS keep. */
function methodTracks({ name, sequence, subsets, attributions }: ExampleSequence): Markup | undefined {
  if (attributions.length === 0) return undefined
  const kept = subsets.flatMap(({ positions }) => positions)
  const [least, most] = [Math.min(...kept), Math.max(...kept)]
  const whole = sequence.length <= mostDrawn
  const from = whole ? 0 : Math.max(0, least - around)
  const to = whole ? sequence.length : Math.min(sequence.length, from + mostDrawn, most + 1 + around)
  const label = `${name}: what ${attributions.map(({ method }) => method).join(', ')} say of each base`
  return markup`<details class="tracks" open>
    <summary>What other methods say of each base${whole ? '' : `, positions ${from} to ${to - 1}`}</summary>
    ${scrolling(
      label,
      attributionTracks({
        label,
        sequence,
        from,
        to,
        marked: { name: 'SIS', positions: kept },
        lanes: attributions.map(({ method, importance }) => ({ name: method, heights: importance })),
      }),
    )}
  </details>`
}

function exampleCard(example: ExampleSequence, model: ModelFacts, tracks: boolean): Markup {
  const { threshold, direction } = model
  const byParts = showsParts(model)
  const { name, split, label, score: full, subsets, planted } = example
  return markup`<article class="example">
    <h4>${name}</h4>
    <p class="quiet">
      ${split} split${label === null ? '' : `, label ${label}`}; f(x) = ${score(full)}, decision
      ${direction === '>=' ? '≥' : '≤'} τ = ${score(threshold)}
    </p>
    ${sequenceTrack(example, byParts)}${tracks ? methodTracks(example) : undefined}${
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
        ...(byParts ? [{ title: 'Parts' }] : []),
        { title: 'Bases', numeric: true },
        { title: markup`f(x<sub>S</sub>)`, numeric: true },
        { title: 'f(residual)', numeric: true },
        { title: '1-minimal' },
        { title: 'Certified' },
      ],
      rows: subsets.map(
        ({ rank, pattern, positions, parts, scoreSis, scoreResidual, minimal, certified }) => [
          byParts ? String(rank + 1) : markup`<b class="key s${rank % rankColours}">${rank + 1}</b>`,
          pattern === ''
            ? markup`<span class="quiet">empty</span>`
            : markup`<code class="pattern">${shortenRuns(pattern)}</code>`,
          ...(byParts ? [markup`${parts.map(partMarkup)}`] : []),
          String(positions.length),
          score(scoreSis),
          score(scoreResidual),
          minimal ? 'yes' : 'no',
          certified ? 'yes' : markup`<strong>no</strong>`,
        ],
      ),
    })}
  </article>`
}
