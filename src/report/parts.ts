/** Small pieces that several sections share. */
import { sequenceLogo } from '../motif/logo.ts'
import { skillWarning } from '../train/chance.ts'
import { significance } from './format.ts'
import { markup, trusted, type Markup } from './markup.ts'
import type { ModelFacts, MotifFacts, MotifMatch } from './reportData.ts'

/** A part of the page with its own heading and entry in the contents. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly body: Markup
}

/** Colours of the style sheet that tell models apart. */
export const colourCount = 8

/** A match with a greater q-value is shown but not called a match. */
export const matchLevel = 0.05
/** Bits, as many as three sure bases have: with fewer, a motif fits so many factors that a match names none of them. */
export const leastInformation = 6

/** Pixels that a logo may take in a table: the width of 16 columns. */
const smallLogoWidth = 208

/** How the best known motif resembles this one: by name, too uncertainly, or not at all compared. */
export function matchKind({
  match,
  information,
}: MotifFacts): 'match' | 'vague' | 'different' | 'not compared' {
  if (match === undefined) return 'not compared'
  if (match.qValue > matchLevel) return 'different'
  return information < leastInformation ? 'vague' : 'match'
}

export function figure(title: string, caption: string | Markup, body: Markup): Markup {
  return markup`<figure>
    <figcaption><strong>${title}.</strong> ${caption}</figcaption>
    ${body}
  </figure>`
}

/** Why there is nothing to show. */
export function nothing(reason: string): Markup {
  return markup`<p class="empty">${reason}</p>`
}

/** A model's name behind its colour. */
export function modelName(models: readonly ModelFacts[], modelId: number): Markup {
  const index = models.findIndex((model) => model.modelId === modelId)
  return markup`<span class="model"><i class="swatch c${index % colourCount}"></i>${models[index]!.name}</span>`
}

/** Said wherever a reader may take such a model's SIS for knowledge; undefined of a model that is better than chance. */
export function skillBanner(
  models: readonly ModelFacts[],
  { modelId, skill }: ModelFacts,
): Markup | undefined {
  const warning = skill && skillWarning(skill)
  if (warning === undefined) return undefined
  return markup`<p class="certificate wary chance">
    <strong>${modelName(models, modelId)} ${warning}.</strong>
  </p>`
}

export function modelLegend(models: readonly ModelFacts[]): Markup {
  return markup`<p class="legend">${models.map((model) => markup`${modelName(models, model.modelId)} `)}</p>`
}

export function motifLogo({ name, consensus, ppm }: MotifFacts, size: 'large' | 'small'): Markup {
  return logo(ppm, `Sequence logo of ${name}: ${consensus}`, size)
}

/** What the sequences have where the motif lies. */
export function siteLogo({ name, siteConsensus, sitePpm }: MotifFacts): Markup {
  return logo(sitePpm, `Sequence logo of the sites of ${name}: ${siteConsensus}`, 'small')
}

function logo(ppm: MotifFacts['ppm'], title: string, size: 'large' | 'small'): Markup {
  const small = { axes: false, columnWidth: Math.min(13, smallLogoWidth / ppm.length), height: 44 }
  const options = { large: {}, small }[size]
  return markup`<span class="logo">${trusted(sequenceLogo(ppm, { title, ...options }))}</span>`
}

/** e.g. "CTCF (MA0139.1), q = 3.1e-9, reverse strand" */
export function matchText(match: MotifMatch): string {
  const name = match.targetName === '' ? match.targetId : match.targetName
  const id = name === match.targetId ? '' : ` (${match.targetId})`
  return `${name}${id}, ${qText(match.qValue)}${match.orientation === '-' ? ', reverse strand' : ''}`
}

/** Kept on one line, e.g. "q = 3.1e-9". */
export function qText(qValue: number): string {
  return `q\u00a0=\u00a0${significance(qValue)}`
}
