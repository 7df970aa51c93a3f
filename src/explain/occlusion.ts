/**
 * Occlusion (Zeiler and Fergus 2014; for DNA, Zhou and Troyanskaya 2015): what the number loses when a window of bases is
 * masked. A base is worth the mean over the windows that hold it.
 */
import { openSubstitutionScorer } from '../engine/substitutions.ts'
import { masked } from '../sequence/alphabet.ts'
import type { ExplainedSequence, ExplanationMethod, MethodContext, OpenMethod } from './method.ts'

export const occlusion: ExplanationMethod = {
  needs: 'scores',
  samples: false,
  summary: 'what masking each window takes from the number (Zeiler and Fergus 2014)',
  open: (context) => Promise.resolve(byEngine(context) ?? byPredictor(context)),
}

/** Masking one base is a substitution by the background. */
function byEngine(context: MethodContext): OpenMethod | undefined {
  const { number, numberOf, background, settings, threads, signal } = context
  if (settings.window > 1 || numberOf === undefined) return undefined
  const { network, output } = numberOf
  const engine = openSubstitutionScorer(network, output, [background], { threads, signal })
  if ('refusal' in engine) return undefined
  return {
    backend: `engine ${engine.name}`,
    batchSize: engine.batchSize,
    async explain(sequences) {
      const whole = await number.predict(rowsOf(sequences, 1, number.width), sequences.length)
      const scores = await Promise.all(sequences.map(({ codes }) => engine.score(codes)))
      return scores.map((each, i) => ({ importance: each.map((score) => whole[i]! - score) }))
    },
    close: () => engine.close(),
  }
}

function byPredictor({ number, settings, signal }: MethodContext): OpenMethod {
  const { width: length } = number
  const window = Math.min(settings.window, length)
  const windows = length - window + 1
  return {
    backend: number.backend,
    // Of several short sequences at once the batches are full.
    batchSize: Math.max(1, Math.floor(number.batchSize / (windows + 1))),
    async explain(sequences) {
      signal?.throwIfAborted()
      const each = windows + 1
      const rows = rowsOf(sequences, each, length)
      for (let i = 0; i < sequences.length; i++) {
        for (let start = 0; start < windows; start++) {
          const at = (i * each + start) * length + start
          rows.fill(masked, at, at + window)
        }
      }
      const numbers = await number.predict(rows, sequences.length * each)
      return sequences.map((_, i) => ({
        importance: meansOverWindows(numbers.subarray(i * each, (i + 1) * each), window),
      }))
    },
    close: () => Promise.resolve(),
  }
}

/** Each sequence so many times: [sequences × each, L]. */
function rowsOf(sequences: readonly ExplainedSequence[], each: number, length: number): Uint8Array {
  const rows = new Uint8Array(sequences.length * each * length)
  for (let row = 0; row < sequences.length * each; row++) {
    rows.set(sequences[Math.floor(row / each)]!.codes, row * length)
  }
  return rows
}

/** @param numbers with each window masked, then of the sequence itself */
function meansOverWindows(numbers: Float32Array, window: number): Float32Array {
  const windows = numbers.length - 1
  const length = windows + window - 1
  const sums = new Float64Array(length)
  const counts = new Uint32Array(length)
  for (let start = 0; start < windows; start++) {
    const lost = (numbers[windows]! - numbers[start]!) / window
    for (let at = start; at < start + window; at++) {
      sums[at]! += lost
      counts[at]!++
    }
  }
  return Float32Array.from(sums, (sum, at) => sum / counts[at]!)
}
