/** Joint motifs against models: a heat map of shares with logos on its rows, and the models' own sites side by side. */
import { count, counted, percent } from '../../base/format.ts'
import { markup, type Markup } from '../markup.ts'
import { figure, modelName, scrolling } from '../parts.ts'
import type { JointMotifFacts, ModelFacts } from '../reportData.ts'
import { logo, type LogoLane } from '../svg/logo.ts'
import { table } from '../table.ts'
import { cardTitle, enrichmentText, laneWidth } from './motifCard.ts'
import {
  enrichmentCells,
  filterLink,
  knownName,
  matchMarkup,
  matchName,
  motifLink,
  qCell,
  tableLogo,
} from './motifTable.ts'

/** Rows are joint motifs, columns models, cells the share of the model's SIS that have a part in the motif. */
export function motifModelMap(motifs: readonly JointMotifFacts[], models: readonly ModelFacts[]): Markup {
  const scanned = motifs.some(({ enrichment }) => enrichment !== undefined)
  return table({
    caption:
      'Motif × model map: the share of each model’s SIS that have a part in the joint motif, darker where more. A cell filters the page by the model’s own motif.',
    save: { formats: 'tsv meme', name: 'motifs by model', motifs: motifs.map(({ motifId }) => motifId) },
    className: 'motif-table',
    columns: [
      { title: 'Joint motif', heads: true },
      { title: markup`Sites, above the<br>known motif` },
      { title: 'Known motif' },
      { title: 'q', numeric: true },
      { title: 'Parts', numeric: true },
      ...(scanned
        ? [
            { title: markup`In positives /<br>negatives`, numeric: true },
            { title: 'p', numeric: true },
          ]
        : []),
      ...models.map(({ modelId }) => ({ title: modelName(models, modelId), numeric: true })),
    ],
    rows: motifs.map((motif) => [
      { content: motifLink(motif, motif.ofModels.length > 0), sort: motif.order },
      { content: tableLogo(motif), sort: motif.siteConsensus },
      matchName(motif),
      qCell(motif),
      { content: count(motif.size), sort: motif.size },
      ...(scanned ? enrichmentCells(motif.enrichment) : []),
      ...motif.shares.map(({ modelId, sis, ownMotif }) => {
        const own = models.find((model) => model.modelId === modelId)!.subsets.stored
        const share = sis / Math.max(1, own)
        const text = percent(sis, own)
        const content = ownMotif === undefined ? text : filterLink(ownMotif, modelId, text)
        return { content, sort: 100 * share, heat: share }
      }),
    ]),
  })
}

/** For each of the largest joint motifs, what the sequences have and what the SIS keep under each model, in one scale. */
export function sideBySide(motifs: readonly JointMotifFacts[], models: readonly ModelFacts[]): Markup {
  const shown = motifs.filter(({ ofModels }) => ofModels.length > 0)
  return markup`<h3>Models side by side</h3>
    <p>
      For each joint motif, the sequences at each model’s sites and the bases that its SIS keep there: the same
      columns, the same scale of bits, the nearest known motif beneath.
    </p>
    <div class="side-by-side">${shown.map((motif) => comparedFigure(motif, models))}</div>`
}

function comparedFigure(motif: JointMotifFacts, models: readonly ModelFacts[]): Markup {
  const { motifId, name, known, ofModels, siteConsensus, enrichment } = motif
  const nameOf = (modelId: number): string => models.find((model) => model.modelId === modelId)!.name
  const match = known[0]
  const lanes: LogoLane[] = [
    ...ofModels.flatMap(({ modelId, parts, sitePpm, keptPpm }) => [
      { ppm: sitePpm, at: 0, name: `${nameOf(modelId)}: sequences at ${counted(parts, 'site')}` },
      { ppm: keptPpm, at: 0, name: `${nameOf(modelId)}: kept by the SIS` },
    ]),
    ...(match === undefined ? [] : [{ ppm: match.ppm, at: -match.offset, name: knownName(match) }]),
  ]
  const absent = models.filter(({ modelId }) => ofModels.every((own) => own.modelId !== modelId))
  return markup`<article class="card" id="motif-${motifId}">
    <h4>${cardTitle(motif)}</h4>
    ${figure(
      name,
      markup`Known motif: ${matchMarkup(motif)}.${absent.length === 0 ? undefined : ` No part of ${absent.map((model) => model.name).join(', ')} is in it.`}${enrichment === undefined ? undefined : ` By itself ${enrichmentText(enrichment)}.`}`,
      scrolling(
        `${name} under each model`,
        logo({
          label: `${name}, ${siteConsensus}: sites and kept bases of ${ofModels.map(({ modelId }) => nameOf(modelId)).join(', ')}, aligned`,
          lanes,
          columnWidth: laneWidth(lanes),
          height: 44,
        }),
      ),
    )}
  </article>`
}
