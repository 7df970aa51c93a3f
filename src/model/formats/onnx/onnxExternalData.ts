/** Weights that an ONNX model keeps in files beside it are read in and put where they belong: one file, no paths. */
import { open, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { DataError } from '../../../base/errors.ts'
import { asReadError } from '../../../io/files/fileErrors.ts'
import { rawSize, type StoredTensor } from './onnxTensor.ts'
import { bytesField, wireFields } from '../protobuf/wire.ts'

/** Protobuf messages, and what runtimes take from memory, end there. */
export const largestModel = 2 ** 31 - 1

/** Messages that may hold tensors, by the fields that lead to them. */
const paths: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  model: { 7: 'graph', 25: 'function' },
  function: { 7: 'node' },
  graph: { 1: 'node', 5: 'tensor' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph' },
}

/** Fields of TensorProto: the numbers themselves, where they are, and that they are elsewhere. */
const rawData = 9
const externalData = 13
const dataLocation = 14

/**
 * @param bytes a model that `parseOnnx` has read without a fault
 * @param file where the model is; the others lie in its folder
 * @param parseTensor reads one TensorProto
 * @returns the same model with all of its numbers inside
 * @throws DataError where a file is missing, too short, outside of the folder, or all together are too large
 */
export async function embedExternalData(
  bytes: Uint8Array,
  file: string,
  parseTensor: (bytes: Uint8Array) => StoredTensor,
): Promise<Uint8Array> {
  const embedder = new Embedder(file, bytes.length, parseTensor)
  try {
    return Buffer.concat(await embedder.rewrite(bytes, 'model'))
  } finally {
    await embedder.close()
  }
}

class Embedder {
  readonly #file: string
  readonly #parseTensor: (bytes: Uint8Array) => StoredTensor
  readonly #handles = new Map<string, Awaited<ReturnType<typeof open>>>()
  #total: number

  constructor(file: string, size: number, parseTensor: (bytes: Uint8Array) => StoredTensor) {
    this.#file = file
    this.#total = size
    this.#parseTensor = parseTensor
  }

  async close(): Promise<void> {
    for (const handle of this.#handles.values()) await handle.close()
  }

  async rewrite(bytes: Uint8Array, kind: string): Promise<Uint8Array[]> {
    if (kind === 'tensor') return this.#rewriteTensor(bytes)
    const parts: Uint8Array[] = []
    for (const field of wireFields(bytes)) {
      const inner = paths[kind]![field.number]
      if (inner === undefined || field.wireType !== 2) parts.push(field.whole)
      else parts.push(...bytesField(field.number, await this.rewrite(field.bytes, inner)))
    }
    return parts
  }

  async #rewriteTensor(bytes: Uint8Array): Promise<Uint8Array[]> {
    const tensor = this.#parseTensor(bytes)
    if (tensor.external === undefined) return [bytes]
    const kept = [...wireFields(bytes)].filter(
      ({ number }) => number !== rawData && number !== externalData && number !== dataLocation,
    )
    return [
      ...kept.map(({ whole }) => whole),
      ...bytesField(rawData, [await this.#read(tensor, tensor.external)]),
    ]
  }

  async #read(tensor: StoredTensor, entries: ReadonlyMap<string, string>): Promise<Uint8Array> {
    const location = entries.get('location') ?? ''
    const fault = (problem: string) =>
      new DataError(`tensor '${tensor.name}' keeps its numbers in '${location}', ${problem}`, {
        file: this.#file,
      })
    const size = rawSize(tensor)
    const offset = wholeNumber(entries.get('offset') ?? '0')
    const length = wholeNumber(entries.get('length') ?? String(size))
    if (offset === undefined || length === undefined) throw fault('at an offset or length that is no number')
    if (length !== size) throw fault(`${length} bytes where its shape needs ${size}`)
    this.#total += size
    if (this.#total > largestModel) {
      throw new DataError(
        'and its external weights hold more than 2 GiB; no runtime takes that from memory',
        {
          file: this.#file,
        },
      )
    }
    const handle = await this.#open(location, fault)
    const available = (await handle.stat()).size
    if (offset + size > available) {
      throw fault(`bytes ${offset} to ${offset + size}, but that file has ${available}; copy it again`)
    }
    const result = new Uint8Array(size)
    for (let done = 0; done < size;) {
      const { bytesRead } = await handle.read(result, done, size - done, offset + done)
      if (bytesRead === 0) throw fault('which got shorter while it was read')
      done += bytesRead
    }
    return result
  }

  async #open(location: string, fault: (problem: string) => DataError) {
    const known = this.#handles.get(location)
    if (known !== undefined) return known
    const folder = dirname(this.#file)
    const path = resolve(folder, location)
    const outside = 'outside of the folder of the model; put it beside the model and export again'
    if (location === '' || location.includes('\0')) throw fault('which is no name of a file')
    if (isAbsolute(location) || /^[A-Za-z]:/.test(location) || !liesIn(path, resolve(folder)))
      throw fault(outside)
    try {
      const real = await realpath(path)
      if (!liesIn(real, await realpath(folder))) throw fault(outside)
      // Opening a pipe would wait for its writer.
      if (!(await stat(real)).isFile()) throw fault('which is no file')
      const handle = await open(real, 'r')
      this.#handles.set(location, handle)
      return handle
    } catch (error) {
      const known = asReadError(error, path)
      throw known instanceof DataError && known !== error
        ? fault(`which cannot be read: ${known.message}`)
        : known
    }
  }
}

/** In the folder or below, and not the folder itself. */
function liesIn(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function wholeNumber(text: string): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : undefined
  return Number.isSafeInteger(value) ? value : undefined
}
