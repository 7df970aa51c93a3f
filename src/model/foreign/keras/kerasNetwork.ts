/**
 * The layers of a Keras model in our own form, where each has a counterpart; else which layer has none. 2-D convolutions
 * over sequences one position high or one base wide are what they mean: 1-D ones.
 */
import { DataError } from '../../../base/errors.ts'
import { baseLetters } from '../../../sequence/alphabet.ts'
import type { InputForm } from '../importedModel.ts'
import { activationName, count, counts, integer, integers } from './kerasConfigValues.ts'
import type { KerasGraph, KerasNode } from './kerasGraph.ts'
import {
  column,
  fromDepthwise,
  fromSeparable,
  fromTransposed,
  reordered,
  transposed,
  ungrouped,
} from './kerasKernels.ts'
import { describe } from './kerasWeights.ts'
import type { ActivationFunction, Layer, Network, Padding } from '../../network/network.ts'

/** What lies where in the output of a node. */
type Form = AlongForm | PackedForm | FlatForm

/** A sequence: one dimension has the positions, one the channels, the others are 1. */
interface AlongForm {
  readonly kind: 'along'
  readonly dims: readonly number[]
  readonly position: number
  readonly channel: number
  /** Our channel for each of the model's, where they differ. */
  readonly order: Int32Array | undefined
  /** Of the positions, how many at the beginning and end are zeros that are still to be added. */
  readonly pad: readonly [before: number, after: number]
}

/** A sequence in one dimension: position by position or channel by channel. */
interface PackedForm {
  readonly kind: 'packed'
  readonly dims: readonly number[]
  readonly length: number
  readonly channels: number
  readonly byPosition: boolean
  readonly order: Int32Array | undefined
}

interface FlatForm {
  readonly kind: 'flat'
  readonly dims: readonly number[]
  /** Our unit for each of the model's, where they differ. */
  readonly order: Int32Array | undefined
}

interface Part {
  readonly layers: readonly Layer[]
  readonly form: Form
}

/** Thrown where our form has no counterpart, for people; caught in this file. */
class NoCounterpart extends Error {}

/** Branches that share layers would be written out again and again. */
const mostLayers = 2000

const noPad = [0, 0] as const

/**
 * @param outputs a name for each number of the output; undefined: named by the caller's function of how many there are
 * @returns the network, or why there is none
 * @throws DataError naming the file and the layer whose weights do not fit its configuration
 */
export function kerasNetwork(
  graph: KerasGraph,
  input: InputForm,
  nameOutputs: (count: number) => readonly string[],
  file: string,
): Network | { readonly refusal: string } {
  try {
    const { layers, form } = flushed(new NetworkBuilder(graph, input.length, file).build(formOfInput(input)))
    const end = closed(form)
    const outputs = nameOutputs(product(form.dims))
    return {
      inputLength: input.length,
      layers: [...layers, ...end],
      strands: 'forward',
      outputs,
    }
  } catch (error) {
    if (error instanceof NoCounterpart) return { refusal: error.message }
    throw error
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1)
}

function formOfInput({ dims, order, alphabet, length }: InputForm): Form {
  const channels = Array.from(alphabet, (letter) => baseLetters.indexOf(letter))
  const channelOrder = alphabet === baseLetters ? undefined : Int32Array.from(channels)
  if (dims.length === 1) {
    return { kind: 'packed', dims, length, channels: 4, byPosition: order === 'NWC', order: channelOrder }
  }
  const places = dims.length === 2 ? [0, 1] : placesOfThree(dims, length, order === 'NWC')
  const [first, second] = places as [number, number]
  const [position, channel] = order === 'NWC' ? [first, second] : [second, first]
  return { kind: 'along', dims, position, channel, order: channelOrder, pad: noPad }
}

/** Which two of three dimensions are not the extra one. */
function placesOfThree(dims: readonly number[], length: number, byPosition: boolean): number[] {
  const wanted = byPosition ? [length, 4] : [4, length]
  const extra = [2, 0, 1].find(
    (place) => dims[place] === 1 && dims.filter((_, i) => i !== place).every((size, i) => size === wanted[i]),
  )
  return [0, 1, 2].filter((place) => place !== extra)
}

/** Layers that end the sequence where the output still lies along it. */
function closed(form: Form): Layer[] {
  if (form.kind === 'flat') {
    if (form.order !== undefined) throw new NoCounterpart('its outputs are in another order than their layer')
    return []
  }
  const byPosition = form.kind === 'packed' ? form.byPosition : form.position < form.channel || isSingle(form)
  if (form.order !== undefined || !byPosition) {
    throw new NoCounterpart('its outputs are numbers along the sequence, channel by channel')
  }
  return [{ kind: 'flatten' }]
}

function isSingle({ dims, position, channel }: AlongForm): boolean {
  return dims[position] === 1 || dims[channel] === 1
}

class NetworkBuilder {
  readonly #graph: KerasGraph
  readonly #file: string
  /** The last node that every way from the input to a node goes through, itself left out. */
  readonly #gates = new Map<KerasNode, KerasNode>()
  readonly #depths = new Map<KerasNode, number>()
  #layers = 0

