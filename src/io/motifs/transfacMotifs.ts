/** Writes motifs as TRANSFAC's records of count matrices: fields of two letters, `XX` between them, `//` after each record. */
import { alignedNumbers, widestCount, type CountMotif } from './countMotif.ts'

/**
 * @param note a line for people in each record, its comment `CC`
 * @returns the text of a file; the name of the factor, where there is one, stands in `BF`. Not in `NA`, which some readers
 * take for the id, so that two motifs of one factor become one.
 */
export function writeTransfacMotifs(motifs: readonly CountMotif[], note: string): string {
  return motifs.map((motif) => `${[...recordOf(motif), `CC  ${note}`].join('\nXX\n')}\nXX\n//\n`).join('')
}

/** Fields in the order of TRANSFAC's own files. */
function recordOf({ id, name, counts, consensus }: CountMotif): string[] {
  const width = Math.max(6, widestCount(counts))
  const rows = counts.map(
    (row, i) => `${String(i + 1).padStart(2, '0')} ${alignedNumbers(row, width)}      ${consensus[i]!}`,
  )
  const bases = Array.from('ACGT', (letter) => letter.padStart(width)).join(' ')
  const named = name === undefined ? [] : [`BF  ${name}`]
  return [`AC  ${id}`, `ID  ${id}`, ...named, [`P0 ${bases}`, ...rows].join('\n')]
}
