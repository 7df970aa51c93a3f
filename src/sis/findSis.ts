/** FindSIS of the paper (Carter et al. 2019, algorithm 1): reads a sufficient input subset off an ordering. */
import { decisionHolds, type Decision } from './decision.ts'
import type { Ordering } from './types.ts'

/**
 * Walks the ordering backwards, adding features until f(x_S) gives the decision. Dropping any one member loses it
 * again, because backward selection saw no better member to mask: the subset is 1-minimal, not of minimum size. One
 * ordering serves every threshold.
 * @param scoreFull f of the input that the ordering began with
 * @returns feature indexes in the order added (last masked first): Int32Array [|S|], empty where f(all masked) gives
 * the decision already; undefined where scoreFull does not give it
 */
export function findSis(
  ordering: Ordering,
  scoreFull: number,
  decision: Pick<Decision, 'direction' | 'threshold'>,
): Int32Array | undefined {
  if (!decisionHolds(decision, scoreFull)) return undefined
  let keptFrom = ordering.features.length
  // scores[keptFrom - 1] is f(x_S) of S = features[keptFrom..]; with all features kept it is scoreFull.
  while (keptFrom > 0 && !decisionHolds(decision, ordering.scores[keptFrom - 1]!)) keptFrom--
  return ordering.features.slice(keptFrom).reverse()
}
