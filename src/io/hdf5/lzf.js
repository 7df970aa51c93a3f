/**
 * LZF, the compression that h5py adds to HDF5 (filter 32000), after the format of Marc Lehmann's LibLZF: a control byte
 * below 32 says how many bytes (one more) follow as they are; any other has in its upper three bits how many bytes (two
 * more) are repeated, in its lower five and the next byte how far back (one more) they begin. 7 in the upper bits adds the
 * byte that follows to the count. Plain JavaScript, so that a thread can load it from src/ and from dist/.
 */

const literal = 32
const longest = 7

/**
 * @param {Uint8Array} data
 * @param {number} most bytes that it may become
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {RangeError} where the data are no LZF, or become more
 */
export function decompressLzf(data, most) {
  let out = new Uint8Array(Math.min(most, 4 * data.length + 64))
  let length = 0
  let at = 0
  const next = () => {
    const byte = data[at++]
    if (byte === undefined) throw new RangeError('LZF data end early')
    return byte
  }
  const reserve = (/** @type {number} */ count) => {
    if (length + count > most) throw new RangeError(`LZF data become more than ${most} bytes`)
    if (length + count <= out.length) return
    const larger = new Uint8Array(Math.min(most, Math.max(2 * out.length, length + count)))
    larger.set(out.subarray(0, length))
    out = larger
  }
  while (at < data.length) {
    const control = next()
    if (control < literal) {
      const count = control + 1
      if (at + count > data.length) throw new RangeError('LZF data end early')
      reserve(count)
      out.set(data.subarray(at, at + count), length)
      at += count
      length += count
      continue
    }
    const short = control >> 5
    const count = (short === longest ? short + next() : short) + 2
    const from = length - (((control & (literal - 1)) << 8) | next()) - 1
    if (from < 0) throw new RangeError('LZF data repeat what lies before their beginning')
    reserve(count)
    // One by one: a repeat may read what it has just written.
    for (let i = 0; i < count; i++) out[length++] = out[from + i]
  }
  return out.slice(0, length)
}
