/**
 * DeepLIFT (rescale rule; Shrikumar, Greenside and Kundaje, ICML 2017) against the background, which is every base masked.
 * Contributions are hypothetical: what each base would be worth in each place.
 */
import { buildDeepLiftGraph } from '../model/gradient/deepLiftGraph.ts'
import { contributionsCount, contributionsName } from '../model/gradient/contributions.ts'
import { oneHot } from '../sequence/encoding.ts'
import { graphDevice, openGraphMethod } from './graphMethod.ts'
import type { ExplanationMethod } from './method.ts'
import { againstReferences, backgroundReference } from './references.ts'

export const deepLift: ExplanationMethod = {
  needs: 'network',
  samples: false,
  summary: 'DeepLIFT, rescale rule, against the background (Shrikumar 2017)',
  open(context) {
    const on = graphDevice(context)
    const { inputLength: length } = on.network
    const reference = oneHot(backgroundReference(length), length, 'NCW', context.background)
    const graph = buildDeepLiftGraph(on.network, { reference, form: on.form })
    const output = { name: contributionsName, count: contributionsCount(length) }
    return openGraphMethod(context, on, graph, output, againstReferences)
  },
}
