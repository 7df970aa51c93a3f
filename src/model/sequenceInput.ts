/** How a model reads sequences, as far as the sizes of its input tell; what they do not tell is asked for. */
import { ConfigError, DataError } from '../base/errors.ts'
import { baseCount, baseLetters } from '../sequence/alphabet.ts'
import type { ChannelOrder, ImportOptions, InputForm } from './importedModel.ts'

type Size = 1 | 'channels' | 'length' | 'both'

/** What the dimensions after the batch may be. */
const layouts: readonly { readonly order: ChannelOrder; readonly dims: readonly Size[] }[] = [
  { order: 'NWC', dims: ['length', 'channels'] },
  { order: 'NCW', dims: ['channels', 'length'] },
  { order: 'NWC', dims: ['length', 'channels', 1] },
  { order: 'NWC', dims: [1, 'length', 'channels'] },
  { order: 'NWC', dims: ['length', 1, 'channels'] },
  { order: 'NCW', dims: ['channels', 'length', 1] },
  { order: 'NCW', dims: [1, 'channels', 'length'] },
  { order: 'NCW', dims: ['channels', 1, 'length'] },
  { order: 'NWC', dims: ['both'] },
  { order: 'NCW', dims: ['both'] },
]

export interface InputTensor {
  readonly name: string
  /** After the batch; null where any size will do. */
  readonly dims: readonly (number | null)[]
  /** The order where something beside the sizes tells it. */
  readonly order?: ChannelOrder | undefined
  readonly batch?: number | undefined
}

/**
 * @param file named in errors
 * @throws DataError where the input is none of sequences; ConfigError where the user has to say the length or the order, or
 * says what does not fit
 */
export function sequenceInput(tensor: InputTensor, options: ImportOptions, file: string): InputForm {
  const { name, dims, batch } = tensor
  const shape = `[n, ${dims.map((size) => size ?? '?').join(', ')}]`
  const possible = layouts.flatMap(({ order, dims: sizes }) => {
    const match = matchLayout(sizes, dims)
    return match === undefined ? [] : [{ order, sizes, ...match }]
  })
  if (possible.length === 0) {
    throw new DataError(
      `its input '${name}' is ${shape}, but a model of DNA reads ${baseCount} channels: [n, L, 4], [n, 4, L], [n, L, 4, 1], [n, 1, L, 4] or [n, 4 L]`,
      { file },
    )
  }
  const given = [
    ...(options.length === undefined ? [] : [`length ${options.length}`]),
    ...(options.order === undefined ? [] : [`input-order ${options.order}`]),
  ].join(' and ')
  const fitting = possible.filter(
    ({ order, length }) =>
      (options.order === undefined || options.order === order) &&
      (options.length === undefined || length === undefined || options.length === length),
  )
  if (fitting.length === 0) {
    throw new ConfigError(`${given} does not fit the model ${file}: its input '${name}' is ${shape}`)
  }
  // A size that is a number tells more than one that may be any.
  const most = Math.max(...fitting.map(({ certain }) => certain))
  const best = fitting.filter(({ certain }) => certain === most)
  const told = options.order ?? tensor.order
  const chosen = told === undefined ? best : best.filter(({ order }) => order === told)
  const form = chosen[0] ?? best[0]!
  if (new Set(chosen.map(({ order }) => order)).size > 1) {
    throw new ConfigError(
      `the model ${file} does not tell the order of its input '${name}' ${shape}; say input-order NWC (position by position) or NCW (channel by channel)`,
    )
  }
  const length = form.length ?? options.length
  if (length === undefined) {
    throw new ConfigError(
      `the model ${file} reads sequences of any length: its input '${name}' is ${shape}; say which with length`,
    )
  }
  const numbers = { 1: 1, channels: baseCount, length, both: baseCount * length }
  return {
    name,
    dims: form.sizes.map((size) => numbers[size]),
    order: form.order,
    alphabet: alphabetOf(options),
    length,
    batch,
  }
}

/** @returns L where the sizes tell it, and how many sizes are as they must be; undefined where one is another */
function matchLayout(
  layout: readonly Size[],
  dims: readonly (number | null)[],
): { length: number | undefined; certain: number } | undefined {
  if (layout.length !== dims.length) return undefined
  let length: number | undefined
  let certain = 0
  for (const [i, expected] of layout.entries()) {
    const size = dims[i]
    if (size === null || size === undefined) continue
    if (expected === 'length') length = size
    else if (expected === 'both') {
      if (size % baseCount !== 0) return undefined
      length = size / baseCount
    } else if (size === (expected === 1 ? 1 : baseCount)) certain++
    else return undefined
  }
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
