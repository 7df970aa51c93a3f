/** Areas under the curves, accuracy and log loss held to scikit-learn; skipped where Python lacks it (see python.ts). */
import { expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { binaryMetrics } from '../../src/train/metrics.ts'
import { describeAgainst, runPython } from './python.ts'

const program = `
import json, sys
import numpy as np
from sklearn.metrics import accuracy_score, average_precision_score, log_loss, roc_auc_score
answers = []
for case in json.load(sys.stdin):
    labels, scores = np.array(case['labels']), np.array(case['scores'], dtype=np.float32)
    answers.append({
        'auroc': roc_auc_score(labels, scores),
        'auprc': average_precision_score(labels, scores),
        'accuracy': accuracy_score(labels, scores >= 0.5),
        'logLoss': log_loss(labels, scores, labels=[0, 1]),
    })
json.dump(answers, sys.stdout)
`

interface Answer {
  auroc: number
  auprc: number
  accuracy: number
  logLoss: number
}

describeAgainst('sklearn', 'binaryMetrics against scikit-learn', () => {
  it('gives the same numbers for scores with ties, exact 0 and 1, and missing labels', async () => {
    const random = new Random(3, 'metrics agreement')
    // Distinct scores: from 1 (all equal) to many more than there are examples.
    const cases = Array.from({ length: 100 }, (_, i) =>
      randomCase(2 + random.below(i < 10 ? 4 : 300), [1, 2, 5, 30, 1e6][i % 5]!, random),
    )
    const present = cases.map(({ scores, labels }) => {
      const kept = [...labels.keys()].filter((i) => !Number.isNaN(labels[i]!))
      return { scores: kept.map((i) => scores[i]!), labels: kept.map((i) => labels[i]!) }
    })
    const answers = (await runPython(program, present)) as Answer[]
    expect(answers).toHaveLength(cases.length)
    let tied = 0
    for (const [i, { scores, labels }] of cases.entries()) {
      const metrics = binaryMetrics(scores, labels)
      const answer = answers[i]!
      expect(metrics.auroc).toBeCloseTo(answer.auroc, 12)
      expect(metrics.auprc).toBeCloseTo(answer.auprc, 12)
      expect(metrics.accuracy).toBeCloseTo(answer.accuracy, 12)
      // scikit-learn takes logarithms of 32-bit numbers.
      expect(metrics.logLoss).toBeCloseTo(answer.logLoss, 5)
      if (new Set(present[i]!.scores).size < present[i]!.scores.length) tied++
    }
    expect(tied).toBeGreaterThan(60)
  })
})

/** Scores that tell the classes apart in part; one positive and one negative at least, every tenth other label missing. */
function randomCase(
  count: number,
  levels: number,
  random: Random,
): { scores: Float32Array; labels: Float32Array } {
  const labels = Float32Array.from({ length: count }, (_, i) =>
    i < 2 ? i : random.below(10) === 0 ? NaN : random.below(2),
  )
  const scores = labels.map((label) => {
    const score = Math.min(1, Math.max(0, random.uniform() * 1.2 - 0.2 + (label === 1 ? 0.2 : 0)))
    return levels === 1 ? 0.5 : Math.round(score * (levels - 1)) / (levels - 1)
  })
  return { scores, labels }
}
