/**
 * Scores far below 1, where float32 exponentials of runtimes lose their digits: engines order them as float64 does, and as
 * the predictor does that certifies.
 */
import { describe, expect, it } from 'vitest'
import { createKernelInstance } from '../../src/engine/kernelInstance.ts'
import type { PlanOptions } from '../../src/engine/kernelPlan.ts'
import { planDense } from '../../src/engine/planDense.ts'
import { planDifferences } from '../../src/engine/planDifferences.ts'
import { planScanner } from '../../src/engine/planScanner.ts'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import { strandChoices, type Layer, type Network, type Strands } from '../../src/model/network/network.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { randomCodes, randomNetwork } from '../model/randomNetworks.ts'
import { expectSameOrdering, referenceScorer, tieTolerance, type Scorer } from './orderings.ts'

const length = 24
const relu: LayerSpec = { kind: 'activation', function: 'relu' }
const conv = (filters: number): LayerSpec => ({
  kind: 'conv1d',
  filters,
  kernelSize: 5,
  padding: 'same',
  dilation: 1,
})
const engines = [
  { name: 'scanner', plan: planScanner, layers: [conv(8), relu, { kind: 'globalMaxPool' }] },
  { name: 'dense', plan: planDense, layers: [{ kind: 'flatten' }, { kind: 'dense', units: 9 }, relu] },
  {
    name: 'differences',
    plan: planDifferences,
    layers: [conv(6), relu, conv(5), relu, { kind: 'globalAveragePool' }],
  },
] satisfies { name: string; plan: typeof planScanner; layers: LayerSpec[] }[]

/** The first output lies far below the others, whatever the sequence. */
function lowNetwork(
  layers: readonly LayerSpec[],
  last: (Layer & { kind: 'activation' })['function'],
  bias: number,
  strands: Strands,
): Network {
  const ends: LayerSpec[] = [
    { kind: 'dense', units: 2 },
    { kind: 'activation', function: last },
  ]
  const network = randomNetwork([...layers, ...ends], length, 5, strands)
  return {
    ...network,
    layers: network.layers.map((layer, i) =>
      i === layers.length && layer.kind === 'dense' ? { ...layer, bias: Float32Array.of(bias, 0) } : layer,
    ),
  }
}

describe.each(engines)('the $name engine', ({ plan, layers }) => {
  it.each([
    ['sigmoid', -8],
    ['sigmoid', -16],
    ['sigmoid', -40],
    ['softmax', -16],
    ['exp', -30],
    ['elu', -3],
  ] as const)('orders scores of a %s around %d', async (last, bias) => {
    for (const strands of strandChoices) {
      const network = lowNetwork(layers, last, bias, strands)
      const predictor = await createOnnxPredictor(network, { threads: 1 })
      for (const direction of ['>=', '<='] as const) {
        const options: PlanOptions = { output: 0, direction, background: [0.25, 0.25, 0.25, 0.25] }
        const planned = plan(network, options)
        if ('refusal' in planned) throw new Error(planned.refusal)
        const codes = randomCodes(length, 3)
        const present = Uint8Array.from(codes, (code) => (code < 4 ? 1 : 0))
        const ordering = createKernelInstance(planned.plan).select(codes, present)
        if (bias < -10) expect(Math.max(...ordering.scores)).toBeLessThan(1e-5)
        // Float32 sums that lead to a number of that size are off by a few of its last places, and e^z relatively so.
        const tolerance = tieTolerance + 4 * 2 ** -24 * Math.abs(bias)
        const first: Scorer = async (rows, n) =>
          (await predictor.predict(rows, n)).filter((_, i) => i % 2 === 0)
        const exact = referenceScorer(network, options)
        for (const scorer of [exact, first]) {
          await expectSameOrdering(network, codes, present, options, ordering, scorer, tolerance)
        }
      }
      await predictor.close()
    }
  })
})