  constructor(graph: KerasGraph, length: number, file: string) {
    this.#graph = graph
    this.#file = file
    if (length < 1) throw new RangeError(`a sequence of ${length} bases`)
    this.#depths.set(graph.input, 0)
    for (const node of graph.nodes) {
      if (node === graph.input) continue
      const gate = node.inputs.reduce((a, b) => this.#commonGate(a, b))
      this.#gates.set(node, gate)
      this.#depths.set(node, this.#depths.get(gate)! + 1)
    }
  }

  build(form: Form): Part {
    return this.#between(this.#graph.input, form, this.#graph.output)
  }

  #commonGate(a: KerasNode, b: KerasNode): KerasNode {
    while (a !== b) {
      if (this.#depths.get(a)! < this.#depths.get(b)!) b = this.#gates.get(b)!
      else a = this.#gates.get(a)!
    }
    return a
  }

  /** What makes a node's output of another's. */
  #between(from: KerasNode, form: Form, to: KerasNode): Part {
    const way: KerasNode[] = []
    for (let node = to; node !== from; node = this.#gates.get(node)!) way.push(node)
    const layers: Layer[] = []
    let gate = from
    for (const node of way.reverse()) {
      const part = this.#node(gate, form, node)
      layers.push(...part.layers)
      this.#layers += part.layers.length
      if (this.#layers > mostLayers) throw new NoCounterpart('its branches share layers')
      form = part.form
      gate = node
    }
    return { layers, form }
  }

  #node(gate: KerasNode, form: Form, node: KerasNode): Part {
    const { className } = node.layer
    if (node.inputs.length === 1 && node.inputs[0] === gate) {
      if (takesZeros(node, form)) return this.#layer(form, node)
      const before = flushed({ layers: [], form })
      const { layers, form: made } = this.#layer(before.form, node)
      return { layers: [...before.layers, ...layers], form: made }
    }
    const parts = node.inputs.map((input) => inUnits(this.#between(gate, form, input)))
    if (className === 'Add') return this.#add(node, parts)
    if (className === 'Subtract') {
      const [first, second] = parts as [Part, Part]
      return this.#add(node, [first, { ...second, layers: [...second.layers, ...scaled(second.form, -1)] }])
    }
    if (className === 'Average') {
      const sum = this.#add(node, parts)
      return { ...sum, layers: [...sum.layers, ...scaled(sum.form, 1 / parts.length)] }
    }
    if (className === 'Concatenate') return this.#concatenate(node, parts)
    throw none(node, 'joins branches otherwise than by sums, differences, means and concatenation')
  }

  #add(node: KerasNode, parts: readonly Part[]): Part {
    const forms = parts.map(({ form }) => form)
    const [first] = forms as [Form, ...Form[]]
    for (const form of forms) {
      if (form.kind !== first.kind || form.dims.join() !== first.dims.join() || !sameOrder(form, first)) {
        throw none(node, 'joins numbers of different shapes')
      }
    }
    const [head, ...rest] = parts.map(({ layers }) => layers) as [readonly Layer[], ...(readonly Layer[])[]]
    let sum = head
    for (const layers of rest) {
      // The input itself goes on as it is where one of the two is that.
      const [inner, shortcut] = layers.length === 0 ? [sum, layers] : [layers, sum]
      // Twice the input: a residual layer has layers.
      if (inner.length === 0) sum = scaled(first, 2)
      else
        sum =
          shortcut.length === 0
            ? [{ kind: 'residual', layers: inner }]
            : [{ kind: 'residual', layers: inner, shortcut }]
    }
    return { layers: sum, form: first }
  }

  #concatenate(node: KerasNode, parts: readonly Part[]): Part {
    const forms = parts.map(({ form }) => form)
    const [first] = forms as [Form, ...Form[]]
    const rank = first.dims.length
    const written: unknown = node.layer.config['axis'] ?? -1
    if (typeof written !== 'number') throw none(node, `concatenates along ${JSON.stringify(written)}`)
    const axis = written < 0 ? rank + written : written - 1
    for (const form of forms) {
      const fits =
        form.kind === first.kind &&
        form.dims.length === rank &&
        form.dims.every((size, i) => i === axis || size === first.dims[i])
      if (!fits) throw none(node, 'concatenates numbers of different shapes')
    }
    const inOneRow = forms.every((form) =>
      form.kind === 'along'
        ? first.kind === 'along' && sameAxes(form, first) && axis === form.channel
        : product(form.dims) === form.dims[axis],
    )
    if (!inOneRow) throw none(node, 'concatenates along another dimension than the channels')
    const branches = parts.map(({ layers }) => layers)
    const dims = first.dims.map((size, i) =>
      i === axis ? forms.reduce((sum, form) => sum + form.dims[axis]!, 0) : size,
    )
    return {
      layers: [{ kind: 'concat', branches }],
      form: { ...first, dims, order: joinOrders(forms, axis) },
    }
  }

  #layer(form: Form, node: KerasNode): Part {
    const { className, config } = node.layer
    switch (className) {
      case 'Conv1D':
      case 'Conv2D':
        return this.#activated(node, this.#convolution(node, along(form, node)))
      case 'SeparableConv1D':
      case 'DepthwiseConv1D':
      case 'Conv1DTranspose':
        return this.#activated(node, this.#otherConvolution(node, along(form, node)))
      case 'Cropping1D':
      case 'Cropping2D':
        return cropped(node, along(form, node))
      case 'UpSampling1D':
        return repeated(node, along(form, node))
      case 'Rescaling':
        return this.#rescaled(node, form)
      case 'LeakyReLU':
        return leaky(form, this.#slopes(node, form))
      case 'PReLU':
        return leaky(form, this.#slopes(node, form))
      case 'Dense':
        return this.#activated(node, this.#dense(node, form))
      case 'BatchNormalization':
        return this.#batchNorm(node, form)
      case 'Activation':
        return this.#activated(node, { layers: [], form })
      case 'Softmax':
        return activate(node, { layers: [], form }, 'softmax', config['axis'] ?? -1)
      case 'ReLU':
        return this.#rectified(node, form)
      case 'ELU':
        if ((config['alpha'] ?? 1) !== 1) throw none(node, `has alpha ${String(config['alpha'])}`)
        return activate(node, { layers: [], form }, 'elu')
      case 'MaxPooling1D':
      case 'MaxPooling2D':
        return pooled(node, along(form, node), 'maxPool1d')
      case 'AveragePooling1D':
      case 'AveragePooling2D':
        return pooled(node, along(form, node), 'averagePool1d')
      case 'GlobalMaxPooling1D':
      case 'GlobalMaxPooling2D':
        return globallyPooled(node, along(form, node), 'globalMaxPool')
      case 'GlobalAveragePooling1D':
      case 'GlobalAveragePooling2D':
        return globallyPooled(node, along(form, node), 'globalAveragePool')
      case 'ZeroPadding1D':
      case 'ZeroPadding2D':
        return { layers: [], form: padded(node, along(form, node)) }
      case 'Flatten':
        return { layers: [], form: flattened(node, form) }
      case 'Reshape':
        return reshapedOrSplit(form, targetOf(node, form), node)
      case 'Permute':
        return { layers: [], form: permuted(node, form) }
      case 'Add':
      case 'Concatenate':
        return { layers: [], form }
      default:
        throw none(node, 'has no counterpart among the layers that the fast engines know')
    }
  }

  #activated(node: KerasNode, part: Part): Part {
    const name = activationName(node.layer.config['activation'])
    if (name === undefined) throw none(node, 'has an activation function that cannot be read')
    const ours = activations[name]
    if (ours === undefined) throw none(node, `has the activation '${name}'`)
    return ours === 'linear' ? part : activate(node, part, ours)
  }

  #convolution(node: KerasNode, form: AlongForm): Part {
    const { config, className } = node.layer
    const spatial = className === 'Conv1D' ? 1 : 2
    const { dims, position, channel } = form
    if (dims.length !== spatial + 1) throw this.#misfit(node, `reads [${dims.join(', ')}]`)
    const channelsFirst = config['data_format'] === 'channels_first'
    const channelAxis = channelsFirst ? 0 : spatial
    const sizes = counts(config['kernel_size'], spatial)
    const strides = counts(config['strides'] ?? 1, spatial)
    const dilations = counts(config['dilation_rate'] ?? 1, spatial)
    const filters = count(config['filters'])
    if (sizes === undefined || strides === undefined || dilations === undefined || filters === undefined) {
      throw this.#misfit(node, 'has a configuration that cannot be read')
    }
    const groups = count(config['groups'] ?? 1) ?? 1
    if (position === channelAxis) throw none(node, 'takes the positions for channels')
    /** Of a dimension after the batch, which of the kernel's. */
    const kernelAxis = (axis: number) => (channelsFirst ? axis - 1 : axis)
    const k = kernelAxis(position)
    if (strides[k] !== 1) throw none(node, `has stride ${strides[k]!}`)
    const inputs = dims[channelAxis]!
    if (inputs % groups !== 0 || filters % groups !== 0) throw this.#misfit(node, `has ${groups} groups`)
    if (groups > 1 && spatial > 1) throw none(node, `has ${groups} groups`)
    const written = this.#weights(node, 'kernel', [...sizes, inputs / groups, filters])
    const kernel = groups === 1 ? written : ungrouped(written, sizes[0]!, inputs, filters, groups)
    const bias =
      config['use_bias'] === false ? new Float32Array(filters) : this.#weights(node, 'bias', [filters])
    const padding = config['padding'] ?? 'valid'
    const rows = sizes[k]!
    const dilation = dilations[k]!
    let taken = kernel
    let outDims = dims
    if (spatial === 2) {
      const other = 1 - k
      const across = channelsFirst ? other + 1 : other
      const width = sizes[other]!
      if (channel === channelAxis) {
        if (width > 1 && dilations[other] !== 1) throw none(node, 'is dilated across the sequence')
        // Only the column over the one column that there is counts; the rest falls on padding.
        if (padding !== 'same' && width !== 1) throw this.#misfit(node, 'is wider than its input')
        taken = column(kernel, sizes as [number, number], inputs * filters, k, Math.floor((width - 1) / 2))
      } else {
        if (width !== dims[channel] || inputs !== 1 || padding !== 'valid' || dilations[other] !== 1) {
          throw none(node, 'slides along the channels of the sequence')
        }
        taken = k === 0 ? kernel : transposed(kernel, width, rows, filters)
      }
      outDims = dims.map((size, axis) => (axis === across ? 1 : size))
    }
    const channels = dims[channel]!
    const span = (rows - 1) * dilation + 1
    const layer: Layer = {
      kind: 'conv1d',
      filters,
      kernelSize: rows,
      padding: paddingOf(node, padding, span, form.pad),
      dilation,
      kernel: reordered(taken, rows, channels, filters, form.order),
      bias,
    }
    const length = padding === 'valid' ? dims[position]! - span + 1 : dims[position]!
    if (length < 1) throw this.#misfit(node, `spans ${span} of ${dims[position]!} positions`)
    return {
      layers: [layer],
      form: {
        kind: 'along',
        dims: outDims.map((size, axis) =>
          axis === position ? length : axis === channelAxis ? filters : size,
        ),
        position,
        channel: channelAxis,
        order: undefined,
        pad: noPad,
      },
    }
  }

