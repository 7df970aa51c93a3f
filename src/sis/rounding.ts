/** How far the scores of an engine may be from the predictor's and still be the same but for rounding. */

const ofItsSize = 1e-5
/** Sums round by the size of what they add, not of what comes out: beside scores of 10, one of 1e-6 is as good as 0. */
const ofTheLargest = 1e-6

/** @param scale the largest score of the ordering, without its sign */
export function isRoundingOf(exact: number, score: number, scale: number): boolean {
  const size = Math.max(Math.abs(exact), Math.abs(score))
  return Math.abs(exact - score) <= ofItsSize * size + ofTheLargest * scale
}
