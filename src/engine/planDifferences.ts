/** Which networks difference propagation explains. */
import type { Network } from '../model/network.ts'
import type { Planned, PlanOptions } from './kernelPlan.ts'

export function planDifferences(_network: Network, _options: PlanOptions): Planned {
  return { refusal: 'not built yet' }
}
