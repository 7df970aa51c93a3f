/** The explanation methods there are, by the names that users type. */
import { backwardSelection } from './backwardSelection.ts'
import type { ExplanationMethod } from './method.ts'
import { occlusion } from './occlusion.ts'

export const methods = {
  'backward-selection': backwardSelection,
  occlusion,
} as const satisfies Record<string, ExplanationMethod>

export type MethodName = keyof typeof methods
export const methodNames = Object.keys(methods) as MethodName[]
