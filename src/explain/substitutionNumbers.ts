/** The explained number with each base in each place of a sequence: by an engine where one knows the network, else predicted. */
import { eachBase, openSubstitutionScorer } from '../engine/substitutions.ts'
import { baseCount } from '../sequence/alphabet.ts'
import type { MethodContext, OpenMethod } from './method.ts'

export interface SubstitutionNumbers extends Omit<OpenMethod, 'explain'> {
  /**
   * @param codes Uint8Array [L]
   * @returns the number of the sequence itself, then with each of A C G T in each place: [1 + L × 4]
   */
  readonly numbersOf: (codes: Uint8Array) => Promise<Float32Array>
}

export function openSubstitutionNumbers(context: MethodContext): SubstitutionNumbers {
  const { number, numberOf, threads, signal } = context
  const engine =
    numberOf && openSubstitutionScorer(numberOf.network, numberOf.output, eachBase, { threads, signal })
  if (engine === undefined || 'refusal' in engine) return predicted(context)
  return {
    backend: `engine ${engine.name}`,
    batchSize: engine.batchSize,
    async numbersOf(codes) {
      const scores = await engine.score(codes)
      const numbers = new Float32Array(1 + scores.length)
      numbers.set(scores, 1)
      const known = codes.findIndex((code) => code < baseCount)
      numbers[0] =
        known < 0 ? (await number.predict(codes, 1))[0]! : scores[known * baseCount + codes[known]!]!
      return numbers
    },
    close: () => engine.close(),
  }
}

function predicted({ number, signal }: MethodContext): SubstitutionNumbers {
  const { width: length, batchSize } = number
  return {
    backend: number.backend,
    batchSize: 1,
    async numbersOf(codes) {
      const numbers = new Float32Array(1 + length * baseCount)
      // The sequence itself, then what it is not.
      const places = [0]
      for (const [at, code] of codes.entries()) {
        for (let base = 0; base < baseCount; base++) if (base !== code) places.push(1 + at * baseCount + base)
      }
      for (let from = 0; from < places.length; from += batchSize) {
        signal?.throwIfAborted()
        const batch = places.slice(from, from + batchSize)
        const rows = new Uint8Array(batch.length * length)
        for (const [row, place] of batch.entries()) {
          rows.set(codes, row * length)
          if (place > 0) {
            rows[row * length + Math.floor((place - 1) / baseCount)] = (place - 1) % baseCount
          }
        }
        const found = await number.predict(rows, batch.length)
        for (const [row, place] of batch.entries()) numbers[place] = found[row]!
      }
      for (const [at, code] of codes.entries()) {
        if (code < baseCount) numbers[1 + at * baseCount + code] = numbers[0]!
      }
      return numbers
    },
    close: () => Promise.resolve(),
  }
}
