/** How an ONNX graph reads sequences: which dimension is which, as far as the sizes tell. */
import { ConfigError, DataError } from '../base/errors.ts'
import { baseCount, baseLetters } from '../sequence/alphabet.ts'
import { channelOrders, type ChannelOrder, type ImportOptions, type InputForm } from './importedModel.ts'
import type { ParsedDim, ParsedGraph, ParsedValue } from './onnxParse.ts'
import { dataTypeName } from './onnxTensor.ts'

const float32 = 1

/** What the dimensions after the batch may be; 4 L is both in one. */
const layouts: readonly { readonly order: ChannelOrder; readonly dims: readonly (1 | 4 | 'L' | '4L')[] }[] = [
  { order: 'NCW', dims: [4, 'L'] },
  { order: 'NWC', dims: ['L', 4] },
  { order: 'NCW', dims: [4, 'L', 1] },
  { order: 'NCW', dims: [4, 1, 'L'] },
  { order: 'NCW', dims: [1, 4, 'L'] },
  { order: 'NWC', dims: ['L', 4, 1] },
  { order: 'NWC', dims: ['L', 1, 4] },
  { order: 'NWC', dims: [1, 'L', 4] },
  { order: 'NCW', dims: ['4L'] },
  { order: 'NWC', dims: ['4L'] },
]

/**
 * The forms that the input's sizes allow, of which the graph or the user has to choose; one of each order at most.
 * @throws DataError where the input is none of sequences, ConfigError naming what the user has to say
 */
export function inputForms(graph: ParsedGraph, options: ImportOptions, file: string): InputForm[] {
  const value = onlyInput(graph, file)
  const shape = describeShape(value.dims)
  const fault = (problem: string) => new DataError(`its input '${value.name}' ${problem}`, { file })
  if (value.dataType !== float32) {
    throw fault(
      value.dataType === undefined
        ? 'is no tensor; sequences are float32 tensors'
        : `is ${dataTypeName(value.dataType)}; sequences are read as float32, so export the model with such an input`,
    )
  }
  if (value.dims === undefined)
    throw fault(`has no shape; export the model with one, such as [n, ${baseCount}, L]`)
  const alphabet = alphabetOf(options)
  const [batch, ...rest] = value.dims
  const matches = layouts
    .filter(({ order }) => options.order === undefined || order === options.order)
    .map((layout) => ({ ...layout, match: matchLayout(layout.dims, rest, options.length) }))
    .filter(({ match }) => match !== undefined)
  // What is written in numbers tells more than what may be anything.
  const most = Math.max(...matches.map(({ match }) => match!.certain))
  const best = matches.filter(({ match }) => match!.certain === most)
  if (value.dims.length === 0 || best.length === 0) {
    const given = Object.entries({ length: options.length, 'input-order': options.order }).filter(
      ([, option]) => option !== undefined,
    )
    const problem = `is ${shape}, but a model of DNA reads ${baseCount} channels: [n, 4, L], [n, L, 4], [n, L, 4, 1], [n, 4, 1, L], [n, 1, 4, L] or [n, 4·L]`
    const fitsOtherwise = layouts.some(({ dims }) => matchLayout(dims, rest, undefined) !== undefined)
    if (given.length > 0 && fitsOtherwise) {
      throw new ConfigError(
        `${given.map(([name, option]) => `${name} ${option!}`).join(' and ')} does not fit the model: its input '${value.name}' is ${shape}`,
      )
    }
    throw fault(problem)
  }
  const forms = channelOrders.flatMap((order): InputForm[] => {
    const found = best.find((layout) => layout.order === order)
    if (found === undefined) return []
    const length = found.match!.length ?? options.length
    if (length === undefined) {
      throw new ConfigError(
        `the model ${file} reads sequences of any length: its input '${value.name}' is ${shape}; say which with length`,
      )
    }
    const sizes = { 1: 1, 4: baseCount, L: length, '4L': baseCount * length }
    return [
      {
        name: value.name,
        dims: found.dims.map((dim) => sizes[dim]),
        order,
        alphabet,
        length,
        batch: typeof batch === 'number' ? batch : undefined,
      },
    ]
  })
  return forms
}

/** @throws ConfigError that asks for the order */
export function askForOrder(form: InputForm, file: string): never {
  throw new ConfigError(
    `the model ${file} does not tell the order of its input '${form.name}' [n, ${form.dims.join(', ')}]; say input-order NCW (channel by channel) or NWC (position by position)`,
  )
}

/** Weights that old files list as inputs are none. */
function onlyInput(graph: ParsedGraph, file: string): ParsedValue {
  const weights = new Set(graph.initializers.map(({ name }) => name))
  const inputs = graph.inputs.filter(({ name }) => !weights.has(name))
  const [input, ...others] = inputs
  if (input === undefined)
    throw new DataError('has no input: it gives the same scores for every sequence', { file })
  if (others.length > 0) {
    const list = inputs.map(({ name, dims }) => `'${name}' ${describeShape(dims)}`).join(', ')
    throw new DataError(
      `has ${inputs.length} inputs (${list}); sis explains models that read one sequence, so export it with the others fixed`,
      { file },
    )
  }
  return input
}

/** @returns L where the sizes tell it, and how many sizes are as they must be, not just free; undefined: no match */
function matchLayout(
  layout: readonly (1 | 4 | 'L' | '4L')[],
  dims: readonly ParsedDim[],
  wanted: number | undefined,
): { length: number | undefined; certain: number } | undefined {
  if (layout.length !== dims.length) return undefined
  let length: number | undefined
  let certain = 0
  for (const [i, expected] of layout.entries()) {
    const dim = dims[i]
    if (typeof dim !== 'number') continue
    if (expected === 'L') length = dim
    else if (expected === '4L') {
      if (dim % baseCount !== 0) return undefined
      length = dim / baseCount
    } else if (dim === expected) certain++
    else return undefined
  }
  if (wanted !== undefined && length !== undefined && wanted !== length) return undefined
  return { length, certain }
}

function alphabetOf({ alphabet }: ImportOptions): string {
  if (alphabet === undefined) return baseLetters
  const letters = alphabet.toUpperCase().replace('U', 'T')
  if (Array.from(letters).sort().join('') !== baseLetters) {
    throw new ConfigError(`alphabet '${alphabet}' is not the letters ${baseLetters} in some order`)
  }
  return letters
}

export function describeShape(dims: readonly ParsedDim[] | undefined): string {
  return dims === undefined ? 'of unknown shape' : `[${dims.map((dim) => dim ?? '?').join(', ')}]`
}
