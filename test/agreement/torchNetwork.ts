/**
 * Networks of ours in PyTorch, in a process that answers requests about them: gradients and training (torchNetwork.py), or
 * attributions (torchAttributions.py).
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { splitLastActivation } from '../../src/model/network/lastActivation.ts'
import { mapWeights } from '../../src/model/network/mapWeights.ts'
import type { Layer, Network } from '../../src/model/network/network.ts'
import { outputShape, paddingOf, type Shape } from '../../src/model/network/shapes.ts'
import { python } from './python.ts'

export class TorchPeer {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  #stderr = ''
  readonly version: string

  private constructor(child: ChildProcessWithoutNullStreams, lines: AsyncIterator<string>, version: string) {
    this.#child = child
    this.#lines = lines
    this.version = version
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
  }

  static async start(
    threads: number,
    program: 'torchNetwork.py' | 'torchAttributions.py' = 'torchNetwork.py',
  ): Promise<TorchPeer> {
    const child = spawn(python, [join(import.meta.dirname, program), String(threads)])
    child.stdin.on('error', () => undefined) // its end shows in its output
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
    const first = (await lines.next()) as { value?: string }
    if (first.value === undefined) {
      const errors: string[] = []
      for await (const text of child.stderr) errors.push(String(text))
      throw new Error(`PyTorch does not start: ${errors.join('')}`)
    }
    const { version } = JSON.parse(first.value) as { version: string }
    return new TorchPeer(child, lines, version)
  }

  /**
   * @param logits whether it ends before its last activation: gradients are then those of the number in front of it
   * @param more what else the program wants to know
   */
  async use(network: Network, logits: boolean, more: object = {}): Promise<void> {
    await this.ask({ command: 'network', network: specOf(network, logits), ...more })
  }

  async ask(request: object): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    const { value } = (await this.#lines.next()) as { value?: string }
    if (value === undefined) throw new Error(`PyTorch ended: ${this.#stderr}`)
    return JSON.parse(value)
  }

  async end(): Promise<void> {
    this.#child.stdin.end()
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
  }
}

export function numbersText(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
}

export function numbersOf(text: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'))
  return new Float32Array(bytes.buffer)
}

function specOf(network: Network, logits: boolean): object {
  const split = splitLastActivation(network)
  const joinsMean = network.strands === 'both' && network.strandJoin === 'mean-of-logits'
  const ends = logits || joinsMean ? split.logits.layers : network.layers
  const join = network.strandJoin ?? 'maximum'
  return {
    strands: network.strands,
    join: join === 'mean-of-logits' ? 'mean' : join,
    after: joinsMean && !logits ? split.activation : 'linear',
    length: network.inputLength,
    layers: layersOf(ends, [network.inputLength, 4]),
  }
}

function layersOf(layers: readonly Layer[], input: Shape): object[] {
  let shape = input
  return layers.map((layer) => {
    const before = shape
    shape = outputShape(layer, before, '')
    return layerOf(layer, before)
  })
}

function layerOf(layer: Layer, input: Shape): object {
  switch (layer.kind) {
    case 'conv1d': {
      const span = (layer.kernelSize - 1) * layer.dilation + 1
      return withNumbers({ ...layer, pads: paddingOf(input[0], span, 1, layer.padding) })
    }
    case 'maxPool1d':
    case 'averagePool1d':
      return { ...layer, pads: paddingOf(input[0], layer.size, layer.stride, layer.padding) }
    case 'residual':
      return {
        kind: layer.kind,
        layers: layersOf(layer.layers, input),
        shortcut: layersOf(layer.shortcut ?? [], input),
      }
    case 'concat':
      return { kind: layer.kind, branches: layer.branches.map((branch) => layersOf(branch, input)) }
    case 'activation':
    case 'batchNorm':
    case 'crop1d':
    case 'dense':
    case 'dropout':
    case 'flatten':
    case 'globalAveragePool':
    case 'globalMaxPool':
    case 'splitChannels':
    case 'zeroPad1d':
      return withNumbers(layer)
  }
}

function withNumbers(layer: object): object {
  return Object.fromEntries(
    Object.entries(layer).map(([key, value]: [string, unknown]) => [
      key,
      value instanceof Float32Array ? numbersText(value) : value,
    ]),
  )
}

/** The layers with the weights that training in PyTorch came to. */
export function withWeights(
  layers: readonly Layer[],
  { weights, statistics }: { readonly weights: readonly string[]; readonly statistics: readonly string[] },
): Layer[] {
  let [weight, statistic] = [0, 0]
  const next = (): Float32Array => numbersOf(weights[weight++]!)
  return mapWeights(layers, (layer) =>
    layer.kind === 'batchNorm'
      ? {
          ...layer,
          gamma: next(),
          beta: next(),
          mean: numbersOf(statistics[statistic++]!),
          variance: numbersOf(statistics[statistic++]!),
        }
      : { ...layer, kernel: next(), bias: next() },
  )
}
