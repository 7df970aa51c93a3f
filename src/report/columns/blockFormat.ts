/**
 * How columns lie in the page: one after the other in a block of bytes, gzipped, as base64 in an inert element. Both
 * sides read this file: the program that packs and the page's script that unpacks.
 */

/**
 * - `bytes`: one byte a value.
 * - `count`: unsigned integers below 2^32, seven bits a byte, the lowest first.
 * - `signed`: integers of 32 bits, zigzag (0, -1, 1, -2, …), then as `count`.
 * - `rising`: the same of differences to the value before; the first to 0.
 * - `real`: float32; all first bytes, then all second ones, … since like bytes pack better.
 * - `text`: UTF-8, each ended by a zero byte.
 */
export type ColumnKind = 'bytes' | 'count' | 'signed' | 'rising' | 'real' | 'text'

export interface ColumnHeader {
  readonly name: string
  readonly kind: ColumnKind
  /** Values. */
  readonly count: number
  /** That it takes, unpacked. */
  readonly bytes: number
}

/** A block's columns in their order. */
export type BlockHeader = readonly ColumnHeader[]

/** What a column is read as. */
export interface ColumnValues {
  bytes: Uint8Array // [n]
  count: Uint32Array // [n]
  signed: Int32Array // [n]
  rising: Int32Array // [n]
  real: Float32Array // [n]
  text: readonly string[] // [n]
}
