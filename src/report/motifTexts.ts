/** The matrices of the page's motifs as MEME text, inert, for the script to save: of the sites, and of the bases that SIS keep. */
import { writeMemeMotifs } from '../io/motifs/memeMotifs.ts'
import type { Matrix } from '../sequence/matrix.ts'
import { inScript } from './clientScript.ts'
import { markup, trusted, type Markup } from './markup.ts'
import { motifTextsId, type MotifTexts } from './motifTextsFormat.ts'
import type { MotifFacts, ReportData } from './reportData.ts'

/** @returns undefined where there is no motif */
export function motifTexts({ models, comparison }: ReportData): Markup | undefined {
  const motifs = [
    ...models.flatMap(({ clustering }) => clustering?.motifs ?? []),
    ...(comparison?.clustering?.motifs ?? []),
  ]
  if (motifs.length === 0) return undefined
  const texts: MotifTexts = {
    head: `${writeMemeMotifs([])}\n`,
    motifs: Object.fromEntries(
      motifs.map((motif) => [
        motif.motifId,
        { sites: block(motif, motif.sitePpm), kept: block(motif, motif.ppm) },
      ]),
    ),
  }
  return markup`<script type="application/json" id="${motifTextsId}">${trusted(inScript(JSON.stringify(texts)))}</script>`
}

function block({ name, label, naming, nsites }: MotifFacts, ppm: Matrix): string {
  const alternateName = naming === 'named' ? label.replace(/\s+/g, '_') : undefined
  const text = writeMemeMotifs([{ id: name, alternateName, ppm, nsites }])
  return text.slice(text.indexOf('\nMOTIF ') + 1)
}
