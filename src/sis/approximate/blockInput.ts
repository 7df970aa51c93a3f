/** A DNA sequence explained in blocks: neighbouring bases (a k-mer) are one feature, masked together. */
import { ConfigError } from '../../base/errors.ts'
import { sequenceInput } from '../sequenceInput.ts'
import type { MaskableInput } from '../types.ts'

export interface BlockOptions {
  /** Where the first whole block begins, less than `size`; bases before it are a block of their own. */
  readonly offset?: number | undefined
}

/**
 * Selections over blocks are exact, over fewer features: L/k instead of L. A subset is minimal in its blocks: none can be
 * dropped whole, though bases within one may be superfluous.
 * @param codes Uint8Array [L], not copied
 * @param size k, the bases of a block; the last block is shorter where they do not come out even
 */
export function blockInput(
  name: string,
  codes: Uint8Array,
  size: number,
  { offset = 0 }: BlockOptions = {},
): MaskableInput {
  if (!(Number.isInteger(size) && size > 0)) {
    throw new ConfigError(`blocks of ${size} bases: give a whole number above 0`)
  }
  if (!(Number.isInteger(offset) && offset >= 0 && offset < size)) {
    throw new ConfigError(`blocks of ${size} bases from base ${offset} on: give 0 to ${size - 1}`)
  }
  const features: number[][] = []
  for (let from = offset === 0 ? 0 : offset - size; from < codes.length; from += size) {
    const [first, end] = [Math.max(0, from), Math.min(from + size, codes.length)]
    features.push(Array.from({ length: end - first }, (_, i) => first + i))
  }
  return { ...sequenceInput(name, codes), features }
}
