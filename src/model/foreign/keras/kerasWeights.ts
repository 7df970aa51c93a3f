/**
 * The weights of a Keras model, from any of Keras' HDF5 layouts: one list a layer (Keras 1, 2 and the .h5 of Keras 3), or
 * one group a variable under the layer's class (`layers/conv1d_1/vars/0`, Keras 3).
 */
import { DataError } from '../../../base/errors.ts'
import type { Hdf5Contents, Hdf5Reader, Tensor } from '../../../io/hdf5/hdf5.ts'
import type { KerasLayer, KerasModel } from './kerasConfig.ts'
import { product } from '../../network/shapes.ts'

/** All but what the optimizer goes on from, which has twice the bytes of the weights. */
export const kerasContents: Hdf5Contents = {
  numbers: 'weights',
  read: /^(?!optimizer(?:_weights)?$)/,
  integers: false,
  typeRemedy: 'save the model with such weights (those of a quantised model before it was quantised)',
  writer: 'Keras',
}

/** Weights of one layer by role: kernel, bias, gamma, …; those of Bidirectional are `forward/kernel`, `backward/kernel`, …. */
export type LayerWeights = ReadonlyMap<string, Tensor>

/** A variable of a layer. */
interface Slot {
  readonly layer: KerasLayer
  readonly role: string
  readonly trainable: boolean
  /** Of no use to us, and not always a number. */
  readonly unread?: boolean
  /** Where Keras 3 keeps it, below the model's own group. */
  readonly path: string
}

/**
 * @param file named in errors
 * @returns the weights of every layer that has some, those inside nested models and wrappers included
 * @throws DataError naming the layer whose weights are missing, too many, not numbers or NaN
 */
export function readKerasWeights(
  model: KerasModel,
  reader: Hdf5Reader,
  { major, backend }: { readonly major: number; readonly backend: string | undefined },
  file: string,
): Map<KerasLayer, LayerWeights> {
  const { weights, keep } = keeper(file)
  const groups = reader.names('model_weights').length > 0 ? 'model_weights' : ''
  const layerNames = reader.texts(groups, 'layer_names')
  if (layerNames !== undefined) readLists(model, reader, groups, new Set(layerNames), major, keep, file)
  else readVariables(model, reader, keep, file)
  for (const [layer, roles] of weights) mendOldWeights(layer, roles, major, backend, file)
  return weights
}

/**
 * As `readKerasWeights`, from the weights of a TensorFlow.js layers model, which lie under their names.
 * @throws DataError naming the layer whose weights are missing, not numbers or NaN
 */
export function readNamedWeights(
  model: KerasModel,
  tensors: ReadonlyMap<string, Tensor>,
  file: string,
): Map<KerasLayer, LayerWeights> {
  const { weights, keep } = keeper(file)
  const names = [...tensors.keys()].map((name) => ({ name, steps: name.split('/') }))
  for (const slot of slotsOfModel(model, 'layers', false, true)) {
    if (slot.unread === true) continue
    const { layer, role, path } = slot
    // Versions put the names of cells and of nested models between those of the layer and of the weight.
    const [direction, plainRole] = role.includes('/') ? (role.split('/') as [string, string]) : ['', role]
    const candidates = names.filter(
      ({ steps }) =>
        steps.at(-1) === plainRole &&
        steps.slice(0, -1).includes(layer.name) &&
        (direction === '' || steps.some((step) => step.startsWith(direction))),
    )
    const exact = [path, `${layer.name}/${role}`].find((name) => tensors.has(name))
    const name = exact ?? (candidates.length === 1 ? candidates[0]!.name : undefined)
    if (name === undefined) {
      throw new DataError(
        candidates.length === 0
          ? `has no ${role} of ${describe(layer)}; are the weights those of another model?`
          : `has several weights that may be the ${role} of ${describe(layer)}: ${candidates.map((one) => one.name).join(', ')}`,
        { file },
      )
    }
    keep(slot, tensors.get(name)!)
  }
  return weights
}

