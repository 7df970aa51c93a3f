/** A kernel that scores the substitutions of one sequence after another. Plain JavaScript, as the threads are. */
import { startThreadKernel } from './threadKernel.js'

/**
 * @param {{ module: object, memoryBase: number, pageBytes: number, plan: import('./kernelPlan.ts').KernelPlan, patches: import('./planSubstitutions.ts').SubstitutionPlan['patches'] }} data
 * @returns {(sequence: Uint8Array) => Float32Array} codes [L] to scores [L × replacements]
 */
export function createSubstitutionKernel(data) {
  const { memoryBase, plan, patches } = data
  const { exports, buffer, codes, present } = startThreadKernel(data)
  const memory = new Uint8Array(buffer)
  const scores = new Float32Array(buffer, memoryBase + plan.scores, plan.length)
  return (sequence) => {
    const answer = new Float32Array(plan.length * patches.length)
    for (const [replacement, changes] of patches.entries()) {
      for (const { at, bytes } of changes) memory.set(bytes, memoryBase + at)
      codes.set(sequence)
      present.fill(1)
      exports.scoreEach(memoryBase)
      for (let at = 0; at < plan.length; at++) answer[at * patches.length + replacement] = scores[at]
    }
    return answer
  }
}
