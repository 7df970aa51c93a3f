/**
 * What a network reads of a code: the one table of numbers by code and base that everything which encodes is made from.
 */
import { baseCount, masked, uniformBackground, unknown } from './alphabet.ts'

/** Codes 0 to 5, base or not; tables have a row for each. */
export const codeCount = unknown + 1

/**
 * A base is one-hot, masked is the background, unknown is zero.
 * @param background numbers for A, C, G, T
 * @returns [6][4]
 */
export function numbersOfCodes(background: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: codeCount }, (_, code) =>
    Array.from({ length: baseCount }, (_, base) =>
      code === masked ? background[base]! : code === base ? 1 : 0,
    ),
  )
}

/**
 * What the codes of one position add to the outputs of a linear layer, in the place of its bases' weights.
 * @param weightOf the weight of a base and an output
 * @param outputs numbers of a row
 * @param table written: [6, outputs] from `at` on
 */
export function weighCodes(
  numbers: readonly (readonly number[])[],
  weightOf: (base: number, output: number) => number,
  outputs: number,
  table: Float64Array,
  at: number,
): void {
  for (const [code, shares] of numbers.entries()) {
    for (let output = 0; output < outputs; output++) {
      let sum = 0
      for (let base = 0; base < baseCount; base++) sum += shares[base]! * weightOf(base, output)
      table[at + code * outputs + output] = sum
    }
  }
}

/**
 * Codes to the numbers a network reads.
 * @param codes Uint8Array [n, L]
 * @param out Float32Array [n, L, 4] (`NWC`) or [n, 4, L] (`NCW`)
 */
export function oneHot(
  codes: Uint8Array,
  length: number,
  layout: 'NWC' | 'NCW',
  background: readonly number[] = uniformBackground,
  out: Float32Array = new Float32Array(codes.length * baseCount),
): Float32Array {
  const numbers = numbersOfCodes(background)
  const rows = codes.length / length
  for (let row = 0; row < rows; row++) {
    const from = row * length
    for (let i = 0; i < length; i++) {
      const place = layout === 'NWC' ? (from + i) * baseCount : from * baseCount + i
      const step = layout === 'NWC' ? 1 : length
      const own = numbers[codes[from + i]!]!
      for (let base = 0; base < baseCount; base++) out[place + base * step] = own[base]!
    }
  }
  return out
}
