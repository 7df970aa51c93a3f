/**
 * Attributions are Captum's (saliency, deconvolution, guided backpropagation, integrated gradients, DeepLIFT) and tangermeme's
 * (DeepSHAP with the same references) of the same networks as PyTorch modules in float64.
 *
 * Where they differ by definition they are not compared:
 * - Captum 0.9.0 takes ReLU, ELU, LeakyReLU, sigmoid, tanh, softplus, softmax and maximum pools by the rescale rule; of GELU, SiLU and
 *   whatever else it hands the gradient back, so that contributions do not add up. Ours and tangermeme's do.
 * - Captum's rule of overlapping maximum pools keeps one share of a place that is the maximum of several windows
 *   (`max_unpool1d` assigns). Ours and tangermeme's adds them.
 * - Captum's rules do not add up where one function reads the very tensor that another gives, or that two read
 *   (findings/captum-deeplift-neighbours.sh): the peer's modules are kept apart by × 1.
 * - A softmax that is not the last layer: Captum's subtracts a mean over the whole batch, which does not add up; tangermeme's shares
 *   the product of exponential and inverse sum out by logarithms, ours by means. Both add up.
 * - The maximum of both strands: both peers want a module for each function, and have none for it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shuffledReferences } from '../../src/explain/references.ts'
import type { MethodName } from '../../src/explain/methods.ts'
import type { Network } from '../../src/model/network/network.ts'
import { masked } from '../../src/sequence/alphabet.ts'
import { oneHot } from '../../src/sequence/encoding.ts'
import { largest, named, testBackground, withMethod } from '../explain/methodContext.ts'
import { randomCodes, randomNetwork } from '../model/randomNetworks.ts'
import { trialLength, trialNames, trialNetwork } from '../predict/tfjsNetworks.ts'
import { describeAgainst } from './python.ts'
import { numbersOf, numbersText, TorchPeer } from './torchNetwork.ts'

const seed = 7
const references = 4
const rows = 3
const output = 1

/** A trained network has more of everything: two blocks with pools, a residual layer, dense layers, rectifiers throughout. */
const deep = randomNetwork(
  [
    { kind: 'conv1d', filters: 8, kernelSize: 7, padding: 'same', dilation: 1 },
    { kind: 'batchNorm', epsilon: 0.001 },
    { kind: 'activation', function: 'relu' },
    { kind: 'maxPool1d', size: 2, stride: 2, padding: 'valid' },
    {
      kind: 'residual',
      layers: [
        { kind: 'conv1d', filters: 8, kernelSize: 3, padding: 'same', dilation: 2 },
        { kind: 'activation', function: 'relu' },
      ],
    },
    { kind: 'maxPool1d', size: 3, stride: 3, padding: 'valid' },
    { kind: 'flatten' },
    { kind: 'dense', units: 10 },
    { kind: 'activation', function: 'relu' },
    { kind: 'dense', units: 2 },
    { kind: 'activation', function: 'sigmoid' },
  ],
  60,
  5,
)

const networkOf = (name: string): Network => (name === 'deep' ? deep : trialNetwork(name))

/** Padded maximum pools would hold −∞ against −∞ in PyTorch. */
const comparable = trialNames.filter((name) => {
  const text = JSON.stringify(
    networkOf(name).layers.map(({ kind, ...layer }) => ({ kind, ...layer, kernel: 0 })),
  )
  const foreign = ['both strands', 'split channels', 'exp', 'softmax', 'overlapping']
  const pads = /Pool1d"[^}]*"padding":(?!"valid")/.test(text)
  return !pads && !foreign.some((part) => name.includes(part)) && !text.includes('splitChannels')
})
const ofCaptum = comparable.filter((name) => !name.includes('gelu') && name !== 'residual of units')

