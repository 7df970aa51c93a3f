/** The layers of a network as ONNX operators, forwards and backwards. */
import type { DenseLayer, Layer } from '../network/network.ts'
import { channelsOf, outputShape, sizeOf, type Shape } from '../network/shapes.ts'
import { activate, type RectifierRule } from './activationRules.ts'
import { convolution } from './convolutionRule.ts'
import type { Comparison } from './comparison.ts'
import { int } from '../formats/onnx/onnxEncode.ts'
import type { GraphWriter } from './graphWriter.ts'
import { normaliseBatch, normaliseByRunning } from './batchRules.ts'
import type { LayerPass, Parameters } from './layerPass.ts'
import { globalAverage, globalMaximum, pool, zeros } from './poolRules.ts'
import { rescale, rescaleGlobalMaximum, rescalePool } from './rescaleRules.ts'
import { fit } from './windows.ts'

export interface GraphPass {
  readonly g: GraphWriter
  readonly parameters: Parameters
  /** Undefined in inference. */
  readonly training?: {
    /** @returns what the numbers of the input are multiplied with, of its shape */
    dropout(rate: number, input: Shape): string
  }
  /** Asks for DeepLIFT's multipliers in the place of gradients: the rows hold themselves against others. */
  readonly compared?: Comparison | undefined
  /** `gradient` unless given. */
  readonly rectifier?: RectifierRule | undefined
  /** Told what each layer gives and is owed, those of branches included, from the last to the first. */
  readonly visit?: ((layer: Layer, y: string, dy: string, shape: Shape) => void) | undefined
}

/** @returns the same of all layers, one after another */
export function passLayers(pass: GraphPass, layers: readonly Layer[], x: string, input: Shape): LayerPass {
  const passed: { layer: Layer; shape: Shape; done: LayerPass }[] = []
  let [y, shape] = [x, input]
  for (const layer of layers) {
    const done = passLayer(pass, layer, y, shape)
    shape = outputShape(layer, shape, '')
    y = done.y
    passed.push({ layer, shape, done })
  }
  return {
    y,
    backward: (dy) =>
      passed.reduceRight((owed, { layer, shape, done }) => {
        pass.visit?.(layer, done.y, owed, shape)
        return done.backward(owed)
      }, dy),
  }
}

function passLayer(pass: GraphPass, layer: Layer, x: string, input: Shape): LayerPass {
  const { g, parameters, compared } = pass
  switch (layer.kind) {
    case 'conv1d':
      return convolution(g, parameters, layer, x, input)
    case 'dense':
      return dense(g, parameters, layer, x, input)
    case 'batchNorm':
      return pass.training === undefined
        ? normaliseByRunning(g, parameters, layer, x, input)
        : normaliseBatch(g, parameters, layer, x, input)
    case 'activation':
      return compared === undefined
        ? activate(g, layer.function, x, pass.rectifier)
        : rescale(g, compared, layer.function, x, input)
    case 'maxPool1d':
      return compared === undefined ? pool(g, layer, x, input) : rescalePool(g, compared, layer, x, input)
    case 'averagePool1d':
      return pool(g, layer, x, input)
    case 'globalMaxPool':
      return compared === undefined ? globalMaximum(g, x, input) : rescaleGlobalMaximum(g, compared, x, input)
    case 'globalAveragePool':
      return globalAverage(g, x, input)
    case 'crop1d':
      return {
        y: fit(g, x, -layer.before, -layer.after, 0),
        backward: (dy) => fit(g, dy, layer.before, layer.after, 0),
      }
    case 'zeroPad1d':
      return {
        y: zeros(g, x, layer.before, layer.after),
        backward: (dy) => fit(g, dy, -layer.before, -layer.after, 0),
      }
    case 'flatten':
      return flatten(g, x, input)
    case 'splitChannels':
      return splitChannels(g, layer.groups, x, input)
    case 'dropout': {
      if (pass.training === undefined) return { y: x, backward: (dy) => dy }
      const kept = pass.training.dropout(layer.rate, input)
      return { y: g.op('Mul', [x, kept]), backward: (dy) => g.op('Mul', [dy, kept]) }
    }
    case 'residual': {
      const [shortcut, inner] = [layer.shortcut ?? [], layer.layers].map((branch) =>
        passLayers(pass, branch, x, input),
      ) as [LayerPass, LayerPass]
      return {
        y: g.op('Add', [shortcut.y, inner.y]),
        backward: (dy) => g.op('Add', [shortcut.backward(dy), inner.backward(dy)]),
      }
    }
    case 'concat':
      return concat(pass, layer.branches, x, input)
  }
}

function dense(
  g: GraphWriter,
  parameters: Parameters,
  layer: DenseLayer,
  x: string,
  input: Shape,
): LayerPass {
  const kernel = parameters.read('kernel', layer.kernel, [sizeOf(input), layer.units])
  const bias = parameters.read('bias', layer.bias, [layer.units])
  return {
    y: g.op('Gemm', [x, kernel, bias]),
    backward(dy) {
      parameters.owe(kernel, 'kernel', g.op('Gemm', [x, dy], [int('transA', 1)]))
      parameters.owe(bias, 'bias', g.sumOverRows(dy, false, false))
      return g.op('Gemm', [dy, kernel], [int('transB', 1)])
    },
  }
}

/** To NWC, as dense kernels have it. */
function flatten(g: GraphWriter, x: string, input: Shape): LayerPass {
  if (input.length === 1) return { y: x, backward: (dy) => dy }
  const [length, channels] = input
  return {
    y: g.reshape(g.transpose(x, [0, 2, 3, 1]), [0, length * channels]),
    backward: (dy) => g.transpose(g.reshape(dy, [0, 1, length, channels]), [0, 3, 1, 2]),
  }
}

function splitChannels(g: GraphWriter, groups: number, x: string, input: Shape): LayerPass {
  const length = input[0]
  const channels = channelsOf(input) / groups
  const apart = g.transpose(g.reshape(x, [0, groups, channels, length]), [0, 2, 3, 1])
  return {
    y: g.reshape(apart, [0, channels, 1, length * groups]),
    backward(dy) {
      const apart = g.transpose(g.reshape(dy, [0, channels, length, groups]), [0, 3, 1, 2])
      return g.reshape(apart, [0, groups * channels, 1, length])
    },
  }
}

function concat(
  pass: GraphPass,
  branches: readonly (readonly Layer[])[],
  x: string,
  input: Shape,
): LayerPass {
  const { g } = pass
  const passed = branches.map((branch) => passLayers(pass, branch, x, input))
  const channels = branches.map((branch) =>
    channelsOf(branch.reduce((shape, layer) => outputShape(layer, shape, ''), input)),
  )
  return {
    y: g.concat(
      passed.map(({ y }) => y),
      1,
    ),
    backward(dy) {
      let from = 0
      return passed
        .map((branch, i) => {
          const part = g.slice(dy, 1, from, from + channels[i]!)
          from += channels[i]!
          return branch.backward(part)
        })
        .reduce((sum, owed) => g.op('Add', [sum, owed]))
    },
  }
}
