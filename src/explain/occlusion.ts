/**
 * Occlusion (Zeiler and Fergus 2014; for DNA, Zhou and Troyanskaya 2015): what the number loses when a window of bases is
 * masked. A base is worth the mean over the windows that hold it.
 */
import { masked } from '../sequence/alphabet.ts'
import type { ExplanationMethod } from './method.ts'

export const occlusion: ExplanationMethod = {
  needs: 'scores',
  samples: false,
  summary: 'what masking each window takes from the number (Zeiler and Fergus 2014)',
  open({ number, settings, signal }) {
    const { width: length } = number
    const window = Math.min(settings.window, length)
    const windows = length - window + 1
    return Promise.resolve({
      backend: number.backend,
      batchSize: 1,
      async explain(sequences) {
        const attributions = []
        for (const { codes } of sequences) {
          signal?.throwIfAborted()
          const rows = new Uint8Array((windows + 1) * length)
          for (let row = 0; row <= windows; row++) rows.set(codes, row * length)
          for (let start = 0; start < windows; start++) {
            rows.fill(masked, start * length + start, start * length + start + window)
          }
          const numbers = await number.predict(rows, windows + 1)
          const sums = new Float64Array(length)
          const counts = new Uint32Array(length)
          for (let start = 0; start < windows; start++) {
            const lost = (numbers[windows]! - numbers[start]!) / window
            for (let at = start; at < start + window; at++) {
              sums[at]! += lost
              counts[at]!++
            }
          }
          attributions.push({ importance: Float32Array.from(sums, (sum, at) => sum / counts[at]!) })
        }
        return attributions
      },
      close: () => Promise.resolve(),
    })
  },
}
