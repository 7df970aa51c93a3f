/**
 * Reads parameters of DeepBind (Alipanahi et al., Nature Biotechnology 2015) as version 0.1 writes them, and makes of them
 * the network that DeepBind 0.11 computes.
 *
 * DeepBind scores windows of 1.5 detector lengths, one base apart, and takes the best (over both strands, where the model
 * is for DNA). Within a window detectors meet every position that they overlap; beyond the window's ends, and at an N,
 * each base counts a quarter. That is exact here: with a quarter of a tap's sum taken off each of its weights, and added
 * to the bias, N is zeros, and so is what lies outside. A sequence no longer than a window is padded convolution and
 * global pools. Of a longer one, a convolution as wide as a window gives all positions of each window as channels; split
 * into positions again they are pooled, and dense layers become convolutions of one position.
 */
import { ConfigError, DataError } from '../../base/errors.ts'
import { baseCount, baseLetters } from '../../sequence/alphabet.ts'
import type { ImportedModel, ImportOptions } from './importedModel.ts'
import type { Layer, Network } from '../network/network.ts'

/** Published models have 16 detectors of up to 24 bases and 32 hidden units. */
const largest = { num_detectors: 4096, detector_len: 512, num_hidden: 65_536 } as const
/** Of the convolution over windows. */
const mostWeights = 2 ** 24

interface Parameters {
  readonly reverseComplement: boolean
  readonly detectors: number
  readonly detectorLength: number
  readonly averages: boolean
  /** 0: the pooled values are weighed at once. */
  readonly hidden: number
  readonly kernel: Float32Array // [detector length, 4, detectors]
  readonly thresholds: Float32Array // [detectors]; added before the rectifier
  readonly weights1: Float32Array // [pooled, hidden or 1]; with averages each detector's maximum, then its average
  readonly biases1: Float32Array // [hidden or 1]
  readonly weights2: Float32Array // [hidden]
  readonly biases2: Float32Array // [1], or none
}

/**
 * @param text of the file
 * @param file named in errors
 * @returns a network that gives the score as DeepBind prints it
 * @throws DataError naming the key at fault, ConfigError where the length is not told or an option does not apply
 */
export function readDeepbind(text: string, file: string, options: ImportOptions): ImportedModel {
  const parameters = readParameters(text, file)
  const { length, outputNames = ['score'] } = options
  if (length === undefined) {
    throw new ConfigError(
      `${file}: DeepBind models read sequences of any length; say which by --length or sequences.length`,
    )
  }
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new ConfigError(`${file}: the length must be a whole number from 1, not ${length}; use --length N`)
  }
  const { alphabet = baseLetters, order, outputTensor } = options
  if (alphabet !== baseLetters || order !== undefined || outputTensor !== undefined) {
    throw new ConfigError(
      `${file}: DeepBind models all read ${baseLetters} and have one output; leave alphabet, order and output tensor out`,
    )
  }
  if (outputNames.length !== 1) {
    throw new ConfigError(
      `${file}: a DeepBind model has one output, but ${outputNames.length} names are given; give one`,
    )
  }
  const network: Network = {
    inputLength: length,
    layers: [...layersOf(parameters, length, file), ...transformOf(options.transform)],
    strands: parameters.reverseComplement ? 'both' : 'forward',
    outputs: outputNames,
  }
  return { format: 'deepbind', network, blackBox: undefined }
}

function transformOf(transform: ImportOptions['transform']): Layer[] {
  switch (transform) {
    case undefined:
    case 'none':
      return []
    case 'sigmoid':
    case 'softmax':
    case 'exp':
      return [{ kind: 'activation', function: transform }]
    case 'logit':
    case 'log':
      throw new ConfigError(
        `a DeepBind score has no ${transform}: it may be negative; use none, sigmoid or exp as transform`,
      )
  }
}

