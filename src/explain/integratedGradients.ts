/**
 * Integrated gradients (Sundararajan, Taly and Yan, ICML 2017): the mean gradient on the straight way from a baseline, times
 * the way. Contributions are hypothetical: the way to each base in each place.
 */
import { buildIntegratedGraph, wayInputs } from '../model/gradient/integratedGraph.ts'
import { contributionsName } from '../model/gradient/contributions.ts'
import { rowsInBatch } from '../predict/onnx/onnxCodesGraph.ts'
import { openReferenceGraph, type ReferenceGraph } from '../predict/onnx/onnxReferenceGraph.ts'
import { graphDevice } from './graphMethod.ts'
import type { ExplanationMethod } from './method.ts'
import { oneByOne } from './oneByOne.ts'
import { againstReferences, backgroundReference, shuffledReferences } from './references.ts'

export const integratedGradients: ExplanationMethod = {
  needs: 'network',
  samples: true,
  summary: 'mean gradient on the way from a baseline, times the way (Sundararajan 2017)',
  async open(context) {
    const { background, threads, seed, output, settings, signal } = context
    const { network, device, form } = graphDevice(context)
    const { steps, baseline, references: count } = settings
    const graph = await openReferenceGraph(
      network,
      buildIntegratedGraph(network, form),
      { name: contributionsName, output },
      { background, threads, device },
    )
    const ways = waysOf(steps, rowsInBatch(network, steps + 1))
    const { inputLength: length } = network
    return oneByOne(graph, async (sequence) => {
      const references =
        baseline === 'background' ? backgroundReference(length) : shuffledReferences(sequence, count, seed)
      const rows = references.length / length
      const sums = new Float64Array(5 * length + 1)
      for (let row = 0; row < rows; row++) {
        signal?.throwIfAborted()
        const reference = references.subarray(row * length, (row + 1) * length)
        await addAlong(graph, ways, sequence.codes, reference, sums)
      }
      const means = Float32Array.from(sums, (sum) => sum / rows)
      return againstReferences(means, sequence.codes)
    })
  },
}

type Way = Readonly<Record<string, Float32Array>>

/** Points a step apart, so many at once; the last of some is the first of those that follow. */
function waysOf(steps: number, atOnce: number): readonly Way[] {
  const stepsAtOnce = Math.max(1, atOnce - 1)
  const ways: Way[] = []
  for (let from = 0; from < steps; from += stepsAtOnce) {
    const length = Math.min(stepsAtOnce, steps - from) + 1
    ways.push({
      [wayInputs.points]: Float32Array.from({ length }, (_, i) => (from + i) / steps),
      [wayInputs.shares]: Float32Array.from({ length }, (_, i) => (i === 0 ? 0 : 1 / steps)),
      [wayInputs.ends]: Float32Array.from(
        { length },
        (_, i) => Number(from + i === steps) - Number(from + i === 0),
      ),
    })
  }
  return ways
}

async function addAlong(
  graph: ReferenceGraph,
  ways: readonly Way[],
  codes: Uint8Array,
  reference: Uint8Array,
  sums: Float64Array,
): Promise<void> {
  for (const way of ways) {
    const found = await graph.run(codes, reference, way)
    for (const [i, value] of found.entries()) sums[i]! += value
  }
}
