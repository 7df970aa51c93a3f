/** Metrics of a predictor on every split of a sequence set, and its scores. */
import { DataError } from '../base/errors.ts'
import type { Predictor } from '../predict/predictor.ts'
import { splitNames, type SequenceSet, type Split } from '../sequence/sequenceSet.ts'
import {
  binaryMetrics,
  precisionRecallCurve,
  rocCurve,
  type BinaryMetrics,
  type CurvePoint,
} from './metrics.ts'

export interface SplitMetrics extends BinaryMetrics {
  readonly split: Split
  readonly output: string
  /** False against true positive rate; empty where one class is missing. */
  readonly roc: readonly CurvePoint[]
  /** Recall against precision; empty where one class is missing. */
  readonly precisionRecall: readonly CurvePoint[]
}

export interface Evaluation {
  /** One entry a split and output that has labels. */
  readonly metrics: readonly SplitMetrics[]
  /** Of all sequences, labelled or not. */
  readonly scores: Float32Array // [n, outputs]
}

/**
 * Output t of the predictor is held against label t of the set where there are as many, else against the label of its
 * name, if there is one. A set without any label is only scored.
 */
export async function evaluate(
  predictor: Predictor,
  set: SequenceSet,
  signal?: AbortSignal,
): Promise<Evaluation> {
  const outputs = predictor.outputs.length
  const names = set.labelNames
  const labelled = set.labels.some((label) => !Number.isNaN(label))
  const scores = await predictAll(predictor, set, signal)
  const metrics: SplitMetrics[] = []
  if (!labelled) return { metrics, scores }
  for (const [code, split] of splitNames.entries()) {
    const rows = new Uint32Array(set.count).map((_, row) => row).filter((row) => set.splits[row] === code)
    for (const [t, output] of predictor.outputs.entries()) {
      const label = outputs === names.length ? t : names.indexOf(output)
      if (label < 0) continue
      const labels = Float32Array.from(rows, (row) => set.labels[row * names.length + label]!)
      if (labels.every((value) => Number.isNaN(value))) continue
      const splitScores = Float32Array.from(rows, (row) => scores[row * outputs + t]!)
      const summary = binaryMetrics(splitScores, labels)
      const drawn = summary.auroc !== null
      metrics.push({
        split,
        output,
        ...summary,
        roc: drawn ? rocCurve(splitScores, labels) : [],
        precisionRecall: drawn ? precisionRecallCurve(splitScores, labels) : [],
      })
    }
  }
  return { metrics, scores }
}

/** @returns scores: Float32Array [n, outputs] */
async function predictAll(
  predictor: Predictor,
  set: SequenceSet,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const { width, outputs, batchSize } = predictor
  if (width !== set.length) {
    throw new DataError(`the model reads ${width} bases, but the sequences have ${set.length}`)
  }
  const scores = new Float32Array(set.count * outputs.length)
  for (let from = 0; from < set.count; from += batchSize) {
    signal?.throwIfAborted()
    const to = Math.min(from + batchSize, set.count)
    const batch = await predictor.predict(set.codes.subarray(from * width, to * width), to - from)
    scores.set(batch, from * outputs.length)
  }
  return scores
}
