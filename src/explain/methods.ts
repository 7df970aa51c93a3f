/** The explanation methods there are, by the names that users type. */
import { backwardSelection } from './backwardSelection.ts'
import { deconvolution } from './deconvolution.ts'
import { deepLift } from './deepLift.ts'
import { deepShap } from './deepShap.ts'
import { gradientTimesInput } from './gradientTimesInput.ts'
import { guidedBackpropagation } from './guidedBackpropagation.ts'
import { integratedGradients } from './integratedGradients.ts'
import type { ExplanationMethod } from './method.ts'
import { occlusion } from './occlusion.ts'
import { saliency } from './saliency.ts'

export const methods = {
  'backward-selection': backwardSelection,
  occlusion,
  saliency,
  'gradient-x-input': gradientTimesInput,
  deconvolution,
  'guided-backpropagation': guidedBackpropagation,
  'integrated-gradients': integratedGradients,
  deeplift: deepLift,
  'deep-shap': deepShap,
} as const satisfies Record<string, ExplanationMethod>

export type MethodName = keyof typeof methods
export const methodNames = Object.keys(methods) as MethodName[]
