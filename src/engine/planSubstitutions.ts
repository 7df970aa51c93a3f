/**
 * Scores of a sequence with one base replaced, in every place, from one state of the network, by the engines' kernels. A
 * kernel scores a sequence with each base masked, and what a masked base becomes is a matter of its tables: four sets of
 * them, one for each base that stands for masked, turn masking into substitution. They share one image, in which little
 * differs.
 */
import type { Network } from '../model/network/network.ts'
import type { KernelPlan, Planned } from './kernelPlan.ts'
import { planners } from './planners.ts'

interface Patch {
  readonly at: number
  readonly bytes: Uint8Array
}

export interface SubstitutionPlan {
  /** Of the engine. */
  readonly name: string
  readonly plan: KernelPlan
  /** What to write into the image before a base becomes each of the replacements. */
  readonly patches: readonly (readonly Patch[])[]
}

/**
 * @param replacements numbers for A, C, G, T that a base becomes: [replacements, 4]
 * @returns why not, where no engine knows the network
 */
export function planSubstitutions(
  network: Network,
  output: number,
  replacements: readonly (readonly number[])[],
): SubstitutionPlan | { readonly refusal: string } {
  const refusals: string[] = []
  for (const { name, plan } of planners) {
    const planned = planAll(
      replacements.map((background) => () => plan(network, { output, direction: '>=', background })),
    )
    if (!('refusal' in planned)) return { name, ...planned }
    refusals.push(`${name}: ${planned.refusal}`)
  }
  return { refusal: refusals.join('; ') }
}

/** @param makers of the plans that the replacements need */
function planAll(
  makers: readonly (() => Planned)[],
): Omit<SubstitutionPlan, 'name'> | { readonly refusal: string } {
  const plans: KernelPlan[] = []
  for (const make of makers) {
    const planned = make()
    if ('refusal' in planned) return planned
    plans.push(planned.plan)
  }
  const plan = plans[0]!
  // What the memory holds is the last one's image, when a sequence begins with the first.
  const patches = plans.map((next, i) => {
    const before = plans.at(i - 1)!
    if (next.image.length !== before.image.length || next.bytes !== before.bytes) {
      throw new Error('plans that differ in what a masked base becomes differ in their layout')
    }
    return differencesOf(before.image, next.image)
  })
  return { plan, patches }
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