describeAgainst('captum', 'attributions by Captum and tangermeme', () => {
  let torch: TorchPeer
  beforeAll(async () => {
    torch = await TorchPeer.start(1, 'torchAttributions.py')
    expect(torch.version).toContain('captum 0.9.0, tangermeme 1.6.0')
  }, 120_000)
  afterAll(() => torch.end())

  function sequencesFor({ inputLength }: Network) {
    return named(Array.from({ length: rows }, (_, i) => randomCodes(inputLength, i).map((code) => code % 4)))
  }

  /** @returns [rows, L, 4] of the peer's [rows, 4, L] */
  async function theirs(network: Network, method: MethodName, own: Uint8Array, more: object = {}) {
    const { inputLength: length } = network
    await torch.use(network, true)
    const sequences = sequencesFor(network).flatMap(({ codes }) => [...codes])
    const bases = (codes: Uint8Array) => numbersText(oneHot(codes, length, 'NCW', testBackground))
    const { attributions } = (await torch.ask({
      command: 'attributions',
      method,
      type: 'float64',
      x: bases(Uint8Array.from(sequences)),
      references: bases(own),
      length,
      output,
      batch: 64,
      ...more,
    })) as { attributions: string }
    const found = numbersOf(attributions)
    return Float32Array.from(found, (_, at) => {
      const [row, rest] = [Math.floor(at / (4 * length)), at % (4 * length)]
      return found[row * 4 * length + (rest % 4) * length + Math.floor(rest / 4)]!
    })
  }

  async function ours(network: Network, method: MethodName, steps = 50) {
    const given = sequencesFor(network)
    const settings = { references, steps }
    return withMethod(method, network, { output, settings, seed }, (explain) => explain(given))
  }

  function expectSame(found: Float32Array, expected: Float32Array, most = 1e-4) {
    const scale = largest(expected)
    expect(found.length).toBe(expected.length)
    expect(scale).toBeGreaterThan(0)
    expect(largest(found.map((value, i) => value - expected[i]!)) / scale).toBeLessThan(most)
  }

  const contributionsOf = (found: Awaited<ReturnType<typeof ours>>) =>
    Float32Array.from(found.flatMap(({ contributions }) => [...contributions!]))

  describe.each(['deep', ...comparable])('%s', (name) => {
    const network = networkOf(name)
    const background = new Uint8Array(network.inputLength).fill(masked)

    it('saliency: of its sizes the largest; less their mean', async () => {
      const gradient = await theirs(network, 'saliency', background)
      const found = await ours(network, 'saliency')
      const sizes = Float32Array.from({ length: gradient.length / 4 }, (_, i) =>
        largest(gradient.subarray(4 * i, 4 * i + 4)),
      )
      expectSame(Float32Array.from(found.flatMap(({ importance }) => [...importance])), sizes)
      const mean = (at: number) => {
        const from = at - (at % 4)
        return gradient.subarray(from, from + 4).reduce((sum, value) => sum + value) / 4
      }
      expectSame(
        contributionsOf(found),
        gradient.map((value, at) => value - mean(at)),
      )
    })

    it.each(['guided-backpropagation', 'deconvolution'] as const)('%s', async (method) => {
      expectSame(contributionsOf(await ours(network, method)), await theirs(network, method, background))
    })

    it('deep-shap', async () => {
      const own = sequencesFor(network).flatMap((one) => [...shuffledReferences(one, references, seed)])
      const expected = await theirs(network, 'deep-shap', Uint8Array.from(own))
      expectSame(contributionsOf(await ours(network, 'deep-shap')), expected)
    })

    it.runIf(name === 'deep' || ofCaptum.includes(name))('deeplift', async () => {
      expectSame(
        contributionsOf(await ours(network, 'deeplift')),
        await theirs(network, 'deeplift', background),
      )
    })

    it('integrated gradients, where both have converged', async () => {
      const found = await ours(network, 'integrated-gradients', 400)
      // Captum's are (x − baseline) × the mean gradient: a position's add up to its importance.
      // Where a maximum changes hands it errs by as much as a step is long.
      const steps = { steps: name.includes('max') ? 24_000 : 4000, quadrature: 'riemann_middle', batch: 4000 }
      const expected = await theirs(network, 'integrated-gradients', background, steps)
      const sums = Float32Array.from({ length: expected.length / 4 }, (_, i) =>
        expected.subarray(4 * i, 4 * i + 4).reduce((sum, value) => sum + value),
      )
      expectSame(Float32Array.from(found.flatMap(({ importance }) => [...importance])), sums)
    })
  })

  it('compares what there is', () => {
    expect(comparable.length).toBeGreaterThan(18)
    expect(ofCaptum.length).toBeGreaterThan(15)
    expect(trialLength).toBeGreaterThan(references)
  })
})
