/** The explanation methods there are, by the names that users type. */
import type { ExplanationMethod } from './method.ts'
import { mutagenesis } from './mutagenesis.ts'
import { occlusion } from './occlusion.ts'

export const methods = {
  mutagenesis,
  occlusion,
} as const satisfies Record<string, ExplanationMethod>

export type MethodName = keyof typeof methods
export const methodNames = Object.keys(methods) as MethodName[]
