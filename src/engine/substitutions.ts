/** Scores of sequences with one base replaced, by threads of the engine that knows the network. */
import { loadKernelModule, memoryBase, pageBytes } from '../kernels/kernelModule.ts'
import type { Network } from '../model/network/network.ts'
import { baseCount, masked } from '../sequence/alphabet.ts'
import { createKernelPool, type KernelPoolOptions } from './kernelPool.ts'
import { planSubstitutions } from './planSubstitutions.ts'

/** What scores the substitutions of sequences under one output of a network. Close it after use. */
export interface SubstitutionScorer {
  /** `scanner`, `dense` or `differences`. */
  readonly name: string
  /** Sequences that keep its threads busy. */
  readonly batchSize: number
  /** Memory of all its threads. */
  readonly bytes: number
  /**
   * @param codes Uint8Array [L], known or unknown: none of them masked
   * @returns scores with each replacement in each place: [L × replacements]
   */
  score(codes: Uint8Array): Promise<Float32Array>
  /** Ends its threads. */
  close(): Promise<void>
}

/** What it takes to hand them over is then little. */
const sequencesAThread = 32

/** Each of A, C, G, T. */
export const eachBase: readonly (readonly number[])[] = Array.from({ length: baseCount }, (_, base) =>
  Array.from({ length: baseCount }, (_, i) => Number(i === base)),
)

/**
 * @param replacements numbers for A, C, G, T that a base becomes: [replacements, 4]
 * @returns why not, where no engine knows the network
 */
export function openSubstitutionScorer(
  network: Network,
  output: number,
  replacements: readonly (readonly number[])[],
  options: KernelPoolOptions,
): SubstitutionScorer | { readonly refusal: string } {
  const planned = planSubstitutions(network, output, replacements)
  if ('refusal' in planned) return planned
  const { name, plan, patches } = planned
  const pool = createKernelPool<Uint8Array, Float32Array>(
    new URL('./substitutionWorker.js', import.meta.url),
    { module: loadKernelModule(plan.kernel), memoryBase, pageBytes, plan, patches },
    options,
  )
  return {
    name,
    batchSize: sequencesAThread * options.threads,
    bytes: options.threads * plan.bytes,
    score(codes) {
      if (codes.includes(masked)) throw new RangeError('a masked base has no place among substitutions')
      return pool.ask(codes)
    },
    close: () => pool.close(),
  }
}
