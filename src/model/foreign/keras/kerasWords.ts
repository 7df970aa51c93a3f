/** The words of Keras 1, and cells of recurrent layers, in the words of Keras 2; those of Keras 3 are the same. */
import { isObject, type JsonObject } from '../../formats/json.ts'

/** What a layer, or a model, is configured by. */
export type Config = JsonObject

/** An RNN of one of these cells is the layer. */
const cellLayers: ReadonlyMap<string, string> = new Map([
  ['LSTMCell', 'LSTM'],
  ['GRUCell', 'GRU'],
  ['SimpleRNNCell', 'SimpleRNN'],
])

const keras1Classes: ReadonlyMap<string, string> = new Map([
  ['Convolution1D', 'Conv1D'],
  ['AtrousConvolution1D', 'Conv1D'],
  ['Convolution2D', 'Conv2D'],
  ['AtrousConvolution2D', 'Conv2D'],
  ['TimeDistributedDense', 'Dense'],
])

const keras1Words: ReadonlyMap<string, string> = new Map([
  ['nb_filter', 'filters'],
  ['filter_length', 'kernel_size'],
  ['border_mode', 'padding'],
  ['subsample', 'strides'],
  ['subsample_length', 'strides'],
  ['atrous_rate', 'dilation_rate'],
  ['bias', 'use_bias'],
  ['pool_length', 'pool_size'],
  ['stride', 'strides'],
  ['output_dim', 'units'],
  ['p', 'rate'],
  ['inner_activation', 'recurrent_activation'],
])

const keras1Merges: ReadonlyMap<string, string> = new Map([
  ['sum', 'Add'],
  ['mul', 'Multiply'],
  ['concat', 'Concatenate'],
  ['ave', 'Average'],
  ['max', 'Maximum'],
])

/** A layer as Keras 2 would name and configure it. */
interface Words {
  readonly className: string
  readonly config: Config
  /** As the file names it, where that is another. */
  readonly writtenClass?: string
}

/**
 * @param major version of Keras that wrote the configuration
 * @param fault makes the error that names the layer
 */
export function inWordsOfKeras2(
  className: string,
  config: Config,
  major: number,
  fault: (problem: string) => Error,
): Words {
  const cell = config['cell']
  if (className === 'RNN' && isObject(cell) && isObject(cell['config'])) {
    const layer = cellLayers.get(String(cell['class_name']))
    if (layer !== undefined) {
      return { className: layer, config: { ...cell['config'], ...config }, writtenClass: className }
    }
  }
  if (major >= 2) return { className, config }
  if (className === 'Merge') return merge(config, fault)
  const renamed = keras1Classes.get(className) ?? className
  const words: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(config)) words[keras1Words.get(key) ?? key] = value
  if (renamed === 'Conv2D' && config['nb_row'] !== undefined) {
    words['kernel_size'] = [config['nb_row'], config['nb_col']]
  }
  if (words['dim_ordering'] !== undefined) {
    words['data_format'] = words['dim_ordering'] === 'th' ? 'channels_first' : 'channels_last'
  }
  if (['LSTM', 'GRU', 'SimpleRNN'].includes(renamed)) words['use_bias'] = true
  return { className: renamed, config: words }
}

function merge(config: Config, fault: (problem: string) => Error): Words {
  const mode = String(config['mode'])
  const className = keras1Merges.get(mode)
  if (className === undefined) {
    throw fault(`merges by '${mode}', which is not known; export the model to ONNX`)
  }
  return { className, config: { name: config['name'], axis: config['concat_axis'] ?? -1 } }
}
