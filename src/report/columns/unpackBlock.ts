/** Unpacks the columns of a block; see blockFormat.ts. Runs in the reader's browser and in tests. */
import type { BlockHeader, ColumnHeader, ColumnKind, ColumnValues } from './blockFormat.ts'

/** The columns of a block, by name. */
export class Block {
  readonly #header: BlockHeader
  readonly #bytes: Uint8Array

  /** @param bytes gunzipped; throws RangeError where they are not as long as the header says */
  constructor(header: BlockHeader, bytes: Uint8Array) {
    const expected = header.reduce((sum, column) => sum + column.bytes, 0)
    if (bytes.length !== expected)
      throw new RangeError(`a block has ${bytes.length} bytes instead of ${expected}`)
    this.#header = header
    this.#bytes = bytes
  }

  /** @throws RangeError where the block has no such column of this kind */
  column<K extends ColumnKind>(name: string, kind: K): ColumnValues[K] {
    let offset = 0
    for (const column of this.#header) {
      if (column.name === name && column.kind === kind) {
        const bytes = this.#bytes.subarray(offset, offset + column.bytes)
        return readers[kind](bytes, column)
      }
      offset += column.bytes
    }
    throw new RangeError(`there is no column '${name}' of ${kind}`)
  }
}

type Reader<K extends ColumnKind> = (bytes: Uint8Array, header: ColumnHeader) => ColumnValues[K]

const readers: { readonly [K in ColumnKind]: Reader<K> } = {
  bytes: (bytes) => bytes.slice(),
  count: (bytes, { count }) => readCounts(bytes, count),
  signed: (bytes, { count }) => readSigned(bytes, count),
  rising(bytes, { count }) {
    const values = readSigned(bytes, count)
    for (let i = 1; i < count; i++) values[i] = values[i - 1]! + values[i]!
    return values
  },
  real(bytes, { count }) {
    const whole = new Uint8Array(4 * count)
    for (let plane = 0; plane < 4; plane++) {
      for (let i = 0; i < count; i++) whole[4 * i + plane] = bytes[plane * count + i]!
    }
    return new Float32Array(whole.buffer)
  },
  text(bytes) {
    const texts = new TextDecoder().decode(bytes).split('\0')
    texts.pop()
    return texts
  },
}

function readCounts(bytes: Uint8Array, count: number): Uint32Array {
  const values = new Uint32Array(count)
  let at = 0
  for (let i = 0; i < count; i++) {
    let value = 0
    let shift = 0
    for (;;) {
      const byte = bytes[at++]!
      value |= (byte & 127) << shift
      if (byte < 128) break
      shift += 7
    }
    values[i] = value
  }
  return values
}

function readSigned(bytes: Uint8Array, count: number): Int32Array {
  const coded = readCounts(bytes, count)
  const values = new Int32Array(coded.buffer)
  for (let i = 0; i < count; i++) values[i] = (coded[i]! >>> 1) ^ -(coded[i]! & 1)
  return values
}