  /** As the plain convolution that it amounts to. */
  #otherConvolution(node: KerasNode, form: AlongForm): Part {
    const { config, className } = node.layer
    const { dims, position, channel } = form
    const [size] = counts(config['kernel_size'], 1) ?? []
    const [stride] = counts(config['strides'] ?? 1, 1) ?? []
    const [dilation] = counts(config['dilation_rate'] ?? 1, 1) ?? []
    const padding = config['padding'] ?? 'valid'
    if (size === undefined || dilation === undefined || dims.length !== 2) {
      throw this.#misfit(node, 'has a configuration that cannot be read')
    }
    if (stride !== 1) throw none(node, `has stride ${stride ?? JSON.stringify(config['strides'])}`)
    if (padding !== 'valid' && padding !== 'same')
      throw none(node, `has the padding ${JSON.stringify(padding)}`)
    if (channel !== (config['data_format'] === 'channels_first' ? 0 : 1)) {
      throw none(node, 'takes the positions for channels')
    }
    const channels = dims[channel]!
    const span = (size - 1) * dilation + 1
    const { kernel, filters } = this.#otherKernel(node, size, channels)
    let edges: Padding = padding
    if (className === 'Conv1DTranspose') {
      if ((config['output_padding'] ?? null) !== null) throw none(node, 'has an output_padding')
      const before = padding === 'valid' ? 0 : Math.floor((span - 1) / 2)
      const after = padding === 'valid' ? 0 : span - 1 - before
      edges = [span - 1 - before, span - 1 - after]
    }
    const [before, after] = typeof edges === 'string' ? [0, 0] : edges
    const length = edges === 'same' ? dims[position]! : dims[position]! + before + after - span + 1
    if (length < 1) throw this.#misfit(node, `spans ${span} of ${dims[position]!} positions`)
    const bias =
      config['use_bias'] === false ? new Float32Array(filters) : this.#weights(node, 'bias', [filters])
    return {
      layers: [
        {
          kind: 'conv1d',
          filters,
          kernelSize: size,
          padding: edges,
          dilation,
          kernel: reordered(kernel, size, channels, filters, form.order),
          bias,
        },
      ],
      form: {
        ...form,
        dims: dims.map((n, axis) => (axis === position ? length : filters)),
        order: undefined,
      },
    }
  }

  #otherKernel(node: KerasNode, size: number, channels: number): { kernel: Float32Array; filters: number } {
    const { config, className } = node.layer
    if (className === 'Conv1DTranspose') {
      const filters = count(config['filters'])
      if (filters === undefined) throw this.#misfit(node, 'does not tell its filters')
      const kernel = this.#weights(node, 'kernel', [size, filters, channels])
      return { kernel: fromTransposed(kernel, size, channels, filters), filters }
    }
    const multiplier = count(config['depth_multiplier'] ?? 1)
    if (multiplier === undefined) throw this.#misfit(node, 'does not tell its depth_multiplier')
    const depthwise = this.#weights(node, 'depthwise_kernel', [size, channels, multiplier])
    if (className === 'DepthwiseConv1D') {
      return {
        kernel: fromDepthwise(depthwise, size, channels, multiplier),
        filters: channels * multiplier,
      }
    }
    const filters = count(config['filters'])
    if (filters === undefined) throw this.#misfit(node, 'does not tell its filters')
    const pointwise = this.#weights(node, 'pointwise_kernel', [1, channels * multiplier, filters])
    return { kernel: fromSeparable(depthwise, pointwise, size, channels, filters), filters }
  }

  #rescaled(node: KerasNode, form: Form): Part {
    const { scale = 1, offset = 0 } = node.layer.config
    if (typeof scale !== 'number' || typeof offset !== 'number') {
      throw none(node, 'has a scale for each channel')
    }
    const start = inUnits({ layers: [], form })
    return { layers: [...start.layers, ...scaled(start.form, scale, offset)], form: start.form }
  }

  /** Of what lies below 0, for each of our channels. */
  #slopes(node: KerasNode, form: Form): Float32Array {
    const channels = channelsIn(form, node)
    const { className, config } = node.layer
    if (className === 'LeakyReLU') {
      const slope = config['alpha'] ?? config['negative_slope'] ?? 0.3
      if (typeof slope !== 'number') throw none(node, `has the slope ${JSON.stringify(slope)}`)
      return new Float32Array(channels).fill(slope)
    }
    const shape = form.dims.map((size, axis) => (form.kind === 'along' && axis === form.position ? 1 : size))
    const alpha = node.weights.get('alpha')
    if (alpha?.shape.join() !== shape.join()) throw none(node, 'has a slope for each position')
    return reordered(alpha.values, 1, channels, 1, form.order)
  }

  /** At most: relu(x) less relu(x - most). */
  #rectified(node: KerasNode, form: Form): Part {
    const { max_value: most = null, negative_slope: slope = 0, threshold = 0 } = node.layer.config
    if ((slope ?? 0) !== 0 || (threshold ?? 0) !== 0) throw none(node, 'is no plain rectifier')
    if (most === null) return activate(node, { layers: [], form }, 'relu')
    if (typeof most !== 'number') throw none(node, `has max_value ${JSON.stringify(most)}`)
    const start = inUnits({ layers: [], form })
    const over: Layer[] = [...scaled(start.form, 1, -most), relu, ...scaled(start.form, -1)]
    return {
      layers: [...start.layers, { kind: 'residual', layers: over, shortcut: [relu] }],
      form: start.form,
    }
  }

  #dense(node: KerasNode, form: Form): Part {
    const units = count(node.layer.config['units'])
    if (units === undefined) throw this.#misfit(node, 'does not tell its units')
    const bias =
      node.layer.config['use_bias'] === false ? new Float32Array(units) : this.#weights(node, 'bias', [units])
    const inputs = form.dims.at(-1)!
    const kernel = this.#weights(node, 'kernel', [inputs, units])
    const ends = form
    if (ends.kind === 'along') {
      if (ends.channel !== ends.dims.length - 1) throw none(node, 'works along the sequence')
      return {
        layers: [
          {
            kind: 'conv1d',
            filters: units,
            kernelSize: 1,
            padding: 'valid',
            dilation: 1,
            kernel: reordered(kernel, 1, inputs, units, ends.order),
            bias,
          },
        ],
        form: {
          ...ends,
          dims: ends.dims.map((size, axis) => (axis === ends.channel ? units : size)),
          order: undefined,
        },
      }
    }
    if (product(form.dims) !== inputs) throw none(node, 'reads units that lie across its input')
    const { layers, order } = asUnits(ends)
    return {
      layers: [...layers, { kind: 'dense', units, kernel: reordered(kernel, 1, inputs, units, order), bias }],
      form: {
        kind: 'flat',
        dims: form.dims.map((size, axis) => (axis === form.dims.length - 1 ? units : size)),
        order: undefined,
      },
    }
  }

  #batchNorm(node: KerasNode, form: Form): Part {
    const { config } = node.layer
    if ((config['mode'] ?? 0) === 1) throw none(node, 'normalises each sample by itself')
    const settledForm = form
    const rank = settledForm.dims.length
    const written: unknown = Array.isArray(config['axis']) ? (config['axis'] as unknown[])[0] : config['axis']
    const axis = typeof written === 'number' ? (written < 0 ? rank + written : written - 1) : rank - 1
    const isChannels =
      settledForm.kind === 'along'
        ? axis === settledForm.channel
        : settledForm.dims[axis] === product(settledForm.dims)
    if (!isChannels) {
      throw none(node, 'normalises along another dimension than the channels')
    }
    const { layers, order } =
      settledForm.kind === 'along' ? { layers: [], order: settledForm.order } : asUnits(settledForm)
    const channels = settledForm.dims[axis]!
    const read = (role: string, key: string, value: number) =>
      config[key] === false
        ? new Float32Array(channels).fill(value)
        : reordered(this.#weights(node, role, [channels]), 1, channels, 1, order)
    const epsilon: unknown = config['epsilon'] ?? 1e-3
    if (typeof epsilon !== 'number') throw this.#misfit(node, 'has an epsilon that is no number')
    return {
      layers: [
        ...layers,
        {
          kind: 'batchNorm',
          epsilon,
          gamma: read('gamma', 'scale', 1),
          beta: read('beta', 'center', 0),
          mean: read('moving_mean', '', 0),
          variance: read('moving_variance', '', 1),
        },
      ],
      form: settledForm.kind === 'along' ? settledForm : { kind: 'flat', dims: settledForm.dims, order },
    }
  }

  #weights(node: KerasNode, role: string, shape: readonly number[]): Float32Array {
    const tensor = node.weights.get(role)
    if (tensor === undefined) throw this.#misfit(node, `has no ${role}`)
    if (tensor.shape.join() !== shape.join()) {
      throw this.#misfit(
        node,
        `has a ${role} of [${tensor.shape.join(', ')}], where its configuration and input need [${shape.join(', ')}]`,
      )
    }
    return tensor.values
  }

  #misfit(node: KerasNode, problem: string): DataError {
    return new DataError(`${describe(node.layer)} ${problem}; are the weights those of another model?`, {
      file: this.#file,
    })
  }
}

