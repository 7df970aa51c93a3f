/** What becomes of each layer of Keras, as makeKerasLayers.py makes one small model of each. */
import { join } from 'node:path'
import { expect } from 'vitest'
import { importKeras } from '../../src/model/foreign/keras/kerasImport.ts'
import { compareFiles, forms } from './kerasModels.ts'

/**
 * `network`: explained by the engines, and run by TensorFlow.js; `scored`: run by TensorFlow.js only; else what is said of
 * it.
 */
type Fate = 'network' | 'scored' | RegExp

const scored = Object.fromEntries(
  [
    'Conv1D-stride',
    'Conv1D-channels-first',
    'DepthwiseConv1D',
    'SeparableConv1D',
    'Conv1DTranspose',
    'EinsumDense',
    'LayerNormalization',
    'LayerNormalization-axes',
    'GroupNormalization',
    'UnitNormalization',
    'RMSNormalization',
    'Normalization',
    'Normalization-inverse',
    'LSTM',
    'GRU',
    'SimpleRNN',
    'Bidirectional',
    'RNN-cell',
    'TimeDistributed',
    'Attention',
    'AdditiveAttention',
    'MultiHeadAttention',
    'GroupQueryAttention',
    'AdaptiveAveragePooling1D',
    'AdaptiveMaxPooling1D',
    'Pooling-channels-first',
    'Reshape',
    'Permute',
    'RepeatVector',
    'Multiply',
    'Maximum',
    'Minimum',
    'Concatenate-positions',
    'Dot',
    'ReLU',
    'PReLU',
    'ELU',
    'Softmax',
    'Activation',
    'Activation-3',
    'Masking-recurrent',
    'Masking-average',
    'Masking-dropped',
  ].map((name) => [name, 'scored'] as const),
)
const networks = Object.fromEntries(
  [
    'Conv1D-causal',
    'BatchNormalization',
    'SpectralNormalization',
    'MaxPooling1D',
    'AveragePooling1D',
    'GlobalMaxPooling1D',
    'GlobalAveragePooling1D',
    'Flatten',
    'Add',
    'Concatenate',
    'Dropouts',
    'Identity',
    'Average',
    'Conv1D-groups',
    'Conv1DTranspose-dilated',
    'Cropping1D',
    'Dense',
    'LeakyReLU',
    'Rescaling',
    'Subtract',
    'ZeroPadding1D',
    'UpSampling1D',
    'like-Conv1D',
    'like-ReLU',
    'zeros',
  ].map((name) => [name, 'network'] as const),
)

export const kerasLayers: Readonly<Record<string, Fate>> = {
  ...networks,
  ...scored,
  'Masking-attention': /'attention' \(Attention\) reads a mask/,
  ConvLSTM1D: /'conv_lstm1d' \(ConvLSTM1D\)/,
  StackedRNNCells: /'rnn' \(RNN\)/,
  Lambda: /'twice' \(Lambda\)/,
  Discretization: /'discretization' \(Discretization\)/,
  MelSpectrogram: /'mel_spectrogram' \(MelSpectrogram\)/,
  STFTSpectrogram: /'stft_spectrogram' \(STFTSpectrogram\)/,
  Slicing: /'get_item' \(GetItem\)/,
  Mean: /'mean' \(Mean\)/,
}

/** Layers that Keras 3 has no more, and those that Keras 2 writes otherwise. */
export const keras2Layers: Readonly<Record<string, Fate>> = {
  LocallyConnected1D: 'scored',
  ThresholdedReLU: 'scored',
  hard_sigmoid: 'scored',
  'Masking-recurrent': 'scored',
  MultiHeadAttention: 'scored',
  TimeDistributed: 'scored',
}

/** A model is read as what it should be, and every number of its scores is as in Keras. */
export async function compareLayer(
  directory: string,
  name: string,
  fate: Fate,
  ending: string,
): Promise<void> {
  if (fate instanceof RegExp) {
    await expect(importKeras(join(directory, `${name}.${ending}`), {})).rejects.toThrow(fate)
    return
  }
  await compareFiles(directory, name, 1e-5, (imported) => {
    expect(forms(imported)).toEqual(fate === 'network' ? ['network', 'blackBox'] : ['blackBox'])
  })
}