function keeper(file: string): { weights: Map<KerasLayer, Map<string, Tensor>>; keep: Keep } {
  const weights = new Map<KerasLayer, Map<string, Tensor>>()
  const keep = ({ layer, role }: Slot, tensor: Tensor) => {
    const strange = tensor.values.findIndex((value) => !Number.isFinite(value))
    if (strange >= 0) {
      throw new DataError(
        `the ${role} of ${describe(layer)} holds ${tensor.values[strange]!}; train it again`,
        {
          file,
        },
      )
    }
    const roles = weights.get(layer) ?? new Map<string, Tensor>()
    weights.set(layer, roles.set(role, tensor))
  }
  return { weights, keep }
}

export function describe({ name, className }: KerasLayer): string {
  return `layer '${name}' (${className})`
}

type Keep = (slot: Slot, tensor: Tensor) => void

/** The list of a layer, a nested model included, has its trainable variables first. */
function readLists(
  model: KerasModel,
  reader: Hdf5Reader,
  groups: string,
  layerNames: ReadonlySet<string>,
  major: number,
  keep: Keep,
  file: string,
): void {
  for (const layer of model.layers) {
    const slots = slotsOf(layer, '', major === 1)
    if (slots.length === 0) continue
    if (!layerNames.has(layer.name)) {
      throw new DataError(`has no weights of ${describe(layer)}; are they of another model?`, { file })
    }
    const path = `${groups}/${layer.name}`
    const names = reader.texts(path, 'weight_names') ?? []
    if (names.length !== slots.length) {
      throw new DataError(
        `has ${names.length} weights of ${describe(layer)}, which needs ${slots.length}; are they of another model?`,
        { file },
      )
    }
    const ordered = [
      ...slots.filter(({ trainable }) => trainable),
      ...slots.filter(({ trainable }) => !trainable),
    ]
    for (const [i, slot] of ordered.entries()) {
      if (slot.unread !== true) keep(slot, reader.tensor(`${path}/${names[i]!}`))
    }
  }
}

/** TensorFlow 2.12 and 2.13 named the group of a functional model's layers otherwise. */
const layerGroups = ['layers', '_layer_checkpoint_dependencies']

function readVariables(model: KerasModel, reader: Hdf5Reader, keep: Keep, file: string): void {
  const group = layerGroups.find((name) => reader.names('').includes(name))
  if (group === undefined) {
    throw new DataError('holds no weights of a Keras model; name the file that Keras saved', { file })
  }
  for (const slot of slotsOfModel(model, group, false, true)) {
    if (slot.unread === true) continue
    const path = slot.path
    const vars = path.slice(0, path.lastIndexOf('/'))
    if (!reader.names(vars).includes(path.slice(vars.length + 1))) {
      throw new DataError(
        `has no ${slot.role} of ${describe(slot.layer)} ('${path}'); are the weights those of another model?`,
        { file },
      )
    }
    keep(slot, reader.tensor(path))
  }
}

/** Classes that are named otherwise in a configuration. */
const pythonClasses: Readonly<Record<string, string>> = { GroupQueryAttention: 'GroupedQueryAttention' }

function slotsOfModel(model: KerasModel, group: string, old: boolean, trainable: boolean): Slot[] {
  const used = new Map<string, number>()
  return model.layers.flatMap((layer) => {
    if (layer.isOperation) return []
    // Keras 3 names the group after the class and counts; the layer's own name it leaves out.
    const name = snakeCase(
      layer.model?.className ?? pythonClasses[layer.className] ?? layer.writtenClass ?? layer.className,
    )
    const count = used.get(name) ?? 0
    used.set(name, count + 1)
    return slotsOf(layer, `${group}/${count === 0 ? name : `${name}_${count}`}`, old, trainable)
  })
}

/** As Keras turns the name of a class into that of a group: `Conv1D` conv1d, `MaxPooling1D` max_pooling1d. */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

