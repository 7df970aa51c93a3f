/** Motifs by name and colour, the same colour in every section of a model. */
import { markup, type Markup } from './markup.ts'
import type { MotifRef } from './logicFacts.ts'

/** Colours of the style sheet that tell the largest motifs of a model apart; further ones share one. */
const motifColours = 6

/** The style of a motif's parts; of a part in no motif where it is undefined. */
export function motifStyle(motif: MotifRef | undefined): string {
  if (motif === undefined) return 'no-motif'
  return motif.order < motifColours ? `s${motif.order}` : 'more'
}

/** A motif's label in its colour, with its own name where that is another. */
export function motifName(motif: MotifRef): Markup {
  return markup`<b class="key ${motifStyle(motif)}" title="${motif.name}">${motif.label}</b>`
}

/** e.g. "TAL1 AND 2 × GATA4", in colours. */
export function motifSetMarkup(motifs: readonly MotifRef[]): Markup {
  if (motifs.length === 0) return markup`<span class="quiet">no part in a motif</span>`
  const kinds = new Map<number, { motif: MotifRef; times: number }>()
  for (const motif of motifs) {
    const kind = kinds.get(motif.motifId) ?? { motif, times: 0 }
    kinds.set(motif.motifId, { motif, times: kind.times + 1 })
  }
  return markup`${[...kinds.values()].map(
    ({ motif, times }, i) =>
      markup`${i === 0 ? undefined : markup` <span class="operator">AND</span> `}${times === 1 ? undefined : `${times} × `}${motifName(motif)}`,
  )}`
}
