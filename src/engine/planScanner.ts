/** Which networks are scanners: one convolution, a rectifier, a global pool, dense layers. */
import type { Network } from '../model/network.ts'
import type { Planned, PlanOptions } from './kernelPlan.ts'

export function planScanner(_network: Network, _options: PlanOptions): Planned {
  return { refusal: 'not built yet' }
}
