/** The architecture: a network without its weights, by name or as a list of layers. */
import { ConfigError } from '../../base/errors.ts'
import { parseLayers } from './architectureSchema.ts'
import type { LayerSpec } from './layerSpec.ts'
import type { Strands } from './network.ts'

export interface Architecture {
  /** A name of `architectureNames`, or `custom`. */
  readonly name: string
  /** The last two are the dense layer of the outputs and its sigmoid. */
  readonly layers: readonly LayerSpec[]
  /** As in a network. */
  readonly strands: Strands
}

/** Hidden layers, as a user would write them. */
const namedArchitectures = {
  /** The CNN of Carter, Mueller, Jain, Gifford (AISTATS 2019), after Zeng et al. (Bioinformatics 2016). */
  cnn: [
    { conv1d: { filters: 128, 'kernel-size': 24, activation: 'relu' } },
    'global-max-pool',
    { dense: { units: 32, activation: 'relu' } },
    { dropout: 0.5 },
  ],
  'cnn-small': [
    { conv1d: { filters: 32, 'kernel-size': 12, activation: 'relu' } },
    'global-max-pool',
    { dense: { units: 32, activation: 'relu' } },
    { dropout: 0.2 },
  ],
  /** The scanner of DeepBind (Alipanahi et al., Nature Biotechnology 2015); it reads both strands. */
  deepbind: [
    { conv1d: { filters: 16, 'kernel-size': 24, activation: 'relu' } },
    'global-max-pool',
    { dense: { units: 32, activation: 'relu' } },
  ],
  fc: ['flatten', { dense: { units: 512, activation: 'relu' } }, { dropout: 0.5 }],
  /** The stack of Basset (Kelley, Snoek, Rinn, Genome Research 2016), a quarter as wide, for short sequences. */
  basset: [
    { conv1d: { filters: 64, 'kernel-size': 19 } },
    'batch-norm',
    { activation: 'relu' },
    { 'max-pool1d': { size: 3, padding: 'same' } },
    { conv1d: { filters: 64, 'kernel-size': 11 } },
    'batch-norm',
    { activation: 'relu' },
    { 'max-pool1d': { size: 4, padding: 'same' } },
    { conv1d: { filters: 64, 'kernel-size': 7 } },
    'batch-norm',
    { activation: 'relu' },
    { 'max-pool1d': { size: 4, padding: 'same' } },
    'flatten',
    { dense: { units: 128, activation: 'relu' } },
    { dropout: 0.3 },
  ],
  /** A dilated residual stack: a wide view at full resolution. */
  residual: [
    { conv1d: { filters: 64, 'kernel-size': 15 } },
    'batch-norm',
    { activation: 'relu' },
    {
      residual: [
        { conv1d: { filters: 64, 'kernel-size': 3, dilation: 2 } },
        'batch-norm',
        { activation: 'relu' },
      ],
    },
    {
      residual: [
        { conv1d: { filters: 64, 'kernel-size': 3, dilation: 4 } },
        'batch-norm',
        { activation: 'relu' },
      ],
    },
    {
      residual: [
        { conv1d: { filters: 64, 'kernel-size': 3, dilation: 8 } },
        'batch-norm',
        { activation: 'relu' },
      ],
    },
    'global-max-pool',
    { dense: { units: 32, activation: 'relu' } },
    { dropout: 0.3 },
  ],
} as const

/** The others read the forward strand. */
const readsBothStrands: readonly string[] = ['deepbind']

export const architectureNames = Object.keys(namedArchitectures) as readonly string[]

/**
 * The whole architecture of a model: the hidden layers named or listed, then dense(outputs) and sigmoid.
 * @param architecture a name of `architectureNames`, or layers as written in YAML (kebab-case)
 * @param outputs number of outputs
 * @param strands unless given, those of the named architecture; of layers in a list, the forward one
 * @throws ConfigError naming the layer and key at fault
 */
export function resolveArchitecture(
  architecture: string | readonly unknown[],
  outputs: number,
  strands?: Strands,
): Architecture {
  const name = typeof architecture === 'string' ? architecture : 'custom'
  const hidden = parseLayers(typeof architecture === 'string' ? layersOf(architecture) : architecture)
  const head: LayerSpec[] = [
    { kind: 'dense', units: outputs },
    { kind: 'activation', function: 'sigmoid' },
  ]
  return {
    name,
    layers: [...hidden, ...head],
    strands: strands ?? (readsBothStrands.includes(name) ? 'both' : 'forward'),
  }
}

function layersOf(name: string): readonly unknown[] {
  if (!Object.hasOwn(namedArchitectures, name)) {
    throw new ConfigError(
      `unknown architecture '${name}'; use one of ${architectureNames.join(', ')}, or a list of layers`,
    )
  }
  return namedArchitectures[name as keyof typeof namedArchitectures]
}