/** @param old written by Keras 1, whose recurrent layers have a set of weights a gate */
function slotsOf(layer: KerasLayer, path: string, old: boolean, trainable = true): Slot[] {
  const learns = trainable && layer.config['trainable'] !== false
  if (layer.model !== undefined) return slotsOfModel(layer.model, `${path}/layers`, old, learns)
  const { className, wrapped } = layer
  if (className === 'Bidirectional' && wrapped !== undefined) {
    return ['forward', 'backward'].flatMap((direction) =>
      slotsOf(wrapped, `${path}/${direction}_layer`, old, learns).map((slot) => ({
        ...slot,
        layer,
        role: `${direction}/${slot.role}`,
      })),
    )
  }
  if (wrapped !== undefined) {
    const inner = slotsOf(wrapped, `${path}/layer`, old, learns)
    if (className !== 'SpectralNormalization') return inner
    // What the norm of the kernel was estimated with in training.
    return [...inner, { layer, role: 'vector_u', trainable: false, unread: true, path: `${path}/vars/1` }]
  }
  if (headedAttention.has(className)) return slotsOfHeads(layer, path, learns)
  const vars = className in gatesOfKeras1 || className === 'SimpleRNN' ? `${path}/cell/vars` : `${path}/vars`
  return rolesOf(layer, old).map((role, i) => ({
    layer,
    role,
    trainable: learns && !fixedRoles.has(role),
    unread: role === 'count',
    path: `${vars}/${i}`,
  }))
}

/** What training does not move by gradients. */
const fixedRoles: ReadonlySet<string> = new Set([
  'moving_mean',
  'moving_variance',
  'mean',
  'variance',
  'count',
])

const headedAttention: ReadonlySet<string> = new Set([
  'MultiHeadAttention',
  'GroupedQueryAttention',
  'GroupQueryAttention',
])

/** The projections of attention by heads, each a kernel and a bias. */
function slotsOfHeads(layer: KerasLayer, path: string, learns: boolean): Slot[] {
  const { config } = layer
  const roles = ['kernel', ...(config['use_bias'] === false ? [] : ['bias'])]
  const projections = ['query', 'key', ...(config['use_gate'] === true ? ['gate'] : []), 'value', 'output']
  return projections.flatMap((projection) =>
    roles.map((role, i) => ({
      layer,
      role: `${projection}/${role}`,
      trainable: learns,
      path: `${path}/${layer.className === 'MultiHeadAttention' ? '' : '_'}${projection}_dense/vars/${i}`,
    })),
  )
}

/** The gates of recurrent layers in the order in which Keras 1 has their weights. */
const gatesOfKeras1: Readonly<Record<string, readonly string[]>> = {
  LSTM: ['i', 'c', 'f', 'o'],
  GRU: ['z', 'r', 'h'],
}
/** And in the order in which Keras 2 joins them. */
const gatesOfKeras2: Readonly<Record<string, readonly string[]>> = {
  LSTM: ['i', 'f', 'c', 'o'],
  GRU: ['z', 'r', 'h'],
}

/** What a layer learns, in the order in which Keras keeps it. */
function rolesOf({ className, config }: KerasLayer, old: boolean): string[] {
  const when = (key: string, role: string) => (config[key] === false ? [] : [role])
  switch (className) {
    case 'Dense':
    case 'Conv1D':
    case 'Conv1DTranspose':
    case 'Conv2D':
    case 'Conv2DTranspose':
    case 'LocallyConnected1D':
      return ['kernel', ...when('use_bias', 'bias')]
    case 'EinsumDense':
      return ['kernel', ...(typeof config['bias_axes'] === 'string' ? ['bias'] : [])]
    case 'DepthwiseConv1D':
    case 'DepthwiseConv2D':
      return ['depthwise_kernel', ...when('use_bias', 'bias')]
    case 'SeparableConv1D':
    case 'SeparableConv2D':
      return ['depthwise_kernel', 'pointwise_kernel', ...when('use_bias', 'bias')]
    case 'BatchNormalization':
      return [...when('scale', 'gamma'), ...when('center', 'beta'), 'moving_mean', 'moving_variance']
    case 'LayerNormalization':
    case 'GroupNormalization':
      if (config['rms_scaling'] === true) return ['gamma']
      return [...when('scale', 'gamma'), ...when('center', 'beta')]
    case 'RMSNormalization':
      return ['gamma']
    case 'Normalization':
      return (config['mean'] ?? null) === null ? ['mean', 'variance', 'count'] : []
    case 'Attention':
    case 'AdditiveAttention': {
      const scales = config['use_scale'] ?? className === 'AdditiveAttention'
      return [
        ...(scales === true ? ['scale'] : []),
        ...(config['score_mode'] === 'concat' ? ['concat_score_weight'] : []),
      ]
    }
    case 'PReLU':
      return ['alpha']
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN': {
      const roles = ['kernel', 'recurrent_kernel', ...when('use_bias', 'bias')]
      const gates = old ? gatesOfKeras1[className] : undefined
      return gates === undefined ? roles : gates.flatMap((gate) => roles.map((role) => `${role}.${gate}`))
    }
    default:
      return []
  }
}

