/** The IUPAC consensus of a motif, by the rule of Cavener (Nucleic Acids Res. 15:1353, 1987), as TRANSFAC and JASPAR do. */
import { iupacLetter } from '../sequence/iupac.ts'
import type { Matrix } from '../sequence/matrix.ts'

/**
 * One base where its probability is above one half and more than twice the second's; two where together they exceed
 * three quarters; else N.
 * @param ppm [width][4], rows sum to 1
 */
export function consensusOf(ppm: Matrix): string {
  return ppm
    .map((row) => {
      const [first, second] = [0, 1, 2, 3].sort((a, b) => row[b]! - row[a]! || a - b) as [number, number]
      if (row[first]! > 0.5 && row[first]! > 2 * row[second]!) return iupacLetter([first])
      if (row[first]! + row[second]! <= 0.75) return 'N'
      return iupacLetter(first < second ? [first, second] : [second, first])
    })
    .join('')
}
