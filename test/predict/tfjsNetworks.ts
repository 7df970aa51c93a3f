/** Random networks: one for every kind of layer offered, for tests that hold two implementations together. */
import { Random } from '../../src/base/random.ts'
import type { Network } from '../../src/model/network/network.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import { mapWeights, type WeightedLayer } from '../../src/model/network/mapWeights.ts'

const conv = (settings: object = {}) => ({ conv1d: { filters: 5, 'kernel-size': 4, ...settings } })

/** Hidden layers by what is tried, of networks that read the forward strand. */
const forwardStrand: Readonly<Record<string, readonly unknown[]>> = {
  'dense on flattened input': ['flatten', { dense: { units: 6, activation: 'tanh' } }],
  'conv1d same, even kernel': [conv({ padding: 'same' }), 'flatten'],
  'conv1d valid': [conv({ padding: 'valid' }), 'flatten'],
  'conv1d of kernel 1': [conv({ 'kernel-size': 1 }), 'flatten'],
  'conv1d longer than the sequence': [conv({ 'kernel-size': 27 }), 'flatten'],
  'conv1d same, dilated': [conv({ dilation: 3 }), 'flatten'],
  'conv1d valid, dilated': [conv({ dilation: 2, padding: 'valid' }), 'flatten'],
  'conv1d dilated beyond the sequence': [conv({ dilation: 9 }), 'flatten'],
  'conv1d on conv1d': [conv({ activation: 'tanh' }), conv({ filters: 3, dilation: 2 }), 'flatten'],
  'global max of conv1d': [conv(), 'global-max-pool'],
  'global max of conv1d, valid, dilated': [conv({ padding: 'valid', dilation: 2 }), 'global-max-pool'],
  'global max of conv1d longer than the sequence': [conv({ 'kernel-size': 27 }), 'global-max-pool'],
  'global max of a second conv1d': [
    conv({ activation: 'elu' }),
    conv({ dilation: 2, activation: 'relu' }),
    'global-max-pool',
  ],
  'global max of gelu': [conv({ activation: 'gelu' }), 'global-max-pool'],
  'global max of batch norm': [conv(), 'batch-norm', 'global-max-pool'],
  'global average': [conv({ activation: 'tanh' }), 'global-average-pool'],
  'max pool same': [conv(), { 'max-pool1d': { size: 3, stride: 2, padding: 'same' } }, 'flatten'],
  'max pool valid': [conv(), { 'max-pool1d': { size: 3, padding: 'valid' } }, 'flatten'],
  'max pool apart, same': [conv(), { 'max-pool1d': { size: 4, padding: 'same' } }, 'flatten'],
  'max pool apart, any padding': [conv(), { 'max-pool1d': { size: 3, padding: [2, 1] } }, 'flatten'],
  'max pool of many': [conv(), { 'max-pool1d': { size: 9, padding: 'same' } }, 'flatten'],
  'max pool overlapping': [conv(), { 'max-pool1d': { size: 4, stride: 1, padding: 'same' } }, 'flatten'],
  'average pool same': [conv(), { 'average-pool1d': { size: 4, stride: 3, padding: 'same' } }, 'flatten'],
  'average pool valid': [conv(), { 'average-pool1d': { size: 3, stride: 2, padding: 'valid' } }, 'flatten'],
  'batch norm along the sequence': [conv(), 'batch-norm', 'flatten'],
  'batch norm of units': ['flatten', { dense: { units: 6 } }, 'batch-norm'],
  dropout: [conv(), { dropout: 0.5 }, 'flatten'],
  residual: [conv(), { residual: [conv({ dilation: 2, activation: 'elu' }), 'batch-norm'] }, 'flatten'],
  'conv1d, any padding': [conv({ padding: [2, 5] }), 'flatten'],
  'conv1d, padding beyond the kernel': [conv(), conv({ padding: [7, 0] }), 'flatten'],
  'global max of conv1d, any padding': [conv(), conv({ padding: [6, 2], dilation: 2 }), 'global-max-pool'],
  'max pool, any padding': [conv(), { 'max-pool1d': { size: 4, stride: 2, padding: [3, 1] } }, 'flatten'],
  'average pool, any padding': [conv(), { 'average-pool1d': { size: 3, padding: [0, 2] } }, 'flatten'],
  'residual with a shortcut': [
    {
      residual: {
        layers: [conv({ activation: 'elu' }), 'batch-norm'],
        shortcut: [conv({ 'kernel-size': 1 })],
      },
    },
    'flatten',
  ],
  'concat along the sequence': [
    { concat: [[conv({ activation: 'tanh' })], [], [conv({ filters: 2, dilation: 2 })]] },
    conv(),
    'flatten',
  ],
  'concat of global pools, batch norm': [
    conv({ activation: 'elu' }),
    { concat: [['global-max-pool'], ['global-average-pool']] },
    'batch-norm',
  ],
  'split channels': [conv({ filters: 6 }), { 'split-channels': 3 }, { 'max-pool1d': { size: 3 } }, 'flatten'],
  'residual of units': [
    'flatten',
    { dense: { units: 6 } },
    { residual: [{ dense: { units: 6, activation: 'gelu' } }] },
  ],
  ...Object.fromEntries(
    ['linear', 'relu', 'elu', 'gelu', 'sigmoid', 'tanh', 'exp', 'softmax'].map((activation) => [
      activation,
      [conv(), { activation }, 'flatten'],
    ]),
  ),
}

/** Hidden layers of networks that read both strands. */
const bothStrands: Readonly<Record<string, readonly unknown[]>> = {
  'both strands, global max': [conv({ activation: 'relu' }), 'global-max-pool', { dense: { units: 4 } }],
  'both strands, dense': ['flatten', { dense: { units: 6, activation: 'gelu' } }],
  'both strands, batch norm': [conv(), 'batch-norm', { activation: 'elu' }, 'flatten'],
  'both strands, residual': [conv(), { residual: [conv(), 'batch-norm'] }, 'global-average-pool'],
}

export const trialNames: readonly string[] = [...Object.keys(forwardStrand), ...Object.keys(bothStrands)]
export const trialLength = 13

/** A trial's network, all of its weights random, batch statistics and biases too. */
export function trialNetwork(name: string, outputs: readonly string[] = ['a', 'b']): Network {
  const hidden = forwardStrand[name] ?? bothStrands[name]!
  const strands = Object.hasOwn(bothStrands, name) ? 'both' : 'forward'
  const architecture = resolveArchitecture(hidden, outputs.length, strands)
  const network = initialiseNetwork(architecture, trialLength, outputs, 11)
  const random = new Random(5, 'trial', name)
  return { ...network, layers: mapWeights(network.layers, (layer) => shaken(layer, random)) }
}

function shaken(layer: WeightedLayer, random: Random): WeightedLayer {
  const noise = (values: Float32Array, centre: number) => values.map(() => centre + random.normal() / 5)
  if (layer.kind !== 'batchNorm') return { ...layer, bias: noise(layer.bias, 0) }
  return {
    ...layer,
    gamma: noise(layer.gamma, 1),
    beta: noise(layer.beta, 0),
    mean: noise(layer.mean, 0),
    variance: layer.variance.map(() => 0.5 + random.uniform()),
  }
}
