/** A kernel in this thread: one instance, asked and answered at once. What selectorWorker.js is for other threads. */
import { loadKernelModule, memoryBase, pageBytes } from '../kernels/kernelModule.ts'
import { webAssembly } from '../kernels/webAssembly.ts'
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
  const { exports } = new webAssembly.Instance(loadKernelModule(plan.kernel))
  const { memory } = exports
  const select = exports['select'] as (base: number) => number
  const missing = memoryBase + plan.bytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
  const { buffer } = memory
  new Uint8Array(buffer).set(plan.image, memoryBase)
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
