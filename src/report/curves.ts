/** ROC and precision–recall curves from test sequences ranked by score, in groups that share no score. */
import type { RankedGroup } from './reportData.ts'
import type { Point } from './svg/lineChart.ts'

/** @returns (false positive rate, true positive rate) from (0, 0) to (1, 1); none without both classes */
export function rocCurve(ranking: readonly RankedGroup[]): Point[] {
  const { positives, negatives } = totals(ranking)
  if (positives === 0 || negatives === 0) return []
  const points: Point[] = [{ x: 0, y: 0 }]
  let truePositives = 0
  let falsePositives = 0
  for (const group of ranking) {
    truePositives += group.positives
    falsePositives += group.negatives
    points.push({ x: falsePositives / negatives, y: truePositives / positives })
  }
  return points
}

/**
 * Drawn as steps: a straight line between two points of this plane promises precision that no threshold gives
 * (Davis and Goadrich, ICML 2006).
 * @returns (recall, precision) from recall 0 to 1; none without both classes
 */
export function precisionRecallCurve(ranking: readonly RankedGroup[]): Point[] {
  const { positives, negatives } = totals(ranking)
  if (positives === 0 || negatives === 0) return []
  const points: Point[] = []
  let truePositives = 0
  let called = 0
  for (const group of ranking) {
    const recallBefore = truePositives / positives
    truePositives += group.positives
    called += group.positives + group.negatives
    const precision = truePositives / called
    points.push({ x: recallBefore, y: precision }, { x: truePositives / positives, y: precision })
  }
  return points
}

function totals(ranking: readonly RankedGroup[]): RankedGroup {
  let positives = 0
  let negatives = 0
  for (const group of ranking) {
    positives += group.positives
    negatives += group.negatives
  }
  return { positives, negatives }
}
