/** The explained number of a sequence in which some features are masked. A feature is a window of bases, beside the next. */
import { masked } from '../sequence/alphabet.ts'
import type { MethodContext } from './method.ts'

export interface Features {
  /** M */
  readonly count: number
  /**
   * @param codes Uint8Array [L]
   * @param present Uint8Array [rows, M]: 0 where a feature is masked
   * @returns numbers [rows]
   */
  numbersOf(codes: Uint8Array, present: Uint8Array): Promise<Float32Array>
  /** What features are worth, shared among their bases: [M] to [L]. */
  toBases(values: ArrayLike<number>): Float32Array
}

export function featuresOf({ number, settings, signal }: MethodContext): Features {
  const { width: length, batchSize } = number
  const window = Math.min(settings.window, length)
  const count = Math.ceil(length / window)
  return {
    count,
    async numbersOf(codes, present) {
      const total = present.length / count
      const numbers = new Float32Array(total)
      for (let from = 0; from < total; from += batchSize) {
        signal?.throwIfAborted()
        const rows = Math.min(batchSize, total - from)
        const cells = new Uint8Array(rows * length)
        for (let row = 0; row < rows; row++) {
          cells.set(codes, row * length)
          for (let feature = 0; feature < count; feature++) {
            if (present[(from + row) * count + feature] !== 0) continue
            const start = row * length + feature * window
            cells.fill(masked, start, Math.min(start + window, (row + 1) * length))
          }
        }
        numbers.set(await number.predict(cells, rows), from)
      }
      return numbers
    },
    toBases: (values) =>
      Float32Array.from({ length }, (_, at) => {
        const feature = Math.floor(at / window)
        return values[feature]! / Math.min(window, length - feature * window)
      }),
  }
}
