/**
 * Builds the difference graph of a network, layer by layer: normalisation is folded into weights, activations move behind
 * maxima, trailing linear layers become one weighted sum.
 */
import type {
  BatchNormLayer,
  ConcatLayer,
  CropLayer,
  Layer,
  Network,
  PoolLayer,
  ResidualLayer,
  ZeroPadLayer,
} from '../model/network/network.ts'
import { isIncreasing } from '../model/network/activationFunctions.ts'
import { outputShape, paddingOf } from '../model/network/shapes.ts'
import { baseCount } from '../sequence/alphabet.ts'
import type { Bend, DifferenceGraph, GraphValue, Operation } from './differenceGraph.ts'
import { readBefore } from './differenceReadOut.ts'

/** @returns a refusal where the network is no such graph */
export function buildDifferenceGraph(network: Network, output: number): DifferenceGraph | string {
  const builder = new GraphBuilder(network.inputLength)
  const layers = network.layers.filter((layer) => !isIdentity(layer))
  const last = layers.at(-1)
  const softmax = last?.kind === 'activation' && last.function === 'softmax'
  const refusal = builder.run(softmax ? layers.slice(0, -1) : layers)
  if (refusal !== undefined) return refusal
  return softmax ? builder.endWithSoftmax(output) : builder.endWithOutput(output)
}

function isIdentity(layer: Layer): boolean {
  return layer.kind === 'dropout' || (layer.kind === 'activation' && layer.function === 'linear')
}

class GraphBuilder {
  readonly values: GraphValue[]
  readonly operations: Operation[] = []
  /**
   * What the next layer reads: one value, or several whose channels are joined. They stay apart until a product reads them:
   * it is the sum of one product of each.
   */
  #parts: readonly number[] = [0]
  /** Flattened, though its positions are still told apart. */
  #flat = false
  /** Values that something else reads later: what makes them may not change. */
  readonly #pinned = new Set<number>()

  constructor(inputLength: number) {
    this.values = [{ length: inputLength, channels: baseCount }]
  }

  /** @returns why it cannot */
  run(layers: readonly Layer[]): string | undefined {
    for (const layer of layers) {
      const refusal = isIdentity(layer) ? undefined : this.#apply(layer)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  get #current(): number {
    return this.#parts[0]!
  }

  set #current(value: number) {
    this.#parts = [value]
  }

