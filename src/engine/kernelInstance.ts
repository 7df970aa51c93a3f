/** A kernel in this thread: one instance, asked and answered at once. What selectorWorker.js is for other threads. */
import { memoryBase, startKernel } from '../kernels/kernelModule.ts'
import type { Ordering } from '../sis/types.ts'
import type { KernelPlan } from './kernelPlan.ts'

export interface KernelInstance {
  /**
   * @param codes Uint8Array [L]
   * @param present Uint8Array [L], 1 where the base may be masked; the others are masked already
   */
  select(codes: Uint8Array, present: Uint8Array): Ordering
}

export function createKernelInstance(plan: KernelPlan): KernelInstance {
  const exports = startKernel(plan.kernel, plan.image, plan.bytes)
  const select = exports['select'] as (base: number) => number
  const { buffer } = exports.memory
  const inputs = {
    codes: new Uint8Array(buffer, memoryBase + plan.codes, plan.length),
    present: new Uint8Array(buffer, memoryBase + plan.present, plan.length),
  }
  return {
    select(codes, present) {
      inputs.codes.set(codes)
      inputs.present.set(present)
      const count = select(memoryBase)
      return {
        features: new Int32Array(buffer, memoryBase + plan.features, count).slice(),
        scores: new Float32Array(buffer, memoryBase + plan.scores, count).slice(),
      }
    },
  }
}
