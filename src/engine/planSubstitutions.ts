/**
 * Scores of a sequence with one base replaced: all 4 L of them from one state of the network, by the engines' kernels. A
 * kernel scores a sequence with each base masked, and what a masked base becomes is a matter of its tables: four sets of
 * them, one for each base that stands for masked, turn masking into substitution. They share one image, in which little
 * differs.
 */
import type { Network } from '../model/network/network.ts'
import { baseCount } from '../sequence/alphabet.ts'
import type { KernelPlan } from './kernelPlan.ts'
import { planners } from './planners.ts'

interface Patch {
  readonly at: number
  readonly bytes: Uint8Array
}

export interface SubstitutionPlan {
  /** Of the engine. */
  readonly name: string
  readonly plan: KernelPlan
  /** What to write into the image before each of A C G T stands for masked. */
  readonly patches: readonly (readonly Patch[])[] // [4]
}

/** @returns why not, where no engine knows the network */
export function planSubstitutions(
  network: Network,
  output: number,
): SubstitutionPlan | { readonly refusal: string } {
  const refusals: string[] = []
  for (const { name, plan } of planners) {
    const planned = planFour((background) => plan(network, { output, direction: '>=', background }))
    if (!('refusal' in planned)) return { name, ...planned }
    refusals.push(`${name}: ${planned.refusal}`)
  }
  return { refusal: refusals.join('; ') }
}

/** @param planOf a kernel's plan where a masked base becomes these numbers */
function planFour(
  planOf: (background: readonly number[]) => ReturnType<(typeof planners)[number]['plan']>,
): Omit<SubstitutionPlan, 'name'> | { readonly refusal: string } {
  let plan: KernelPlan | undefined
  const patches: Patch[][] = []
  let image = new Uint8Array(0)
  for (let base = 0; base < baseCount; base++) {
    const planned = planOf(Array.from({ length: baseCount }, (_, i) => Number(i === base)))
    if ('refusal' in planned) return planned
    plan ??= planned.plan
    const { image: next } = planned.plan
    if (next.length !== plan.image.length || planned.plan.bytes !== plan.bytes) {
      throw new Error('plans that differ in what a masked base becomes differ in their layout')
    }
    // The first base's image is what the last one's is patched into.
    patches.push(base === 0 ? [] : differencesOf(image, next))
    image = Uint8Array.from(next)
  }
  patches[0] = differencesOf(image, plan!.image)
  return { plan: plan!, patches }
}

/** Equal bytes between two patches that are written all the same: a patch more costs more. */
const bridged = 256

/** What to write into one image to make it another. */
function differencesOf(from: Uint8Array, to: Uint8Array): Patch[] {
  const patches: Patch[] = []
  let start = -1
  let end = -1
  const close = (): void => {
    if (start >= 0) patches.push({ at: start, bytes: to.slice(start, end) })
  }
  for (let at = 0; at < to.length; at++) {
    if (from[at] === to[at]) continue
    if (start < 0 || at - end > bridged) {
      close()
      start = at
    }
    end = at + 1
  }
  close()
  return patches
}
