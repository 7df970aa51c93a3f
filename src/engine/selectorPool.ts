/** Threads that order the features of inputs. */
import { loadKernelModule, memoryBase, pageBytes } from '../kernels/kernelModule.ts'
import type { Ordering } from '../sis/types.ts'
import type { KernelPlan } from './kernelPlan.ts'
import { createKernelPool, type KernelPoolOptions } from './kernelPool.ts'

export interface SelectorPool {
  /**
   * @param codes Uint8Array [L]
   * @param present Uint8Array [L], 1 where the base may be masked; the others are masked already
   */
  select(codes: Uint8Array, present: Uint8Array): Promise<Ordering>
  /** Ends the threads, whatever they are at; orderings not yet found are rejected. */
  close(): Promise<void>
}

interface Question {
  readonly codes: Uint8Array
  readonly present: Uint8Array
}

export function createSelectorPool(plan: KernelPlan, options: KernelPoolOptions): SelectorPool {
  const pool = createKernelPool<Question, Ordering>(
    new URL('./selectorWorker.js', import.meta.url),
    { module: loadKernelModule(plan.kernel), memoryBase, pageBytes, plan },
    options,
  )
  return {
    select: (codes, present) => pool.ask({ codes, present }),
    close: () => pool.close(),
  }
}
