/** Where settings depart from the exact method, base by base: what a run says before, in its record and in its report. */
import type { Config } from './configSchema.ts'

/** @returns sentences without an end, for people; none where the method is the exact one */
export function departuresFromExact({
  selection,
  batchFeatures,
  blockSize,
  fill,
}: Config['extract']): string[] {
  const features = `${batchFeatures} ${blockSize === 1 ? 'base' : 'block'}${batchFeatures === 1 ? '' : 's'}`
  return [
    ...(selection === 'batched-gradient'
      ? [
          `approximate: batched-gradient selection (Carter et al. 2021), ${features} a step; each SIS is certified all the same, but may be another, larger one than the exact selection finds`,
        ]
      : []),
    ...(fill === 'mask'
      ? []
      : [
          `completions (${fill}) stand in the place of masks: SIS, certificates and orderings are of the mean score over them, found by the reference selector, since no engine knows it; parts alone, other models and the ends of decisions are scored with masks`,
        ]),
    ...(blockSize > 1
      ? [
          `blocks of ${blockSize} bases are masked together: no block of an SIS can be dropped, though single bases may be`,
        ]
      : []),
  ]
}
