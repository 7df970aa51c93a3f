/** Writes motifs as JASPAR's count matrices (https://jaspar.elixir.no/docs/): a header, then a row of counts for each base. */
import { alignedNumbers, widestCount, type CountMotif } from './countMotif.ts'

/**
 * @param tag a word after the name, which readers pass over: JASPAR's format has no comments
 * @returns the text of a file; `>id`, a tab and the name (the id again where there is none), as JASPAR's own files have it
 */
export function writeJasparMotifs(motifs: readonly CountMotif[], tag: string): string {
  return motifs
    .map(({ id, name = id, counts }) => {
      const width = widestCount(counts)
      const rows = Array.from('ACGT', (letter, base) => {
        const column = counts.map((row) => row[base]!)
        return `${letter} [ ${alignedNumbers(column, width)} ]\n`
      })
      return `>${id}\t${name}\t${tag}\n${rows.join('')}`
    })
    .join('')
}