const activations: Readonly<Record<string, ActivationFunction>> = {
  linear: 'linear',
  relu: 'relu',
  elu: 'elu',
  gelu: 'gelu',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  exponential: 'exp',
  softmax: 'softmax',
  softplus: 'softplus',
  silu: 'silu',
  swish: 'silu',
  gelu_new: 'gelu-tanh', // of TensorFlow.js
}

const relu: Layer = { kind: 'activation', function: 'relu' }

/** How many channels a layer of ours sees at this point. */
function channelsIn(form: Form, node?: KerasNode): number {
  if (form.kind === 'packed') {
    throw new NoCounterpart(
      node === undefined
        ? 'it scales a sequence in one row'
        : `${describe(node.layer)} reads a sequence in one row`,
    )
  }
  return form.kind === 'along' ? form.dims[form.channel]! : product(form.dims)
}

/** x · scale + offset */
function scaled(form: Form, scale: number, offset = 0): Layer[] {
  return [affine(new Float32Array(channelsIn(form)).fill(scale), offset)]
}

function affine(scales: Float32Array, offset = 0): Layer {
  return {
    kind: 'batchNorm',
    epsilon: 0,
    gamma: scales,
    beta: new Float32Array(scales.length).fill(offset),
    mean: new Float32Array(scales.length),
    variance: new Float32Array(scales.length).fill(1),
  }
}

