/** Small pieces that several sections share. */
import { decisionHolds } from '../sis/decision.ts'
import { skillWarning } from '../train/chance.ts'
import { counted } from '../base/format.ts'
import { markup, type Markup } from './markup.ts'
import type { ModelFacts, MotifFacts, SubsetFacts } from './reportData.ts'
import { logo } from './svg/logo.ts'

/** A part of the page with its own heading and entry in the contents. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly body: Markup
}

/** Colours of the style sheet that tell models apart. */
export const colourCount = 8

/** Pixels that a logo may take in a table: the width of 16 columns. */
const smallLogoWidth = 208

/** The reader's browser offers to save its drawings. */
export function figure(title: string, caption: string | Markup, body: Markup): Markup {
  return markup`<figure data-save="svg png">
    <figcaption><strong>${title}.</strong> ${caption}</figcaption>
    ${body}
  </figure>`
}

/** A picture as wide as it is, in a box that scrolls. */
export function scrolling(label: string, picture: Markup): Markup {
  return markup`<div class="scroll" role="region" tabindex="0" aria-label="${label}">${picture}</div>`
}

/** Terms with what they are, for `<dl class="facts">`. */
export function factEntries(facts: readonly (readonly [string, string | Markup])[]): Markup[] {
  return facts.map(
    ([term, text]) =>
      markup`<div>
        <dt>${term}</dt>
        <dd>${text}</dd>
      </div>`,
  )
}

/** Why there is nothing to show. */
export function nothing(reason: string | Markup): Markup {
  return markup`<p class="empty">${reason}</p>`
}

/** Whether all masked already gives the model's decision, so that its SIS are empty and any subset suffices for it. */
export function backgroundDecides({ direction, threshold, scoreMasked }: ModelFacts): boolean {
  return decisionHolds({ direction, threshold }, scoreMasked)
}

/** Why no SIS keeps a base, to end a sentence. */
export function noSisReason({ decidedByBackground }: SubsetFacts): string {
  return decidedByBackground === 0
    ? 'no sequence reached τ'
    : `the background alone gives the decision, with every base masked, so the SIS of ${counted(decidedByBackground, 'sequence')} ${decidedByBackground === 1 ? 'is' : 'are'} empty and explain${decidedByBackground === 1 ? 's' : ''} nothing`
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

/** What the SIS keep of a motif, small enough for a line or a table. */
export function motifLogo({ name, consensus, ppm }: MotifFacts): Markup {
  return logo({
    label: `Sequence logo of ${name}: ${consensus}`,
    lanes: [{ ppm, at: 0 }],
    columnWidth: Math.min(13, smallLogoWidth / ppm.length),
    height: 44,
  })
}
