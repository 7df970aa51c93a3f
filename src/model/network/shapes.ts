/** What shape each layer's output has, how many parameters a layer holds, how many bases one unit sees. */
import { ConfigError } from '../../base/errors.ts'
import { baseCount } from '../../sequence/alphabet.ts'
import type { LayerSpec } from './layerSpec.ts'
import type { Padding } from './network.ts'

/** [length, channels] along the sequence, [units] once flattened or pooled globally. */
export type Shape = readonly [length: number, channels: number] | readonly [units: number]

/** Channels (the last dimension), whatever the shape. */
export function channelsOf(shape: Shape): number {
  return shape.at(-1)!
}

/** Values of one input at this point of the network. */
export function sizeOf(shape: Shape): number {
  return shape.length === 2 ? shape[0] * shape[1] : shape[0]
}

/**
 * The output shape of every layer of a network or architecture whose input is [inputLength, 4].
 * @returns one shape a layer (a residual layer counts as one)
 * @throws ConfigError naming the layer (1-based), its kind and what does not fit
 */
export function inferShapes(layers: readonly LayerSpec[], inputLength: number): Shape[] {
  return shapesAfter(layers, [inputLength, baseCount])
}

/** As `inferShapes`, from any input shape; `prefix` numbers the layers of a residual layer. */
export function shapesAfter(layers: readonly LayerSpec[], input: Shape, prefix = ''): Shape[] {
  const shapes: Shape[] = []
  let shape = input
  for (const [i, layer] of layers.entries()) {
    shape = outputShape(layer, shape, `${prefix}${i + 1}`)
    shapes.push(shape)
  }
  return shapes
}

/**
 * The shape that a layer makes of its input's shape.
 * @param label the layer's number, for the error
 */
export function outputShape(layer: LayerSpec, input: Shape, label: string): Shape {
  const misfit = (problem: string) => new ConfigError(`layer ${label} (${layer.kind}) ${problem}`)
  switch (layer.kind) {
    case 'conv1d': {
      const length = lengthAlong(input, misfit)
      checkPadding(layer.padding, misfit)
      const span = (layer.kernelSize - 1) * layer.dilation + 1
      const positions = windowCount(length, span, 1, layer.padding)
      if (positions < 1) {
        throw misfit(
          `spans ${span} positions, but its input has ${length}; use padding same or a shorter kernel`,
        )
      }
      return [positions, layer.filters]
    }
    case 'maxPool1d':
    case 'averagePool1d': {
      const length = lengthAlong(input, misfit)
      checkPadding(layer.padding, misfit)
      if (typeof layer.padding !== 'string' && Math.max(...layer.padding) >= layer.size) {
        throw misfit(`pads as much as it pools (${layer.size} positions), so that a window would be empty`)
      }
      const positions = windowCount(length, layer.size, layer.stride, layer.padding)
      if (positions < 1) {
        throw misfit(
          `pools ${layer.size} positions, but its input has ${length}; use padding same or a smaller size`,
        )
      }
      return [positions, channelsOf(input)]
    }
    case 'crop1d': {
      const length = lengthAlong(input, misfit)
      checkEdges(layer, misfit)
      const left = length - layer.before - layer.after
      if (left < 1) {
        throw misfit(
          `cuts ${layer.before} and ${layer.after} positions off, but its input has ${length}; cut off fewer`,
        )
      }
      return [left, channelsOf(input)]
    }
    case 'zeroPad1d': {
      const length = lengthAlong(input, misfit)
      checkEdges(layer, misfit)
      return [layer.before + length + layer.after, channelsOf(input)]
    }
    case 'globalMaxPool':
    case 'globalAveragePool':
      lengthAlong(input, misfit)
      return [channelsOf(input)]
    case 'dense':
      if (input.length === 2) {
        throw misfit(
          `needs one row of units, but its input is [${input.join(', ')}]; flatten or pool globally first`,
        )
      }
      return [layer.units]
    case 'flatten':
      return [sizeOf(input)]
    case 'batchNorm':
    case 'activation':
    case 'dropout':
      return input
    case 'splitChannels': {
      const length = lengthAlong(input, misfit)
      const channels = channelsOf(input)
      if (channels % layer.groups !== 0)
        throw misfit(`splits ${channels} channels into ${layer.groups} groups`)
      return [length * layer.groups, channels / layer.groups]
    }
    case 'residual': {
      const inner = shapesAfter(layer.layers, input, `${label}.`).at(-1) ?? input
      const shortcut = shapesAfter(layer.shortcut ?? [], input, `${label}.shortcut.`).at(-1) ?? input
      if (inner.length !== shortcut.length || inner.some((size, i) => size !== shortcut[i])) {
        throw misfit(
          layer.shortcut === undefined
            ? `must keep its input's shape [${input.join(', ')}], but its layers end with [${inner.join(', ')}]`
            : `adds its layers, which end with [${inner.join(', ')}], to its shortcut, which ends with [${shortcut.join(', ')}]`,
        )
      }
      return inner
    }
    case 'concat': {
      if (layer.branches.length < 2) throw misfit('needs at least two branches')
      const ends = layer.branches.map(
        (branch, i) => shapesAfter(branch, input, `${label}.${i + 1}.`).at(-1) ?? input,
      )
      const [first] = ends as [Shape, ...Shape[]]
      if (ends.some((end) => end.length !== first.length || (end.length === 2 && end[0] !== first[0]))) {
        throw misfit(
          `has branches of different lengths: they end with ${ends.map((end) => `[${end.join(', ')}]`).join(', ')}`,
        )
      }
      const channels = ends.reduce((sum, end) => sum + channelsOf(end), 0)
      return first.length === 2 ? [first[0], channels] : [channels]
    }
  }
}