/** relu(x) less the slope times relu(-x) */
function leaky(form: Form, slopes: Float32Array): Part {
  const below = [affine(new Float32Array(slopes.length).fill(-1)), relu, affine(slopes.map((x) => -x))]
  return { layers: [{ kind: 'residual', layers: below, shortcut: [relu] }], form }
}

/** Each position several times: as many copies of its channels, which become positions. */
function repeated(node: KerasNode, form: AlongForm): Part {
  const size = count(node.layer.config['size'] ?? 2)
  if (size === undefined || form.dims.length !== 2) throw none(node, 'has a size that cannot be read')
  if (form.position !== 0) throw none(node, 'repeats the channels')
  const copies = Array.from({ length: size }, (): Layer[] => [])
  return {
    layers:
      size === 1
        ? []
        : [
            { kind: 'concat', branches: copies },
            { kind: 'splitChannels', groups: size },
          ],
    form: { ...form, dims: [form.dims[0]! * size, form.dims[1]!] },
  }
}

function cropped(node: KerasNode, form: AlongForm): Part {
  const { dims, position } = form
  const [before, after] =
    alongSequence(node, form, node.layer.config['cropping'] ?? 1) ??
    raise(none(node, 'has a cropping that is not along the sequence, or cannot be read'))
  const length = dims[position]! - before - after
  if (length < 1) throw none(node, `crops ${before + after} of ${dims[position]!} positions`)
  return {
    layers: before + after === 0 ? [] : [{ kind: 'crop1d', before, after }],
    form: { ...form, dims: dims.map((size, axis) => (axis === position ? length : size)) },
  }
}

