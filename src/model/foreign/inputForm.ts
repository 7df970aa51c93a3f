/** How a model reads sequences, as far as the sizes of its input tell; what they do not tell is asked for. */
import { ConfigError, DataError } from '../../base/errors.ts'
import { baseCount, baseLetters } from '../../sequence/alphabet.ts'
import { channelOrders, type ChannelOrder, type ImportOptions, type InputForm } from './importedModel.ts'

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
 * The forms that the sizes allow, one of each order at most: where there are two, something else has to tell.
 * @param file named in errors
 * @throws DataError where the input is none of sequences; ConfigError where the user has to say the length, or says what does
 * not fit
 */
export function inputForms(tensor: InputTensor, options: ImportOptions, file: string): InputForm[] {
  const { name, dims, batch } = tensor
  const shape = shapeOf(dims)
  const possible = layouts.flatMap(({ order, dims: sizes }) => {
    const match = matchLayout(sizes, dims)
    return match === undefined ? [] : [{ order, sizes, ...match }]
  })
  if (possible.length === 0) {
    throw new DataError(
      `its input '${name}' is ${shape}, but a model of DNA reads ${baseCount} channels: [n, 4, L], [n, L, 4], [n, 4, L, 1], [n, 4, 1, L], [n, 1, 4, L], the same with 4 after L, or [n, 4·L]`,
      { file },
    )
  }
  const fitting = possible.filter(
    ({ order, length }) =>
      (options.order === undefined || options.order === order) &&
      (options.length === undefined || length === undefined || options.length === length),
  )
  if (fitting.length === 0) {
    const given = [
      ...(options.length === undefined ? [] : [`length ${options.length}`]),
      ...(options.order === undefined ? [] : [`input-order ${options.order}`]),
    ]
    throw new ConfigError(
      `${given.join(' and ')} does not fit the model ${file}: its input '${name}' is ${shape}`,
    )
  }
  const alphabet = alphabetOf(options)
  // A size that is a number tells more than one that may be any.
  const most = Math.max(...fitting.map(({ certain }) => certain))
  const best = fitting.filter(({ certain }) => certain === most)
  return channelOrders.flatMap((order): InputForm[] => {
    const form = best.find((one) => one.order === order)
    if (form === undefined) return []
    const length = form.length ?? options.length
    if (length === undefined) {
      throw new ConfigError(
        `the model ${file} reads sequences of any length: its input '${name}' is ${shape}; say which with length`,
      )
    }
    const numbers = { 1: 1, channels: baseCount, length, both: baseCount * length }
    return [{ name, dims: form.sizes.map((size) => numbers[size]), order, alphabet, length, batch }]
  })
}

/** The form, where the sizes or the tensor's `order` tell it. Throws as `inputForms`, and where nothing tells. */
export function inputForm(tensor: InputTensor, options: ImportOptions, file: string): InputForm {
  const forms = inputForms(tensor, options, file)
  const told = forms.length === 1 ? forms : forms.filter(({ order }) => order === tensor.order)
  return told[0] ?? askForOrder(forms[0]!, file)
}

/** @throws ConfigError that asks for the order */
export function askForOrder(form: InputForm, file: string): never {
  throw new ConfigError(
    `the model ${file} does not tell the order of its input '${form.name}' ${shapeOf(form.dims)}; say input-order NCW (channel by channel) or NWC (position by position)`,
  )
}

function shapeOf(dims: readonly (number | null)[]): string {
  return `[n, ${dims.map((size) => size ?? '?').join(', ')}]`
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