function lengthAlong(shape: Shape, misfit: (problem: string) => ConfigError): number {
  if (shape.length === 1) throw misfit('needs positions along the sequence, but its input is already flat')
  return shape[0]
}

function checkEdges(
  { before, after }: { readonly before: number; readonly after: number },
  misfit: (problem: string) => ConfigError,
): void {
  if (![before, after].every((positions) => Number.isSafeInteger(positions) && positions >= 0)) {
    throw misfit(`has before ${before} and after ${after}, which must be whole numbers from 0`)
  }
}

function checkPadding(padding: Padding, misfit: (problem: string) => ConfigError): void {
  if (typeof padding === 'string') return
  if (!padding.every((positions) => Number.isSafeInteger(positions) && positions >= 0)) {
    throw misfit(`pads [${padding.join(', ')}], which must be two whole numbers from 0`)
  }
}

/** Windows of `span` positions, `stride` apart. */
export function windowCount(length: number, span: number, stride: number, padding: Padding): number {
  if (padding === 'same') return Math.ceil(length / stride)
  const [before, after] = paddingOf(length, span, stride, padding)
  return Math.floor((before + length + after - span) / stride) + 1
}

/** Positions to pad; of `same`, as TensorFlow has it: as few as needed, the odd one at the end. */
export function paddingOf(
  length: number,
  span: number,
  stride: number,
  padding: Padding,
): [before: number, after: number] {
  if (padding === 'valid') return [0, 0]
  if (padding !== 'same') return [...padding]
  const total = Math.max((Math.ceil(length / stride) - 1) * stride + span - length, 0)
  const before = Math.floor(total / 2)
  return [before, total - before]
}

/** Padding in the words of a network: `same` and `valid` where they say the same. */
export function paddingFrom(
  before: number,
  after: number,
  length: number,
  span: number,
  stride: number,
): Padding {
  if (before === 0 && after === 0) return 'valid'
  const same = paddingOf(length, span, stride, 'same')
  return same[0] === before && same[1] === after ? 'same' : [before, after]
}

/** Numbers that one layer holds (batch normalisation: four a channel, as stored). */
export function parameterCount(layer: LayerSpec, input: Shape): number {
  switch (layer.kind) {
    case 'conv1d':
      return (layer.kernelSize * channelsOf(input) + 1) * layer.filters
    case 'dense':
      return (sizeOf(input) + 1) * layer.units
    case 'batchNorm':
      return 4 * channelsOf(input)
    case 'residual':
      return totalParameters(layer.layers, input) + totalParameters(layer.shortcut ?? [], input)
    case 'concat':
      return layer.branches.reduce((total, branch) => total + totalParameters(branch, input), 0)
    case 'activation':
    case 'maxPool1d':
    case 'averagePool1d':
    case 'crop1d':
    case 'zeroPad1d':
    case 'globalMaxPool':
    case 'globalAveragePool':
    case 'dropout':
    case 'flatten':
    case 'splitChannels':
      return 0
  }
}

/** Numbers that all layers hold together. */
export function totalParameters(layers: readonly LayerSpec[], input: Shape): number {
  const shapes = [input, ...shapesAfter(layers, input)]
  return layers.reduce((total, layer, i) => total + parameterCount(layer, shapes[i]!), 0)
}

/** Bases that one position sees where the sequence axis ends (the first global pool, flatten, or the last layer). */
export function receptiveField(layers: readonly LayerSpec[]): number {
  return fieldAfter(layers, { bases: 1, stride: 1, groups: 1 }).bases
}

interface Field {
  readonly bases: number
  /** Bases between neighbouring positions that see different ones. */
  readonly stride: number
  /** Neighbours that see the same bases: of a position whose channels were split. */
  readonly groups: number
}

function fieldAfter(layers: readonly LayerSpec[], input: Field): Field {
  let field = input
  for (const layer of layers) {
    if (layer.kind === 'conv1d') field = windowed(field, (layer.kernelSize - 1) * layer.dilation + 1, 1)
    else if (layer.kind === 'maxPool1d' || layer.kind === 'averagePool1d')
      field = windowed(field, layer.size, layer.stride)
    else if (layer.kind === 'splitChannels') field = { ...field, groups: field.groups * layer.groups }
    else if (layer.kind === 'residual') field = widest([layer.layers, layer.shortcut ?? []], field)
    else if (layer.kind === 'concat') field = widest(layer.branches, field)
    else if (layer.kind === 'globalMaxPool' || layer.kind === 'globalAveragePool' || layer.kind === 'flatten')
      break
  }
  return field
}

function windowed({ bases, stride, groups }: Field, span: number, step: number): Field {
  // Windows that begin with a position's first group meet fewer positions than others.
  const whole = step % groups === 0
  const others = Math.ceil((whole ? span - groups : span - 1) / groups)
  const field = { bases: bases + Math.max(others, 0) * stride, stride: stride * step, groups }
  return whole ? { ...field, stride: field.stride / groups, groups: 1 } : field
}

function widest(branches: readonly (readonly LayerSpec[])[], input: Field): Field {
  const fields = branches.map((branch) => fieldAfter(branch, input))
  return fields.reduce((wide, field) => ({ ...field, bases: Math.max(wide.bases, field.bases) }))
}

/** Numbers that a tensor of these sizes holds. */
export function product(sizes: readonly number[]): number {
  return sizes.reduce((result, size) => result * size, 1)
}