function none(node: KerasNode, reason: string): NoCounterpart {
  return new NoCounterpart(`${describe(node.layer)} ${reason}`)
}

function activate(
  node: KerasNode,
  { layers, form }: Part,
  name: ActivationFunction,
  axis: unknown = -1,
): Part {
  const start = form
  if (name !== 'softmax') return { layers: [...layers, { kind: 'activation', function: name }], form: start }
  const rank = start.dims.length
  const isLast =
    start.kind === 'along' ? start.channel === rank - 1 : start.dims.at(-1) === product(start.dims)
  if ((axis !== -1 && axis !== rank) || !isLast) throw none(node, 'is a softmax along another dimension')
  const units = start.kind === 'packed' ? asUnits(start) : { layers: [], order: start.order }
  return {
    layers: [...layers, ...units.layers, { kind: 'activation', function: name }],
    form: start.kind === 'packed' ? { kind: 'flat', dims: start.dims, order: units.order } : start,
  }
}

function along(form: Form, node: KerasNode): AlongForm {
  if (form.kind !== 'along') throw none(node, 'reads positions where there are none')
  return form
}

/** Zeros that no convolution took become a layer. */
function flushed({ layers, form }: Part): Part {
  if (form.kind !== 'along' || (form.pad[0] === 0 && form.pad[1] === 0)) return { layers, form }
  const [before, after] = form.pad
  return { layers: [...layers, { kind: 'zeroPad1d', before, after }], form: { ...form, pad: noPad } }
}

/** Convolutions pad by themselves; what only turns or reshapes a sequence leaves that to them. */
function takesZeros(node: KerasNode, form: Form): boolean {
  const { className, config } = node.layer
  if (className === 'ZeroPadding1D' || className === 'ZeroPadding2D' || className === 'Permute') return true
  if (className === 'Reshape')
    return form.kind === 'along' && staysAlong(form, targetOf(node, form)) !== undefined
  return (className === 'Conv1D' || className === 'Conv2D') && (config['padding'] ?? 'valid') === 'valid'
}

/** One row of units: the layer that makes it, and our unit for each of the model's where they differ. */
function asUnits(form: PackedForm | FlatForm): { layers: Layer[]; order: Int32Array | undefined } {
  if (form.kind === 'flat') return { layers: [], order: form.order }
  const { length, channels, byPosition, order } = form
  if (byPosition && order === undefined) return { layers: [{ kind: 'flatten' }], order: undefined }
  const units = new Int32Array(length * channels)
  for (let i = 0; i < length; i++) {
    for (let c = 0; c < channels; c++) {
      units[byPosition ? i * channels + c : c * length + i] = i * channels + (order?.[c] ?? c)
    }
  }
  return { layers: [{ kind: 'flatten' }], order: units }
}

