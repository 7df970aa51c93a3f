/** How page and script agree on the motifs' matrices. */

export interface MotifTexts {
  /** All before the first motif. */
  readonly head: string
  /** By motif_id: a block of each, of the sites and of the bases that SIS keep. */
  readonly motifs: Readonly<Record<string, { readonly sites: string; readonly kept: string }>>
}

/** Of the element that holds them as JSON. */
export const motifTextsId = 'motif-texts'