/** What older versions and Theano stored otherwise, as Keras itself mends it on loading. */
function mendOldWeights(
  layer: KerasLayer,
  roles: Map<string, Tensor>,
  major: number,
  backend: string | undefined,
  file: string,
): void {
  const { className, config } = layer
  const kernel = roles.get('kernel')
  if ((className === 'Conv1D' || className === 'Conv2D') && kernel !== undefined) {
    let mended = kernel
    if (major === 1 && className === 'Conv1D' && kernel.shape.length === 4) {
      const rows = kernelRows(config)
      const [first, second] = kernel.shape
      // Keras before 1.2: [filters, inputs, length, 1]
      if (first !== rows || second !== 1) mended = transposeOld(kernel)
      const [length, , inputs, filters] = mended.shape as [number, number, number, number]
      mended = { shape: [length, inputs, filters], values: mended.values }
    }
    if (major === 1 && className === 'Conv2D' && config['data_format'] === 'channels_first') {
      if (kernel.shape.length === 4) mended = transposeOld(kernel)
    }
    // Theano convolves: it reads kernels backwards.
    if (backend === 'theano') mended = flipped(mended, className === 'Conv1D' ? 1 : 2)
    roles.set('kernel', mended)
  }
  if (major !== 1) return
  const inner = className === 'Bidirectional' ? layer.wrapped!.className : className
  const gates = gatesOfKeras2[inner]
  if (gates === undefined) return
  for (const direction of className === 'Bidirectional' ? ['forward/', 'backward/'] : ['']) {
    for (const role of ['kernel', 'recurrent_kernel', 'bias'].map((name) => `${direction}${name}`)) {
      const parts = gates.map((gate) => roles.get(`${role}.${gate}`)).filter((part) => part !== undefined)
      for (const gate of gates) roles.delete(`${role}.${gate}`)
      if (parts.length !== gates.length) continue
      if (new Set(parts.map(({ shape }) => shape.join())).size > 1) {
        throw new DataError(`the gates of ${describe(layer)} have weights of different shapes`, { file })
      }
      roles.set(role, joinColumns(parts))
    }
  }
}

function kernelRows(config: KerasLayer['config']): unknown {
  const size = config['kernel_size']
  return Array.isArray(size) ? (size[0] as unknown) : size
}

/** [filters, inputs, rows, columns] to [rows, columns, inputs, filters] */
function transposeOld({ shape, values }: Tensor): Tensor {
  const [filters, inputs, rows, columns] = shape as [number, number, number, number]
  const out = new Float32Array(values.length)
  for (let f = 0, from = 0; f < filters; f++) {
    for (let i = 0; i < inputs; i++) {
      for (let place = 0; place < rows * columns; place++) {
        out[(place * inputs + i) * filters + f] = values[from++]!
      }
    }
  }
  return { shape: [rows, columns, inputs, filters], values: out }
}

/** Backwards along the first `axes` dimensions. */
function flipped({ shape, values }: Tensor, axes: number): Tensor {
  const places = product(shape.slice(0, axes))
  const block = values.length / places
  const out = new Float32Array(values.length)
  for (let place = 0; place < places; place++) {
    out.set(values.subarray(place * block, (place + 1) * block), (places - 1 - place) * block)
  }
  return { shape, values: out }
}

/** Of one shape, one after the other along the last dimension. */
function joinColumns(parts: readonly Tensor[]): Tensor {
  const { shape } = parts[0]!
  const part = shape.at(-1)!
  const width = part * parts.length
  const values = new Float32Array(parts[0]!.values.length * parts.length)
  for (const [i, { values: columns }] of parts.entries()) {
    for (let from = 0, to = i * part; from < columns.length; from += part, to += width) {
      values.set(columns.subarray(from, from + part), to)
    }
  }
  return { shape: [...shape.slice(0, -1), width], values }
}