/** As it can be joined with others. */
function inUnits(part: Part): Part {
  const { layers, form: end } = flushed(part)
  if (end.kind !== 'packed') return { layers, form: end }
  const units = asUnits(end)
  return { layers: [...layers, ...units.layers], form: { kind: 'flat', dims: end.dims, order: units.order } }
}

function paddingOf(
  node: KerasNode,
  padding: unknown,
  span: number,
  pad: readonly [number, number],
): 'same' | 'valid' | readonly [number, number] {
  const padded = pad[0] > 0 || pad[1] > 0
  if (padding === 'valid') return padded ? pad : 'valid'
  if (padded) throw none(node, 'pads a sequence that was padded already')
  if (padding === 'same') return 'same'
  if (padding === 'causal') return span === 1 ? 'valid' : [span - 1, 0]
  throw none(node, `has the padding ${JSON.stringify(padding)}`)
}

function padded(node: KerasNode, form: AlongForm): AlongForm {
  const { dims, position, pad } = form
  const own =
    alongSequence(node, form, node.layer.config['padding'] ?? 1) ??
    raise(none(node, 'adds zeros that are not along the sequence'))
  return {
    ...form,
    dims: dims.map((size, axis) => (axis === position ? size + own[0] + own[1] : size)),
    pad: [pad[0] + own[0], pad[1] + own[1]],
  }
}

/** @returns how many positions before and after; undefined where other dimensions have some, too */
function alongSequence(
  { layer: { className, config } }: KerasNode,
  { dims, position }: AlongForm,
  written: unknown,
): [before: number, after: number] | undefined {
  const spatial = className.endsWith('2D') ? 2 : 1
  const pairs =
    spatial === 1
      ? [pairOf(written)]
      : Array.isArray(written)
        ? written.map(pairOf)
        : [pairOf(written), pairOf(written)]
  const k = config['data_format'] === 'channels_first' ? position - 1 : position
  const other = pairs.find((_, i) => i !== k)
  if (dims.length !== spatial + 1) return undefined
  if (spatial === 2 && (other === undefined || other[0] + other[1] > 0)) return undefined
  return pairs[k]
}

function raise(error: Error): never {
  throw error
}

function pairOf(value: unknown): [number, number] | undefined {
  const single = integer(value)
  if (single !== undefined) return [single, single]
  const pair = integers(value, 2)
  return pair === undefined ? undefined : [pair[0]!, pair[1]!]
}

function pooled(node: KerasNode, form: AlongForm, kind: 'maxPool1d' | 'averagePool1d'): Part {
  const { config, className } = node.layer
  const spatial = className.endsWith('1D') ? 1 : 2
  const { dims, position, channel } = form
  const channelsFirst = config['data_format'] === 'channels_first'
  const channelAxis = channelsFirst ? 0 : spatial
  if (dims.length !== spatial + 1 || position === channelAxis) throw none(node, 'pools along the channels')
  const sizes = counts(config['pool_size'] ?? 2, spatial)
  const strides = counts(config['strides'] ?? config['pool_size'] ?? 2, spatial)
  if (sizes === undefined || strides === undefined)
    throw none(node, 'has a configuration that cannot be read')
  const k = channelsFirst ? position - 1 : position
  if (spatial === 2) {
    const other = 1 - k
    const across = dims[channelsFirst ? other + 1 : other]!
    const idle =
      across === 1
        ? sizes[other] === 1 || config['padding'] === 'same'
        : sizes[other] === 1 && strides[other] === 1
    if (!idle || (channel !== channelAxis && across === 1)) throw none(node, 'pools along the channels')
  }
  const padding = config['padding'] ?? 'valid'
  if (padding !== 'valid' && padding !== 'same')
    throw none(node, `has the padding ${JSON.stringify(padding)}`)
  const [size, stride] = [sizes[k]!, strides[k]!]
  const length =
    padding === 'same'
      ? Math.ceil(dims[position]! / stride)
      : Math.floor((dims[position]! - size) / stride) + 1
  if (length < 1) throw none(node, `pools ${size} of ${dims[position]!} positions`)
  return {
    layers: [{ kind, size, stride, padding }],
    form: { ...form, dims: dims.map((n, axis) => (axis === position ? length : n)) },
  }
}

function globallyPooled(node: KerasNode, form: AlongForm, kind: 'globalMaxPool' | 'globalAveragePool'): Part {
  const { config, className } = node.layer
  const spatial = className.endsWith('1D') ? 1 : 2
  const { dims, channel, order } = form
  const channelAxis = config['data_format'] === 'channels_first' ? 0 : spatial
  if (dims.length !== spatial + 1 || channel !== channelAxis) throw none(node, 'pools along the channels')
  return {
    layers: [{ kind }],
    form: {
      kind: 'flat',
      dims:
        config['keepdims'] === true
          ? dims.map((size, axis) => (axis === channel ? size : 1))
          : [dims[channel]!],
      order,
    },
  }
}

