/** Gradients are PyTorch's, which computes them in float64. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { activationFunctions, type Network } from '../../src/model/network/network.ts'
import { createOnnxGradientPredictor } from '../../src/predict/onnx/onnxGradients.ts'
import { oneHot } from '../../src/sequence/encoding.ts'
import { randomNetwork } from '../model/randomNetworks.ts'
import { trialLength, trialNames, trialNetwork } from '../predict/tfjsNetworks.ts'
import { describeAgainst } from './python.ts'
import { numbersOf, numbersText, TorchPeer } from './torchNetwork.ts'

const background = [0.4, 0.1, 0.2, 0.3]
const rows = 5

async function expectAgreement(
  torch: TorchPeer,
  network: Network,
  { logits = true, odds = false } = {},
): Promise<void> {
  const random = new Random(3, 'codes')
  const { inputLength: length } = network
  const codes = Uint8Array.from({ length: rows * length }, () => random.below(6))
  const x = numbersText(oneHot(codes, length, 'NCW', background))
  await torch.use(network, logits)
  const ours = await createOnnxGradientPredictor(network, { background })
  for (const output of network.outputs.keys()) {
    const request = { command: 'gradient', type: 'float64', x, length, background, output, odds }
    const { gradients } = (await torch.ask(request)) as { gradients: string }
    const expected = numbersOf(gradients)
    const found = await ours.gradients(codes, rows, output)
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    expect(found.length).toBe(rows * length)
    expect(scale).toBeGreaterThan(0)
    const largest = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0)
    expect(largest / scale).toBeLessThan(1e-4)
  }
  await ours.close()
}

describeAgainst('torch', "PyTorch's gradients of", () => {
  let torch: TorchPeer
  beforeAll(async () => {
    torch = await TorchPeer.start(1)
  }, 60_000)
  afterAll(() => torch.end())

  it.each(trialNames)('%s', (name) => expectAgreement(torch, trialNetwork(name)))

  it.each(activationFunctions)('%s along the sequence', (name) =>
    expectAgreement(
      torch,
      randomNetwork(
        [
          { kind: 'conv1d', filters: 6, kernelSize: 5, padding: 'same', dilation: 1 },
          { kind: 'activation', function: name },
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
      const network = randomNetwork(layers, inputLength, 3, 'both')
      await expectAgreement(torch, { ...network, strandJoin }, { logits: strandJoin !== 'mean' })
    },
  )

  it.each([undefined, 'maximum', 'mean-of-logits'] as const)('a softmax, strands %s', async (strandJoin) => {
    const trial = trialNetwork('dense on flattened input', ['a', 'b', 'c'])
    const layers = [...trial.layers.slice(0, -1), { kind: 'activation', function: 'softmax' } as const]
    const strands = strandJoin === undefined ? 'forward' : 'both'
    await expectAgreement(
      torch,
      { ...trial, layers, strands, ...(strandJoin && { strandJoin }) },
      { odds: true },
    )
  })
})
