/** How well scores tell positives from negatives: areas under the ROC and precision-recall curves, accuracy, log loss. */

export interface CurvePoint {
  readonly x: number
  readonly y: number
}

export interface BinaryMetrics {
  readonly positives: number
  readonly negatives: number
  /** Null where one class is missing. */
  readonly auroc: number | null
  /** Average precision; null where there is no positive. */
  readonly auprc: number | null
  /** Share of scores on the right side of 0.5. */
  readonly accuracy: number
  readonly logLoss: number
}

/** How many examples score at least as high as one score, by class. */
interface Step {
  readonly truePositives: number
  readonly falsePositives: number
}

/**
 * @param scores Float32Array [n], probabilities
 * @param labels Float32Array [n], 0 or 1; examples whose label is NaN are left out
 */
export function binaryMetrics(scores: Float32Array, labels: Float32Array): BinaryMetrics {
  const steps = thresholdSteps(scores, labels)
  const { truePositives: positives, falsePositives: negatives } = steps.at(-1)!
  let correct = 0
  let loss = 0
  for (const [i, label] of labels.entries()) {
    if (Number.isNaN(label)) continue
    const score = scores[i]!
    if (score >= 0.5 === (label === 1)) correct++
    const likelihood = label === 1 ? score : 1 - score
    loss -= Math.log(Math.min(Math.max(likelihood, float32Epsilon), 1 - float32Epsilon))
  }
  const count = positives + negatives
  return {
    positives,
    negatives,
    auroc: positives === 0 || negatives === 0 ? null : rocArea(steps),
    auprc: positives === 0 ? null : areaOfPrecision(steps),
    accuracy: correct / count,
    logLoss: loss / count,
  }
}

/**
 * Sum of precision × gain in recall, without interpolation (scikit-learn's average_precision_score).
 * @param labels with a positive among them; see `binaryMetrics`
 */
export function averagePrecision(scores: Float32Array, labels: Float32Array): number {
  return areaOfPrecision(thresholdSteps(scores, labels))
}

/** Scores of exactly 0 and 1 count as this far from them (as scikit-learn does for 32-bit scores). */
const float32Epsilon = 2 ** -23

/**
 * The curve from (0, 0) to (1, 1): x is the false positive rate, y the true positive rate.
 * @param maxPoints the curve is thinned to at most so many points, ends kept
 */
export function rocCurve(scores: Float32Array, labels: Float32Array, maxPoints = 200): CurvePoint[] {
  const steps = thresholdSteps(scores, labels)
  const total = steps.at(-1)!
  return thin(steps, maxPoints).map(({ truePositives, falsePositives }) => ({
    x: falsePositives / total.falsePositives,
    y: truePositives / total.truePositives,
  }))
}

/** x is recall, y precision; it begins at recall 0 with precision 1. See `rocCurve`. */
export function precisionRecallCurve(
  scores: Float32Array,
  labels: Float32Array,
  maxPoints = 200,
): CurvePoint[] {
  const steps = thresholdSteps(scores, labels)
  const total = steps.at(-1)!
  return thin(steps, maxPoints).map((step) => ({
    x: step.truePositives / total.truePositives,
    y: precision(step),
  }))
}

/** One step a distinct score, highest first, after an empty one. */
function thresholdSteps(scores: Float32Array, labels: Float32Array): Step[] {
  const order = new Uint32Array(labels.length).map((_, i) => i).filter((i) => !Number.isNaN(labels[i]!))
  order.sort((a, b) => scores[b]! - scores[a]!)
  const steps: Step[] = [{ truePositives: 0, falsePositives: 0 }]
  let truePositives = 0
  let falsePositives = 0
  for (const [rank, i] of order.entries()) {
    if (labels[i] === 1) truePositives++
    else falsePositives++
    const next = order[rank + 1]
    if (next === undefined || scores[next] !== scores[i]) steps.push({ truePositives, falsePositives })
  }
  return steps
}

/** Trapezoids: equals the Mann–Whitney statistic, ties counting one half. */
function rocArea(steps: readonly Step[]): number {
  const total = steps.at(-1)!
  let area = 0
  for (let i = 1; i < steps.length; i++) {
    const [last, step] = [steps[i - 1]!, steps[i]!]
    area += ((step.falsePositives - last.falsePositives) * (step.truePositives + last.truePositives)) / 2
  }
  return area / (total.falsePositives * total.truePositives)
}

/** See `averagePrecision`. */
function areaOfPrecision(steps: readonly Step[]): number {
  const total = steps.at(-1)!
  let area = 0
  for (let i = 1; i < steps.length; i++) {
    area += (steps[i]!.truePositives - steps[i - 1]!.truePositives) * precision(steps[i]!)
  }
  return area / total.truePositives
}

function precision({ truePositives, falsePositives }: Step): number {
  const called = truePositives + falsePositives
  return called === 0 ? 1 : truePositives / called
}

function thin<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items]
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]!)
}
