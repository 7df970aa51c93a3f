/**
 * DeepSHAP (Lundberg and Lee, NeurIPS 2017): DeepLIFT's contributions, the mean over dinucleotide shuffles of the sequence.
 * Hypothetical as well: tangermeme's `deep_lift_shap(…, hypothetical=True)`.
 */
import { buildDeepLiftGraph } from '../model/gradient/deepLiftGraph.ts'
import { contributionsName } from '../model/gradient/contributions.ts'
import { rowsInBatch } from '../predict/onnx/onnxCodesGraph.ts'
import { openReferenceGraph, type ReferenceGraph } from '../predict/onnx/onnxReferenceGraph.ts'
import { graphDevice } from './graphMethod.ts'
import type { ExplanationMethod } from './method.ts'
import { oneByOne } from './oneByOne.ts'
import { againstReferences, shuffledReferences } from './references.ts'

export const deepShap: ExplanationMethod = {
  needs: 'network',
  samples: true,
  summary: 'DeepLIFT, rescale rule, against dinucleotide shuffles of the sequence (Lundberg 2017)',
  async open(context) {
    const { background, threads, seed, output, settings, signal } = context
    const { network, device, form } = graphDevice(context)
    const graph = await openReferenceGraph(
      network,
      buildDeepLiftGraph(network, { form }),
      { name: contributionsName, output },
      { background, threads, device },
    )
    const atOnce = rowsInBatch(network, settings.references)
    return oneByOne(graph, async (sequence) => {
      signal?.throwIfAborted()
      const references = shuffledReferences(sequence, settings.references, seed)
      const numbers = await meanContributions(graph, sequence.codes, references, atOnce)
      return againstReferences(numbers, sequence.codes)
    })
  },
}

/** The mean over all references, so many of them at once. */
async function meanContributions(
  graph: ReferenceGraph,
  codes: Uint8Array,
  references: Uint8Array,
  atOnce: number,
): Promise<Float32Array> {
  const { length } = codes
  const count = references.length / length
  if (count <= atOnce) return graph.run(codes, references)
  let sums: Float64Array | undefined
  for (let from = 0; from < count; from += atOnce) {
    const some = references.subarray(from * length, Math.min(count, from + atOnce) * length)
    const means = await graph.run(codes, some)
    sums ??= new Float64Array(means.length)
    for (const [i, mean] of means.entries()) sums[i]! += (mean * some.length) / length
  }
  return Float32Array.from(sums!, (sum) => sum / count)
}
