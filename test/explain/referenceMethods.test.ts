/** DeepLIFT, DeepSHAP and integrated gradients add up to what a sequence's number has more than its references'. */
import { describe, expect, it } from 'vitest'
import { methods, type MethodName } from '../../src/explain/methods.ts'
import { activationFunctions, type Network } from '../../src/model/network/network.ts'
import { masked, unknown } from '../../src/sequence/alphabet.ts'
import { randomCodes, randomNetwork } from '../model/randomNetworks.ts'
import { trialLength, trialNames, trialNetwork } from '../predict/tfjsNetworks.ts'
import { named, withMethod, type TestOptions } from './methodContext.ts'

/** No masked bases, which no sequence has; unknown ones among them. */
function sequences(length: number, count = 4) {
  return named(
    Array.from({ length: count }, (_, i) =>
      randomCodes(length, i).map((code) => (code === masked ? 0 : code)),
    ),
  )
}

async function expectComplete(name: MethodName, network: Network, options: TestOptions = {}) {
  expect(methods[name].needs).toBe('network')
  const settings = { references: 3, ...options.settings }
  await withMethod(name, network, { ...options, settings }, async (explain, number) => {
    const given = sequences(network.inputLength)
    expect(given.some(({ codes }) => codes.includes(unknown))).toBe(true)
    const found = await explain(given)
    const { inputLength: length } = network
    const background = new Uint8Array(length).fill(masked)
    for (const [i, { codes }] of given.entries()) {
      const { importance, incompleteness } = found[i]!
      const [own, none] = await number.predict(Uint8Array.of(...codes, ...background), 2)
      const sum = importance.reduce((all, value) => all + value, 0)
      // In float32 a difference is no more exact than the numbers it is of.
      const scale = Math.max(Math.abs(own! - none!), 0.05 * (Math.abs(own!) + Math.abs(none!)))
      if (name !== 'deep-shap') expect(Math.abs(sum - (own! - none!)) / scale).toBeLessThan(1e-4)
      expect(incompleteness! * Math.min(1, Math.abs(sum) / scale)).toBeLessThan(1e-4)
    }
  })
}

describe.each(['deeplift', 'deep-shap'] as const)('%s is complete', (name) => {
  it.each(trialNames)('%s', (trial) => expectComplete(name, trialNetwork(trial), { output: 1 }))

  it.each(activationFunctions)('%s along the sequence', (activation) =>
    expectComplete(
      name,
      randomNetwork(
        [
          { kind: 'conv1d', filters: 6, kernelSize: 5, padding: 'same', dilation: 1 },
          { kind: 'activation', function: activation },
          { kind: 'conv1d', filters: 6, kernelSize: 3, padding: 'same', dilation: 1 },
          { kind: 'globalAveragePool' },
          { kind: 'dense', units: 2 },
        ],
        trialLength,
        4,
      ),
    ),
  )

  it.each(['maximum', 'mean', 'mean-of-logits'] as const)(
    'both strands, joined by %s',
    async (strandJoin) => {
      const { inputLength, layers } = trialNetwork('batch norm along the sequence')
      await expectComplete(name, { ...randomNetwork(layers, inputLength, 3, 'both'), strandJoin })
    },
  )

  it.each([undefined, 'maximum', 'mean', 'mean-of-logits'] as const)(
    'a softmax of three, strands %s',
    async (strandJoin) => {
      const trial = trialNetwork('dense on flattened input', ['a', 'b', 'c'])
      const layers = [...trial.layers.slice(0, -1), { kind: 'activation', function: 'softmax' } as const]
      const strands = strandJoin === undefined ? 'forward' : 'both'
      await expectComplete(name, { ...trial, layers, strands, ...(strandJoin && { strandJoin }) })
    },
  )
})

describe('integrated gradients from the background', () => {
  it.each(trialNames)('are complete: %s', (trial) =>
    expectComplete('integrated-gradients', trialNetwork(trial), { output: 1 }),
  )

  it.each(['maximum', 'mean', 'mean-of-logits'] as const)(
    'both strands, joined by %s',
    async (strandJoin) => {
      const { inputLength, layers } = trialNetwork('batch norm along the sequence')
      const network = { ...randomNetwork(layers, inputLength, 3, 'both'), strandJoin }
      await expectComplete('integrated-gradients', network)
    },
  )
})
