/** A model's scores, held to those that its author reports. */
import { ConfigError, DataError } from '../base/errors.ts'
import type { Predictor } from '../predict/predictor.ts'
import { encodeSequence } from '../sequence/alphabet.ts'

/** Scores that the model's author reports, to three digits. */
const reportedTolerance = 1e-3

/**
 * @param checks sequences and the scores that they should have
 * @throws DataError where a score is another, ConfigError where a check does not fit the model
 */
export async function checkScores(
  predictor: Predictor,
  checks: readonly { readonly sequence: string; readonly scores: readonly number[] }[],
  file: string,
): Promise<void> {
  for (const [i, { sequence, scores }] of checks.entries()) {
    if (sequence.length !== predictor.width || scores.length !== predictor.outputs.length) {
      throw new ConfigError(
        `check ${i + 1} of ${file}: the model reads ${predictor.width} bases and gives ${predictor.outputs.length} scores; the check has ${sequence.length} and ${scores.length}`,
      )
    }
    const found = await predictor.predict(encodeSequence(sequence), 1)
    const wrong = scores.findIndex(
      (score, t) => !(Math.abs(score - found[t]!) <= reportedTolerance * Math.max(1, Math.abs(score))),
    )
    if (wrong >= 0) {
      throw new DataError(
        `scores ${found[wrong]!.toPrecision(5)} where check ${i + 1} says ${scores[wrong]!} (output '${predictor.outputs[wrong]!}'); check input-order, alphabet, output-tensor and transform`,
        { file },
      )
    }
  }
}