function flattened(node: KerasNode, form: Form): Form {
  if (node.layer.config['data_format'] === 'channels_first' && form.dims.length > 1) {
    // Keras then moves the channels to the end first.
    const [channels, ...rest] = form.dims
    if (form.kind === 'along') {
      const moved = (axis: number) => (axis === 0 ? form.dims.length - 1 : axis - 1)
      return reshaped(
        { ...form, dims: [...rest, channels!], position: moved(form.position), channel: moved(form.channel) },
        [product(form.dims)],
        node,
      )
    }
  }
  return reshaped(form, [product(form.dims)], node)
}

/** @returns the sizes that a Reshape makes, the one left open found out */
function targetOf(node: KerasNode, form: Form): number[] {
  const written: unknown = node.layer.config['target_shape']
  const total = product(form.dims)
  if (!Array.isArray(written) || !written.every((size) => Number.isSafeInteger(size))) {
    throw none(node, 'has a target_shape that cannot be read')
  }
  const sizes = written as number[]
  const known = product(sizes.filter((size) => size !== -1))
  const target = sizes.map((size) => (size === -1 ? total / known : size))
  if (product(target) !== total) throw none(node, `makes [${target.join(', ')}] of [${form.dims.join(', ')}]`)
  return target
}

/** Channels become positions where a sequence stays one: [L, C] to [L · g, C / g]. */
function reshapedOrSplit(form: Form, target: readonly number[], node: KerasNode): Part {
  const [length, channels] = form.dims
  const groups = target[0]! / length!
  const splits =
    form.kind === 'along' &&
    form.dims.length === 2 &&
    form.position === 0 &&
    form.order === undefined &&
    form.pad[0] + form.pad[1] === 0 &&
    target.length === 2 &&
    groups > 1 &&
    Number.isSafeInteger(groups)
  if (!splits) return { layers: [], form: reshaped(form, target, node) }
  return {
    layers: [{ kind: 'splitChannels', groups }],
    form: { ...form, dims: [length! * groups, channels! / groups] },
  }
}

/** With its positions and channels in dimensions of their own, as they were. */
function staysAlong(form: AlongForm, target: readonly number[]): AlongForm | undefined {
  const { dims, position, channel } = form
  if (target.join() === dims.join()) return form
  const [first, last] = position < channel ? [position, channel] : [channel, position]
  const start = target.indexOf(dims[first]!)
  const end = target.lastIndexOf(dims[last]!)
  if (start < 0 || start >= end || product(target) !== target[start]! * target[end]!) return undefined
  const [newPosition, newChannel] = position < channel ? [start, end] : [end, start]
  return { ...form, dims: target, position: newPosition, channel: newChannel }
}

/** The same numbers under other sizes: dimensions of 1 come and go, a sequence is packed or unpacked. */
function reshaped(form: Form, target: readonly number[], node: KerasNode): Form {
  const large = (dims: readonly number[]) => dims.flatMap((size, axis) => (size > 1 ? [axis] : []))
  if (form.kind === 'flat') {
    if (large(target).length > 1) throw none(node, 'makes a sequence of units')
    return { ...form, dims: target }
  }
  if (form.kind === 'along') {
    const { dims, position, channel, order } = form
    const moved = staysAlong(form, target)
    if (moved !== undefined) return moved
    if (large(target).length <= 1) {
      return {
        kind: 'packed',
        dims: target,
        length: dims[position]!,
        channels: dims[channel]!,
        byPosition: position < channel,
        order,
      }
    }
    throw none(node, `makes [${target.join(', ')}] of [${dims.join(', ')}]`)
  }
  const { length, channels, byPosition, order } = form
  if (large(target).length <= 1) return { ...form, dims: target }
  const wanted = byPosition ? [length, channels] : [channels, length]
  const axes = large(target)
  if (axes.map((axis) => target[axis]).join() !== wanted.join()) {
    throw none(node, `makes [${target.join(', ')}] of ${length} positions × ${channels} channels`)
  }
  const [position, channel] = byPosition ? axes : [...axes].reverse()
  return { kind: 'along', dims: target, position: position!, channel: channel!, order, pad: noPad }
}

function permuted(node: KerasNode, form: Form): Form {
  const axes = integers(node.layer.config['dims'], form.dims.length)
  if (axes === undefined || [...axes].sort().some((axis, i) => axis !== i + 1)) {
    throw none(node, 'has dims that cannot be read')
  }
  const dims = axes.map((axis) => form.dims[axis - 1]!)
  if (form.kind !== 'along') return { ...form, dims }
  return { ...form, dims, position: axes.indexOf(form.position + 1), channel: axes.indexOf(form.channel + 1) }
}

function sameOrder(a: Form, b: Form): boolean {
  return String(a.order) === String(b.order) && (a.kind !== 'along' || b.kind !== 'along' || sameAxes(a, b))
}

function sameAxes(a: AlongForm, b: AlongForm): boolean {
  return a.position === b.position && a.channel === b.channel
}

function joinOrders(forms: readonly Form[], axis: number): Int32Array | undefined {
  if (forms.every(({ order }) => order === undefined)) return undefined
  let offset = 0
  return Int32Array.from(
    forms.flatMap(({ dims, order }) => {
      const start = offset
      offset += dims[axis]!
      return Array.from({ length: dims[axis]! }, (_, i) => start + (order?.[i] ?? i))
    }),
  )
}