function layersOf(parameters: Parameters, length: number, file: string): Layer[] {
  const { detectors, detectorLength, averages } = parameters
  const window = Math.floor(detectorLength * 1.5)
  const { kernel, bias } = centred(parameters)
  const relu: Layer = { kind: 'activation', function: 'relu' }
  if (length <= window) {
    const edge = detectorLength - 1
    const pools: Layer = averages
      ? { kind: 'concat', branches: [[{ kind: 'globalMaxPool' }], [{ kind: 'globalAveragePool' }]] }
      : { kind: 'globalMaxPool' }
    return [
      {
        kind: 'conv1d',
        filters: detectors,
        kernelSize: detectorLength,
        padding: [edge, edge],
        dilation: 1,
        kernel,
        bias,
      },
      relu,
      pools,
      ...head(parameters, (units, kernel, bias) => ({ kind: 'dense', units, kernel, bias })),
    ]
  }
  const places = window + detectorLength - 1
  if (window * baseCount * places * detectors > mostWeights) {
    throw new DataError(`num_detectors ${detectors} of detector_len ${detectorLength} are too many to scan`, {
      file,
    })
  }
  const whole = { size: places, stride: places, padding: 'valid' } as const
  const pools: Layer = averages
    ? { kind: 'concat', branches: [[{ kind: 'maxPool1d', ...whole }], [{ kind: 'averagePool1d', ...whole }]] }
    : { kind: 'maxPool1d', ...whole }
  return [
    {
      kind: 'conv1d',
      filters: places * detectors,
      kernelSize: window,
      padding: 'valid',
      dilation: 1,
      kernel: atAllPlaces(kernel, parameters, window),
      bias: Float32Array.from({ length: places * detectors }, (_, i) => bias[i % detectors]!),
    },
    { kind: 'splitChannels', groups: places },
    relu,
    pools,
    ...head(parameters, (units, kernel, bias) => ({
      kind: 'conv1d',
      filters: units,
      kernelSize: 1,
      padding: 'valid',
      dilation: 1,
      kernel,
      bias,
    })),
    { kind: 'globalMaxPool' },
  ]
}

/** Taps whose four weights sum to zero, and the bias that makes up for it. */
function centred({ kernel, thresholds, detectors, detectorLength }: Parameters): {
  readonly kernel: Float32Array
  readonly bias: Float32Array
} {
  const result = new Float32Array(kernel.length)
  const bias = Float64Array.from(thresholds)
  for (let tap = 0; tap < detectorLength; tap++) {
    for (let d = 0; d < detectors; d++) {
      const at = (base: number) => (tap * baseCount + base) * detectors + d
      let quarter = 0
      for (let base = 0; base < baseCount; base++) quarter += kernel[at(base)]! / baseCount
      for (let base = 0; base < baseCount; base++) result[at(base)] = kernel[at(base)]! - quarter
      bias[d]! += quarter
    }
  }
  return { kernel: result, bias: Float32Array.from(bias) }
}

/**
 * The detectors at every place of a window that they overlap, what lies outside cut off.
 * @returns Float32Array [window, 4, places × detectors]
 */
function atAllPlaces(
  kernel: Float32Array, // [detector length, 4, detectors]
  { detectors, detectorLength }: Parameters,
  window: number,
): Float32Array {
  const places = window + detectorLength - 1
  const result = new Float32Array(window * baseCount * places * detectors)
  for (let q = 0; q < window; q++) {
    for (let place = 0; place < places; place++) {
      const tap = q - place + detectorLength - 1
      if (tap < 0 || tap >= detectorLength) continue
      for (let base = 0; base < baseCount; base++) {
        const from = (tap * baseCount + base) * detectors
        const to = ((q * baseCount + base) * places + place) * detectors
        result.set(kernel.subarray(from, from + detectors), to)
      }
    }
  }
  return result
}

type Linear = (units: number, kernel: Float32Array, bias: Float32Array) => Layer

function head(parameters: Parameters, linear: Linear): Layer[] {
  const { hidden, biases1, weights2, biases2 } = parameters
  const first = linear(biases1.length, maximaFirst(parameters), biases1)
  // DeepBind takes a single hidden unit for the score.
  if (hidden <= 1) return [first]
  return [first, { kind: 'activation', function: 'relu' }, linear(1, weights2, biases2)]
}

