/** Packs columns for the page, value by value as they are read from the database; see blockFormat.ts. */
import { gzipSync } from 'node:zlib'
import type { BlockHeader, ColumnKind } from './blockFormat.ts'

/** A block as it stands in the page. */
export interface PackedBlock {
  readonly header: BlockHeader
  /** Gzipped, as base64. */
  readonly text: string
}

class ByteList {
  #bytes = new Uint8Array(1024)
  #length = 0

  push(byte: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = byte
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Seven bits a byte. */
  pushCount(value: number): void {
    let rest = value >>> 0
    while (rest > 127) {
      this.push((rest & 127) | 128)
      rest >>>= 7
    }
    this.push(rest)
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}

/** A column of numbers that is being filled. Values that the kind cannot hold are a RangeError. */
export class NumberColumn {
  readonly kind: Exclude<ColumnKind, 'text'>
  readonly #list = new ByteList()
  readonly #real = new DataView(new ArrayBuffer(4))
  #last = 0
  #count = 0

  constructor(kind: Exclude<ColumnKind, 'text'>) {
    this.kind = kind
  }

  get count(): number {
    return this.#count
  }

  push(value: number): void {
    this.#count++
    switch (this.kind) {
      case 'bytes':
        if (!Number.isInteger(value) || value < 0 || value > 255) throw new RangeError(`${value} is no byte`)
        this.#list.push(value)
        break
      case 'count':
        if (value !== value >>> 0) throw new RangeError(`${value} is no count`)
        this.#list.pushCount(value)
        break
      case 'signed':
        this.#pushSigned(value)
        break
      case 'rising':
        this.#pushSigned(value - this.#last)
        this.#last = value
        break
      case 'real':
        this.#real.setFloat32(0, value, true)
        this.#list.append(new Uint8Array(this.#real.buffer))
    }
  }

  #pushSigned(value: number): void {
    if (value !== (value | 0)) throw new RangeError(`${value} is no integer of 32 bits`)
    this.#list.pushCount(((value << 1) ^ (value >> 31)) >>> 0)
  }

  pack(): Uint8Array {
    const { bytes } = this.#list
    if (this.kind !== 'real') return bytes
    const planes = new Uint8Array(bytes.length)
    for (let i = 0; i < this.#count; i++) {
      for (let plane = 0; plane < 4; plane++) planes[plane * this.#count + i] = bytes[4 * i + plane]!
    }
    return planes
  }
}

/** A column of texts that is being filled. A zero character in a text becomes U+FFFD. */
export class TextColumn {
  readonly kind = 'text'
  readonly #list = new ByteList()
  readonly #encoder = new TextEncoder()
  #count = 0

  get count(): number {
    return this.#count
  }

  push(text: string): void {
    this.#count++
    this.#list.append(this.#encoder.encode(text.replaceAll('\0', '\ufffd')))
    this.#list.push(0)
  }

  pack(): Uint8Array {
    return this.#list.bytes
  }
}

/** @param columns by name, in the order packed */
export function packBlock(columns: Readonly<Record<string, NumberColumn | TextColumn>>): PackedBlock {
  const packed = Object.entries(columns).map(([name, column]) => ({ name, column, bytes: column.pack() }))
  return {
    header: packed.map(({ name, column, bytes }) => ({
      name,
      kind: column.kind,
      count: column.count,
      bytes: bytes.length,
    })),
    text: gzipSync(Buffer.concat(packed.map(({ bytes }) => bytes)), { level: 9 }).toString('base64'),
  }
}
