/** The motifs of a run as a motif file: MEME, JASPAR, TRANSFAC; of the bases that SIS keep, or of the sequences' own. */
import type { CountMotif } from '../../io/motifs/countMotif.ts'
import { writeJasparMotifs } from '../../io/motifs/jasparMotifs.ts'
import { writeMemeMotifs } from '../../io/motifs/memeMotifs.ts'
import { writeTransfacMotifs } from '../../io/motifs/transfacMotifs.ts'
import { consensusOf } from '../../motif/consensus.ts'
import { exportedMotifs, matrixNote, type MotifSelection } from './exportedMotifs.ts'

export const motifFormats = ['meme', 'jaspar', 'transfac'] as const
export type MotifFormat = (typeof motifFormats)[number]

/** @returns the file's text, and how many motifs it holds */
export async function motifFileText(
  runDirectory: string,
  format: MotifFormat,
  { matrix, clustering, background }: MotifSelection,
): Promise<{ text: string; motifs: number }> {
  const motifs = await exportedMotifs(runDirectory, { matrix, clustering, background })
  const counted = (): CountMotif[] =>
    motifs.map(({ ppm, ...motif }) => ({ ...motif, consensus: consensusOf(ppm) }))
  switch (format) {
    case 'meme':
      return {
        text: writeMemeMotifs(
          motifs.map(({ name, ...motif }) => ({ ...motif, alternateName: name })),
          background,
          matrixNote[matrix],
        ),
        motifs: motifs.length,
      }
    case 'jaspar':
      return { text: writeJasparMotifs(counted(), `matrix=${matrix}`), motifs: motifs.length }
    case 'transfac':
      return { text: writeTransfacMotifs(counted(), matrixNote[matrix]), motifs: motifs.length }
  }
}
