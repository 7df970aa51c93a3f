/**
 * The fields of one protobuf message, without a schema: what others wrote is read piece by piece, so that a hostile file
 * costs no more memory than its bytes, and rewritten without losing fields that we do not know.
 */

/**
 * The fields of one protobuf message, without a schema: what others wrote is read piece by piece, so that a hostile file
 * costs no more memory than its bytes, and rewritten without losing fields that we do not know.
 */

/** One field of a message. Views are made when asked for: a hostile file has a field every two bytes. */
export class WireField {
  readonly number: number
  readonly wireType: 0 | 1 | 2 | 5
  readonly #message: Uint8Array
  readonly #start: number
  readonly #from: number
  readonly #end: number

  constructor(
    message: Uint8Array,
    number: number,
    wireType: 0 | 1 | 2 | 5,
    start: number,
    from: number,
    end: number,
  ) {
    this.number = number
    this.wireType = wireType
    this.#message = message
    this.#start = start
    this.#from = from
    this.#end = end
  }

  /** What it holds: of a varint its own bytes, of a fixed number its 4 or 8. */
  get bytes(): Uint8Array {
    return this.#message.subarray(this.#from, this.#end)
  }

  /** The field with its tag, as it stands in the message. */
  get whole(): Uint8Array {
    return this.#message.subarray(this.#start, this.#end)
  }

  /** The number of a varint. */
  get varint(): number {
    return readVarint(this.#message, this.#from).value
  }
}

/** The bytes are no protobuf message. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** @throws WireError where the message is cut short or holds what no message of today holds */
export function* wireFields(message: Uint8Array): Generator<WireField> {
  let at = 0
  while (at < message.length) {
    const start = at
    const tag = readVarint(message, at)
    at = tag.next
    const number = Math.floor(tag.value / 8)
    const wireType = tag.value % 8
    if (number < 1 || number > 536_870_911) throw new WireError(`field ${number} at byte ${start}`)
    let size: number
    if (wireType === 0) size = readVarint(message, at).next - at
    else if (wireType === 1) size = 8
    else if (wireType === 5) size = 4
    else if (wireType === 2) {
      const length = readVarint(message, at)
      at = length.next
      size = length.value
    } else throw new WireError(`wire type ${wireType} at byte ${start}`)
    if (size < 0 || size > message.length - at) throw new WireError(`cut short at byte ${start}`)
    yield new WireField(message, number, wireType, start, at, at + size)
    at += size
  }
}

/** @returns the number, signed as int64; exact up to 2^53 */
export function readVarint(bytes: Uint8Array, start: number): { value: number; next: number } {
  const first = bytes[start]
  if (first !== undefined && first < 0x80) return { value: first, next: start + 1 }
  let low = 0
  let high = 0
  for (let i = 0; i < 10; i++) {
    const byte = bytes[start + i]
    if (byte === undefined) break
    const bits = byte & 0x7f
    if (i < 4) low += bits * 2 ** (7 * i)
    else high += bits * 2 ** (7 * (i - 4))
    if (byte < 0x80) {
      // 28 bits lie below `high`; the 64th is the sign.
      const value = i < 9 ? high * 2 ** 28 + low : signed(high, low)
      return { value, next: start + i + 1 }
    }
  }
  throw new WireError(`a number without an end at byte ${start}`)
}

function signed(high: number, low: number): number {
  const bits = (BigInt(high) << 28n) + BigInt(low)
  return Number(BigInt.asIntN(64, bits))
}

/** @returns how many varints the bytes hold: each ends with a byte below 128 */
export function countVarints(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte < 0x80) count++
  return count
}

/** @returns tag, length and bytes of a field that holds bytes */
export function bytesField(number: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((total, part) => total + part.length, 0)
  return [Uint8Array.from([...varintBytes(number * 8 + 2), ...varintBytes(length)]), ...parts]
}

function varintBytes(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return bytes
}

/** @returns the bytes of a message, a text or a packed list */
export function message(field: WireField): Uint8Array {
  if (field.wireType !== 2) throw new WireError(`field ${field.number} is a number where bytes belong`)
  return field.bytes
}

const utf8 = new TextDecoder()

/** Names are short; what plug-ins keep in an attribute is not. */
const longestText = 2 ** 26

export function text(field: WireField): string {
  const bytes = message(field)
  if (bytes.length > longestText) throw new WireError(`a text of ${bytes.length} bytes`)
  return utf8.decode(bytes)
}

export function varint(field: WireField): number {
  if (field.wireType !== 0) throw new WireError(`field ${field.number} is no whole number`)
  return field.varint
}

export function* varintsOf(field: WireField): Generator<number> {
  if (field.wireType !== 0 && field.wireType !== 2)
    throw new WireError(`field ${field.number} is no whole number`)
  for (let at = 0; at < field.bytes.length;) {
    const { value, next } = readVarint(field.bytes, at)
    yield value
    at = next
  }
}

export function* floatsOf(field: WireField): Generator<number> {
  const { bytes, number, wireType } = field
  if ((wireType !== 5 && wireType !== 2) || bytes.length % 4 !== 0) {
    throw new WireError(`field ${number} is no list of float32`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length; at += 4) yield view.getFloat32(at, true)
}