  get #joined(): boolean {
    return this.#parts.length > 1
  }

  /** Channels of all parts. */
  get #channels(): number {
    return this.#parts.reduce((sum, part) => sum + this.values[part]!.channels, 0)
  }

  #apply(layer: Layer): string | undefined {
    const { length } = this.values[this.#current]!
    switch (layer.kind) {
      case 'conv1d': {
        const { kernelSize, dilation, filters } = layer
        const [padding] = paddingOf(length, (kernelSize - 1) * dilation + 1, 1, layer.padding)
        const [positions] = outputShape(layer, [length, this.#channels], '')
        this.#multiply(kernelSize, dilation, padding, positions, filters, layer)
        return undefined
      }
      case 'dense':
        this.#multiply(length, 1, 0, 1, layer.units, layer)
        this.#flat = true
        return undefined
      case 'batchNorm':
        if (this.#flat && length > 1) this.#gather()
        this.#normaliseParts(layer)
        return undefined
      case 'activation': {
        const { function: name } = layer
        if (name === 'softmax') return 'a softmax lies inside it'
        this.#forEachPart(() => this.#activate(name))
        return undefined
      }
      case 'maxPool1d':
      case 'averagePool1d':
        this.#forEachPart(() => this.#pool(layer))
        return undefined
      case 'crop1d':
        this.#forEachPart(() => this.#crop(layer))
        return undefined
      case 'zeroPad1d':
        this.#forEachPart(() => this.#pad(layer))
        return undefined
      case 'globalMaxPool':
      case 'globalAveragePool': {
        const kind = layer.kind === 'globalMaxPool' ? 'maxPool1d' : 'averagePool1d'
        this.#forEachPart(() => this.#pool({ kind, size: length, stride: length, padding: 'valid' }))
        this.#flat = true
        return undefined
      }
      case 'flatten':
        this.#flat = true
        return undefined
      case 'splitChannels':
        return this.#splitChannels(layer.groups)
      case 'residual':
        return this.#add(layer)
      case 'concat':
        return this.#join(layer.branches)
      case 'dropout':
        return undefined
    }
  }

  #forEachPart(apply: (index: number) => void): void {
    this.#parts = this.#parts.map((part, i) => {
      this.#current = part
      apply(i)
      return this.#current
    })
  }

  #put(operation: (input: number, output: number) => Operation, length: number, channels: number): void {
    this.values.push({ length, channels })
    this.operations.push(operation(this.#current, this.values.length - 1))
    this.#current = this.values.length - 1
  }

  /** A product of each part, and their sum. */
  #multiply(
    taps: number,
    dilation: number,
    padding: number,
    positions: number,
    filters: number,
    { kernel, bias }: { readonly kernel: Float32Array; readonly bias: Float32Array },
  ): void {
    const channels = this.#channels
    let from = 0
    this.#forEachPart((i) => {
      const own = this.values[this.#current]!.channels
      const rows = new Float32Array(taps * own * filters)
      for (let tap = 0; tap < taps; tap++) {
        const begin = (tap * channels + from) * filters
        rows.set(kernel.subarray(begin, begin + own * filters), tap * own * filters)
      }
      const weights = { kernel: rows, bias: i === 0 ? bias : new Float32Array(filters) }
      this.#product(taps, dilation, padding, positions, filters, weights)
      from += own
    })
    const [first, ...others] = this.#parts as [number, ...number[]]
    this.#current = first
    for (const other of others) {
      this.#put((input, output) => ({ code: 'sum', input, other, output }), positions, filters)
    }
  }

  #product(
    taps: number,
    dilation: number,
    padding: number,
    positions: number,
    filters: number,
    weights: { readonly kernel: Float32Array; readonly bias: Float32Array },
  ): void {
    const kernel = Float64Array.from(weights.kernel)
    const bias = Float64Array.from(weights.bias)
    this.#put(
      (input, output) => ({ code: 'product', input, output, taps, dilation, padding, kernel, bias }),
      positions,
      filters,
    )
  }

  /** The operation that made the current value, if nothing else needs that value as it is. */
  #open(): Operation | undefined {
    const last = this.operations.at(-1)
    return last?.output === this.#current && !this.#pinned.has(this.#current) ? last : undefined
  }

  #normaliseParts(layer: BatchNormLayer): void {
    if (!this.#joined) {
      this.#normalise(layer)
      return
    }
    let from = 0
    this.#forEachPart(() => {
      const to = from + this.values[this.#current]!.channels
      const [gamma, beta, mean, variance] = (['gamma', 'beta', 'mean', 'variance'] as const).map((name) =>
        layer[name].subarray(from, to),
      )
      this.#normalise({ ...layer, gamma: gamma!, beta: beta!, mean: mean!, variance: variance! })
      from = to
    })
  }

  #normalise(layer: BatchNormLayer): void {
    const { length, channels } = this.values[this.#current]!
    const scale = Float64Array.from(
      layer.gamma,
      (gamma, i) => gamma / Math.sqrt(layer.variance[i]! + layer.epsilon),
    )
    const shift = Float64Array.from(layer.beta, (beta, i) => beta - layer.mean[i]! * scale[i]!)
    const maker = this.#open()
    if (maker?.code === 'product' && scale.length === channels) {
      const { kernel, bias } = maker
      for (let i = 0; i < kernel.length; i++) kernel[i]! *= scale[i % channels]!
      for (let c = 0; c < channels; c++) bias[c] = bias[c]! * scale[c]! + shift[c]!
      return
    }
    this.#put(
      (input, output) => ({ code: 'scale', input, output, size: 1, stride: 1, padding: 0, scale, shift }),
      length,
      channels,
    )
  }

  #activate(activation: Bend['activation']): void {
    const maker = this.#open()
    if (maker?.code === 'bend' && maker.activation === 'linear') {
      this.operations[this.operations.length - 1] = { ...maker, activation }
      return
    }
    const { length, channels } = this.values[this.#current]!
    this.#put(
      (input, output) => ({ code: 'bend', input, output, size: 1, stride: 1, padding: 0, activation }),
      length,
      channels,
    )
  }

  #pool({ kind, size, stride, padding }: PoolLayer): void {
    if (size === 1 && stride === 1) return
    const { length, channels } = this.values[this.#current]!
    const [before] = paddingOf(length, size, stride, padding)
    const shape = { kind, size, stride, padding } as const
    const [positions] = outputShape(shape, [length, channels], '')
    const windows = { size, stride, padding: before }
    const maker = this.#open()
    if (kind === 'averagePool1d') {
      const scale = new Float64Array(channels).fill(1)
      const shift = new Float64Array(channels)
      this.#put(
        (input, output) => ({ code: 'scale', input, output, ...windows, scale, shift }),
        positions,
        channels,
      )
    } else if (
      maker?.code === 'bend' &&
      maker.size === 1 &&
      maker.stride === 1 &&
      isIncreasing(maker.activation)
    ) {
      // The maximum of an increasing function is the function of the maximum.
      this.values[this.#current] = { length: positions, channels }
      this.operations[this.operations.length - 1] = { ...maker, ...windows }
    } else {
      this.#put(
        (input, output) => ({ code: 'bend', input, output, ...windows, activation: 'linear' }),
        positions,
        channels,
      )
    }
  }

  /** What makes the value leaves the positions out; where something else reads them, a scale of 1 does. */
  #crop({ before, after }: CropLayer): void {
    if (before === 0 && after === 0) return
    const { length, channels } = this.values[this.#current]!
    const left = length - before - after
    const maker = this.#open()
    const perPosition = maker?.code === 'scale' && maker.scale.length !== channels
    // Bends and sums read as many positions as they make.
    if ((maker?.code !== 'product' && maker?.code !== 'scale') || perPosition) {
      this.#shiftBy(-before, left)
      return
    }
    this.values[this.#current] = { length: left, channels }
    const stride = maker.code === 'product' ? 1 : maker.stride
    this.operations[this.operations.length - 1] = { ...maker, padding: maker.padding - before * stride }
  }

  #pad({ before, after }: ZeroPadLayer): void {
    if (before === 0 && after === 0) return
    this.#shiftBy(before, this.values[this.#current]!.length + before + after)
  }

  /** The same numbers from position `padding` on; zeros where there are none. */
  #shiftBy(padding: number, length: number): void {
    const { channels } = this.values[this.#current]!
    const scale = new Float64Array(channels).fill(1)
    const shift = new Float64Array(channels)
    this.#put(
      (input, output) => ({ code: 'scale', input, output, size: 1, stride: 1, padding, scale, shift }),
      length,
      channels,
    )
  }

  #splitChannels(groups: number): string | undefined {
    if (groups === 1) return undefined
    this.#gather()
    const { length, channels } = this.values[this.#current]!
    if (channels % (4 * groups) !== 0) return 'channels are split into groups of no multiple of 4'
    this.#put((input, output) => ({ code: 'regroup', input, output }), length * groups, channels / groups)
    return undefined
  }

  #add({ layers, shortcut = [] }: ResidualLayer): string | undefined {
    this.#gather()
    if (this.#flat) this.#flatten()
    const entry = this.#current
    const wasPinned = this.#pinned.has(entry)
    const wasFlat = this.#flat
    this.#pinned.add(entry)
    const ends: number[] = []
    for (const branch of [shortcut, layers]) {
      this.#current = entry
      this.#flat = wasFlat
      const refusal = this.run(branch)
      if (refusal !== undefined) return refusal
      this.#gather()
      if (this.#flat) this.#flatten()
      ends.push(this.#current)
    }
    if (!wasPinned) this.#pinned.delete(entry)
    const [other] = ends as [number, number]
    const { length, channels } = this.values[other]!
    this.#put((input, output) => ({ code: 'sum', input, other, output }), length, channels)
    return undefined
  }

  #join(branches: ConcatLayer['branches']): string | undefined {
    const entry = this.#parts
    const wasFlat = this.#flat
    // For good: a branch without layers is the entry itself.
    for (const part of entry) this.#pinned.add(part)
    const ends: number[] = []
    for (const branch of branches) {
      this.#parts = entry
      this.#flat = wasFlat
      const refusal = this.run(branch)
      if (refusal !== undefined) return refusal
      if (this.#flat && this.values[this.#current]!.length > 1) {
        this.#gather()
        this.#flatten()
      }
      ends.push(...this.#parts)
    }
    this.#parts = ends
    return undefined
  }

  /** Joined parts become one value, where they have to be: a product with ones and zeros leaves them as they are. */
  #gather(): void {
    if (!this.#joined) return
    const { length } = this.values[this.#current]!
    const channels = this.#channels
    const kernel = Float32Array.from({ length: channels * channels }, (_, i) =>
      i % (channels + 1) === 0 ? 1 : 0,
    )
    this.#multiply(1, 1, 0, length, channels, { kernel, bias: new Float32Array(channels) })
  }

  /** Positions become units, where they have to be. */
  #flatten(): void {
    const { length, channels } = this.values[this.#current]!
    if (length === 1) return
    this.#put((input, output) => ({ code: 'regroup', input, output }), 1, length * channels)
  }

  endWithSoftmax(output: number): DifferenceGraph {
    this.#gather()
    this.#flatten()
    const { values, operations } = this
    return { values, operations, readOut: { code: 'softmax', input: this.#current, output } }
  }

  /** @param output of all units, in the order of positions, then of channels */
  endWithOutput(output: number): DifferenceGraph {
    const { values, operations } = this
    const position = Math.floor(output / this.#channels)
    let channel = output % this.#channels
    for (const part of this.#parts) {
      const own = values[part]!.channels
      if (channel < own) {
        this.#current = part
        channel += position * own
        break
      }
      channel -= own
    }
    this.#dropUnread()
    let input = this.#current
    let final: Bend['activation'] = 'linear'
    const end = this.#open()
    if (end?.code === 'bend' && end.size === 1 && end.stride === 1) {
      final = end.activation
      operations.pop()
      input = end.input
    }
    const { length, channels } = values[input]!
    let weights = new Float64Array(length * channels)
    weights[channel] = 1
    let bias = 0
    for (;;) {
      const maker = operations.at(-1)
      if (maker?.output !== input || maker.code === 'bend' || maker.code === 'sum') break
      const before = readBefore(maker, values[maker.input]!, values[input]!, weights)
      weights = before.weights
      bias += before.bias
      operations.pop()
      input = maker.input
    }
    return { values, operations, readOut: { code: 'read', input, weights, bias, final } }
  }

  /** Without what other branches do: only the current value is read out. */
  #dropUnread(): void {
    const read = new Set([this.#current])
    for (const operation of this.operations.toReversed()) {
      if (!read.has(operation.output)) continue
      read.add(operation.input)
      if (operation.code === 'sum') read.add(operation.other)
    }
    const needed = this.operations.filter(({ output }) => read.has(output))
    this.operations.splice(0, this.operations.length, ...needed)
  }
}
