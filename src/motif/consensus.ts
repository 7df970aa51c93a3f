/** The IUPAC consensus of a motif, by the rule of Cavener (Nucleic Acids Res. 15:1353, 1987), as TRANSFAC and JASPAR do. */
import { baseCount } from '../sequence/alphabet.ts'
import { iupacLetter } from '../sequence/iupac.ts'
import type { Matrix } from '../sequence/matrix.ts'

/**
 * One base where its probability is above one half and more than twice the second's; two where together they exceed
 * three quarters; else N.
 * @param ppm [width][4], rows sum to 1
 */
export function consensusOf(ppm: Matrix): string {
  let consensus = ''
  for (const row of ppm) {
    let first = 0
    for (let base = 1; base < baseCount; base++) if (row[base]! > row[first]!) first = base
    let second = first === 0 ? 1 : 0
    for (let base = second + 1; base < baseCount; base++) {
      if (base !== first && row[base]! > row[second]!) second = base
    }
    if (row[first]! > 0.5 && row[first]! > 2 * row[second]!) consensus += iupacLetter([first])
    else if (row[first]! + row[second]! <= 0.75) consensus += 'N'
    else consensus += iupacLetter(first < second ? [first, second] : [second, first])
  }
  return consensus
}