/** Rows of maximum and average by turns, to those of all maxima, then of all averages. */
function maximaFirst({ weights1, biases1, detectors, averages }: Parameters): Float32Array {
  if (!averages) return weights1
  const units = biases1.length
  const result = new Float32Array(weights1.length)
  for (let row = 0; row < 2 * detectors; row++) {
    const from = ((row % detectors) * 2 + Math.floor(row / detectors)) * units
    result.set(weights1.subarray(from, from + units), row * units)
  }
  return result
}

function readParameters(text: string, file: string): Parameters {
  const lines = text.split(/\r?\n/)
  const version = /^# deepbind (\d+\.\d+)\s*$/.exec(lines[0] ?? '')?.[1]
  if (version !== '0.1') {
    throw new DataError(
      version === undefined
        ? "is no parameter file of DeepBind: it does not begin with '# deepbind 0.1'"
        : `is of DeepBind ${version}; only parameters of version 0.1 are known`,
      { file, line: 1 },
    )
  }
  const entries = new Map<string, { readonly value: string; readonly line: number }>()
  for (const [i, content] of lines.entries()) {
    if (i === 0 || content.trim() === '') continue
    const [key, value] = splitOnce(content)
    if (value === undefined) {
      throw new DataError("is no 'key = values'", { file, line: i + 1 })
    }
    if (entries.has(key)) throw new DataError(`has the key '${key}' again`, { file, line: i + 1 })
    entries.set(key, { value, line: i + 1 })
  }
  const entry = (key: string) => {
    const found = entries.get(key)
    if (found === undefined) throw new DataError(`lacks the key '${key}'`, { file })
    return found
  }
  const whole = (key: string, least: number, most: number): number => {
    const { value, line } = entry(key)
    const number = /^\d+$/.test(value) ? Number(value) : NaN
    if (!(number >= least && number <= most)) {
      throw new DataError(
        `'${key}' must be a whole number from ${least} to ${most}, not '${shortened(value)}'`,
        {
          file,
          line,
        },
      )
    }
    return number
  }
  const numbers = (key: string, count: number): Float32Array => {
    const { value, line } = count === 0 ? (entries.get(key) ?? { value: '', line: 0 }) : entry(key)
    const parts = value === '' ? [] : value.split(',', count + 1)
    if (parts.length !== count) {
      const found = parts.length > count ? 'more' : `only ${parts.length}`
      throw new DataError(`'${key}' must have ${count} numbers, but has ${found}`, { file, line })
    }
    return Float32Array.from(parts, (part) => {
      const number = part.trim() === '' ? NaN : Math.fround(Number(part))
      if (Number.isFinite(number)) return number
      throw new DataError(`'${key}' has '${shortened(part)}', which is no finite number`, { file, line })
    })
  }
  const detectors = whole('num_detectors', 1, largest.num_detectors)
  const detectorLength = whole('detector_len', 1, largest.detector_len)
  const hidden = whole('num_hidden', 0, largest.num_hidden)
  const averages = whole('has_avg_pooling', 0, 1) === 1
  const units = Math.max(hidden, 1)
  return {
    reverseComplement: whole('reverse_complement', 0, 1) === 1,
    detectors,
    detectorLength,
    averages,
    hidden,
    kernel: numbers('detectors', detectorLength * baseCount * detectors),
    thresholds: numbers('thresholds', detectors),
    weights1: numbers('weights1', (averages ? 2 : 1) * detectors * units),
    biases1: numbers('biases1', units),
    weights2: numbers('weights2', hidden),
    biases2: numbers('biases2', hidden > 0 ? 1 : 0),
  }
}

function splitOnce(line: string): [key: string, value: string | undefined] {
  const at = line.indexOf('=')
  return at < 0 ? [line.trim(), undefined] : [line.slice(0, at).trim(), line.slice(at + 1).trim()]
}

function shortened(value: string): string {
  return value.length > 20 ? `${value.slice(0, 20)}…` : value
}
