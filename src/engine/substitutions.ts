/** Scores of sequences with one base replaced, by threads of the engine that knows the network. */
import { loadKernelModule, memoryBase, pageBytes } from '../kernels/kernelModule.ts'
import type { Network } from '../model/network/network.ts'
import { masked } from '../sequence/alphabet.ts'
import { createKernelPool, type KernelPoolOptions } from './kernelPool.ts'
import { planSubstitutions } from './planSubstitutions.ts'

/** What scores the substitutions of sequences under one output of a network. Close it after use. */
export interface SubstitutionScorer {
  /** `scanner`, `dense` or `differences`. */
  readonly name: string
  /** Memory of all its threads. */
  readonly bytes: number
  /**
   * @param codes Uint8Array [L], known or unknown
   * @returns scores with each of A C G T in each place: [L × 4]; with a base that is there already, the sequence's own
   */
  score(codes: Uint8Array): Promise<Float32Array>
  /** Ends its threads. */
  close(): Promise<void>
}

/** @returns why not, where no engine knows the network */
export function openSubstitutionScorer(
  network: Network,
  output: number,
  options: KernelPoolOptions,
): SubstitutionScorer | { readonly refusal: string } {
  const planned = planSubstitutions(network, output)
  if ('refusal' in planned) return planned
  const { name, plan, patches } = planned
  const pool = createKernelPool<Uint8Array, Float32Array>(
    new URL('./substitutionWorker.js', import.meta.url),
    { module: loadKernelModule(plan.kernel), memoryBase, pageBytes, plan, patches },
    options,
  )
  return {
    name,
    bytes: options.threads * plan.bytes,
    score(codes) {
      if (codes.includes(masked)) throw new RangeError('a masked base has no place among substitutions')
      return pool.ask(codes)
    },
    close: () => pool.close(),
  }
}
