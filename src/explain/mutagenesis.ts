/**
 * In-silico mutagenesis (Zhou and Troyanskaya 2015): every base replaced by every other. What a base would be worth in a
 * place is the number with it there, less the mean of the numbers with each of the four: `saturation_mutagenesis` of
 * tangermeme has the same, and under a uniform background an additive model gives what masking does. What a
 * substitution changes is the difference of two of them.
 */
import { baseCount } from '../sequence/alphabet.ts'
import type { Attribution, ExplanationMethod } from './method.ts'
import { openSubstitutionNumbers } from './substitutionNumbers.ts'

export const mutagenesis: ExplanationMethod = {
  needs: 'scores',
  samples: false,
  summary: 'each base replaced by each other (Zhou and Troyanskaya 2015)',
  open(context) {
    const { numbersOf, ...opened } = openSubstitutionNumbers(context)
    return Promise.resolve({
      ...opened,
      async explain(sequences) {
        context.signal?.throwIfAborted()
        const numbers = await Promise.all(sequences.map(({ codes }) => numbersOf(codes)))
        return sequences.map(({ codes }, i) => attributionOf(codes, numbers[i]!))
      },
    })
  },
}

/**
 * @param codes Uint8Array [L]
 * @param numbers of the sequence itself, then with each base in each place: [1 + L × 4]
 */
function attributionOf(codes: Uint8Array, numbers: Float32Array): Attribution {
  const contributions = new Float32Array(codes.length * baseCount)
  const importance = new Float32Array(codes.length)
  for (const [at, code] of codes.entries()) {
    const first = 1 + at * baseCount
    const four = numbers.subarray(first, first + baseCount)
    const mean = four.reduce((sum, number) => sum + number, 0) / baseCount
    for (const [base, number] of four.entries()) contributions[at * baseCount + base] = number - mean
    importance[at] = code < baseCount ? contributions[at * baseCount + code]! : numbers[0]! - mean
  }
  return { importance, contributions }
}
