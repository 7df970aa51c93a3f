/**
 * What each layer of Keras becomes. To teach another one: a rule in the file of its subject, and a line here; what no layer
 * of ours does exactly is refused, never approximated.
 */
import { activated, activation, elu, leaky, rectified, softmax } from './activate.ts'
import { convolution, takesZerosAsPadding } from './convolution.ts'
import { dense } from './dense.ts'
import { cropped, padded, repeated } from './edges.ts'
import type { Form } from './form.ts'
import { alongSequence, type LayerRule } from './layerRule.ts'
import { batchNormalisation, rescaling } from './normalise.ts'
import { otherConvolution } from './otherConvolution.ts'
import { pooled, pooledGlobally } from './pool.ts'
import { flattened, permuted, reshaped, staysSequence } from './shape.ts'
import type { KerasNode } from '../kerasGraph.ts'

interface KnownLayer {
  readonly apply: LayerRule
  /** Whether it takes zeros before and after as its padding, or leaves them to the layers behind it. */
  readonly takesZeros?: (node: KerasNode, form: Form) => boolean
}

const always = () => true

const plain: KnownLayer = { apply: activated(alongSequence(convolution)), takesZeros: takesZerosAsPadding }
const other: KnownLayer = { apply: activated(alongSequence(otherConvolution)) }
const maximum: KnownLayer = { apply: alongSequence(pooled('maxPool1d')) }
const mean: KnownLayer = { apply: alongSequence(pooled('averagePool1d')) }
const globalMaximum: KnownLayer = { apply: alongSequence(pooledGlobally('globalMaxPool')) }
const globalMean: KnownLayer = { apply: alongSequence(pooledGlobally('globalAveragePool')) }
const zeros: KnownLayer = { apply: alongSequence(padded), takesZeros: always }
const cropping: KnownLayer = { apply: alongSequence(cropped) }
/** Of one branch. */
const join: KnownLayer = { apply: (_, form) => ({ layers: [], form }) }

export const layerRules: ReadonlyMap<string, KnownLayer> = new Map([
  ['Conv1D', plain],
  ['Conv2D', plain],
  ['SeparableConv1D', other],
  ['DepthwiseConv1D', other],
  ['Conv1DTranspose', other],
  ['MaxPooling1D', maximum],
  ['MaxPooling2D', maximum],
  ['AveragePooling1D', mean],
  ['AveragePooling2D', mean],
  ['GlobalMaxPooling1D', globalMaximum],
  ['GlobalMaxPooling2D', globalMaximum],
  ['GlobalAveragePooling1D', globalMean],
  ['GlobalAveragePooling2D', globalMean],
  ['ZeroPadding1D', zeros],
  ['ZeroPadding2D', zeros],
  ['Cropping1D', cropping],
  ['Cropping2D', cropping],
  ['UpSampling1D', { apply: alongSequence(repeated) }],

  ['Dense', { apply: activated(dense) }],
  ['BatchNormalization', { apply: batchNormalisation }],
  ['Rescaling', { apply: rescaling }],

  ['Activation', { apply: activation }],
  ['ReLU', { apply: rectified }],
  ['LeakyReLU', { apply: leaky }],
  ['PReLU', { apply: leaky }],
  ['ELU', { apply: elu }],
  ['Softmax', { apply: softmax }],

  ['Flatten', { apply: flattened }],
  ['Reshape', { apply: reshaped, takesZeros: staysSequence }],
  ['Permute', { apply: permuted, takesZeros: always }],

  ['Add', join],
  ['Concatenate', join],
])
