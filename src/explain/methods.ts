/** The explanation methods there are, by the names that users type. */
import { cam, gradCam } from './activationMap.ts'
import { backwardSelection } from './backwardSelection.ts'
import { deconvolution } from './deconvolution.ts'
import { deepLift } from './deepLift.ts'
import { deepShap } from './deepShap.ts'
import { gradientTimesInput } from './gradientTimesInput.ts'
import { guidedBackpropagation } from './guidedBackpropagation.ts'
import { integratedGradients } from './integratedGradients.ts'
import { lime } from './lime.ts'
import { maximumEntropy } from './maximumEntropy.ts'
import type { ExplanationMethod } from './method.ts'
import { mutagenesis } from './mutagenesis.ts'
import { occlusion } from './occlusion.ts'
import { saliency } from './saliency.ts'
import { shapleyExact } from './shapleyExact.ts'
import { shapleyKernel } from './shapleyKernel.ts'
import { shapleyPermutation } from './shapleyPermutation.ts'

export const methods = {
  'backward-selection': backwardSelection,
  mutagenesis,
  occlusion,
  saliency,
  'gradient-x-input': gradientTimesInput,
  deconvolution,
  'guided-backpropagation': guidedBackpropagation,
  cam,
  'grad-cam': gradCam,
  'integrated-gradients': integratedGradients,
  deeplift: deepLift,
  'deep-shap': deepShap,
  lime,
  'shapley-permutation': shapleyPermutation,
  'shapley-kernel': shapleyKernel,
  'shapley-exact': shapleyExact,
  'maximum-entropy': maximumEntropy,
} as const satisfies Record<string, ExplanationMethod>

export type MethodName = keyof typeof methods
export const methodNames = Object.keys(methods) as MethodName[]
