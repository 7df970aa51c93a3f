/** The engines that know networks, in the order in which they are asked. */
import type { Network } from '../model/network/network.ts'
import type { Planned, PlanOptions } from './kernelPlan.ts'
import { planDense } from './planDense.ts'
import { planDifferences } from './planDifferences.ts'
import { planScanner } from './planScanner.ts'

export const planners: readonly {
  readonly name: string
  readonly plan: (network: Network, options: PlanOptions) => Planned
}[] = [
  { name: 'scanner', plan: planScanner },
  { name: 'dense', plan: planDense },
  { name: 'differences', plan: planDifferences },
]
