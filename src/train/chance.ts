/** Whether a model has learnt anything that shows: the confidence interval of its auROC, and whether it includes 0.5. */
import type { BinaryMetrics } from './metrics.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

/** The standard normal distribution's 97.5 % point: intervals are of 95 %. */
const normalQuantile = 1.959963984540054

/**
 * The 95 % score interval of Newcombe (Statistics in Medicine 25:559, 2006, method 5): the areas A with
 * |auROC − A| ≤ z √V(A), where V is Hanley and McNeil's variance (Radiology 143:29, 1982) with both classes as large as
 * their mean. Where either is small, or the auROC 0 or 1, it still holds what it says, and it includes 0.5 just where the
 * Mann–Whitney test does not reject chance.
 * @param auroc in [0, 1]
 */
export function aurocInterval(auroc: number, positives: number, negatives: number): Interval {
  const isWithin = (area: number): boolean =>
    Math.abs(auroc - area) <= normalQuantile * Math.sqrt(variance(area, positives, negatives))
  return {
    low: boundary(auroc, 0, isWithin),
    high: boundary(auroc, 1, isWithin),
  }
}

function variance(area: number, positives: number, negatives: number): number {
  const others = (positives + negatives) / 2 - 1
  const spread = 1 + others * ((1 - area) / (2 - area) + area / (1 + area))
  return (area * (1 - area) * spread) / (positives * negatives)
}

/** Where, going from `inside` to `end`, `isWithin` ends. */
function boundary(inside: number, end: number, isWithin: (area: number) => boolean): number {
  if (isWithin(end)) return end
  let [within, without] = [inside, end]
  for (;;) {
    const middle = (within + without) / 2
    if (middle === within || middle === without) return within
    if (isWithin(middle)) within = middle
    else without = middle
  }
}

/** `better`: the interval lies above 0.5; `chance`: it includes 0.5; `worse`: it lies below. */
type Skill = 'better' | 'chance' | 'worse'

export interface SkillMeasure extends Interval {
  readonly auroc: number
  readonly skill: Skill
}

/** @returns undefined where one class is missing */
export function measureSkill({
  auroc,
  positives,
  negatives,
}: Pick<BinaryMetrics, 'auroc' | 'positives' | 'negatives'>): SkillMeasure | undefined {
  if (auroc === null) return undefined
  const { low, high } = aurocInterval(auroc, positives, negatives)
  return { auroc, low, high, skill: low > 0.5 ? 'better' : high < 0.5 ? 'worse' : 'chance' }
}

export interface SplitSkill extends SkillMeasure {
  readonly split: string
}

/**
 * @param metrics of one output
 * @returns measured on the test split or, where it does not hold both classes, on the validation split; the training
 *   split says nothing of what carries over
 */
export function skillOf(
  metrics: readonly (Pick<BinaryMetrics, 'auroc' | 'positives' | 'negatives'> & { readonly split: string })[],
): SplitSkill | undefined {
  for (const split of ['test', 'valid']) {
    const entry = metrics.find((candidate) => candidate.split === split)
    const skill = entry && measureSkill(entry)
    if (skill !== undefined) return { ...skill, split }
  }
  return undefined
}

/** What log, run.json and report say of a model, after its name, that does no better than chance; undefined of one that does. */
export function skillWarning({ auroc, low, high, skill, split }: SplitSkill): string | undefined {
  if (skill === 'better') return undefined
  const measured = `${split} auROC ${auroc.toFixed(3)}, 95 % confidence interval ${low.toFixed(3)} to ${high.toFixed(3)}`
  return skill === 'chance'
    ? `has learnt nothing that shows (${measured}, which includes 0.5): its SIS explain decisions that are no better than chance`
    : `scores negatives above positives (${measured}): its SIS explain decisions that are worse than chance, unless its low scores mean the label`
}
