/**
 * HDF5 files, as Keras has its weights in them. They are read in memory: the browser build of h5wasm sees no file system,
 * so that a link or a dataset that points out of the file finds nothing.
 */
import { DataError } from '../base/errors.ts'
import type * as Hdf5 from 'h5wasm'
import type { Entity, File, Group } from 'h5wasm'
import { readByJsfive, readerFor } from './hdf5Filters.ts'

/** Numbers with a shape, row-major. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** Weights are stored as they are, or a little compressed; a file that claims more than this lies about its sizes. */
const largestExpansion = 8
const alwaysAllowed = 64 * 2 ** 20
const longestNameList = 100_000

let opened = 0

/** @returns h5wasm, whose faults throw instead of being printed */
async function loadHdf5(): Promise<typeof Hdf5> {
  const hdf5 = await import('h5wasm')
  const module = await hdf5.ready
  module.activate_throwing_error_handler()
  return hdf5
}

export class Hdf5Reader {
  readonly #hdf5: typeof Hdf5
  readonly #root: File
  readonly #bytes: Uint8Array
  readonly #path: string
  readonly #file: string
  /** Bytes of weights that may still be read. */
  #budget: number

  private constructor(hdf5: typeof Hdf5, root: File, bytes: Uint8Array, path: string, file: string) {
    this.#hdf5 = hdf5
    this.#root = root
    this.#bytes = bytes
    this.#path = path
    this.#file = file
    this.#budget = Math.max(alwaysAllowed, largestExpansion * bytes.length)
  }

  /**
   * Close it after use.
   * @param file named in errors
   * @throws DataError where the bytes are no HDF5 or end early
   */
  static async open(bytes: Uint8Array, file: string): Promise<Hdf5Reader> {
    const hdf5 = await loadHdf5()
    const path = `/read${++opened}.h5`
    hdf5.FS!.writeFile(path, bytes)
    try {
      const root = new hdf5.File(path, 'r')
      return new Hdf5Reader(hdf5, root, bytes, path, file)
    } catch (error) {
      hdf5.FS!.unlink(path)
      const truncated = messageOf(error).includes('truncated')
      throw new DataError(
        truncated
          ? 'is truncated: the HDF5 data end early; copy or download it again'
          : `cannot be read as HDF5 (${messageOf(error)}); copy or download it again`,
        { file },
        { cause: error },
      )
    }
  }

  close(): void {
    this.#root.close()
    this.#hdf5.FS!.unlink(this.#path)
  }

  /** @returns the names in a group; `[]` where there is no such group */
  names(path: string): string[] {
    return this.#guard(path, () => this.#group(path)?.keys() ?? [])
  }

  /** @returns an attribute that is one text, or undefined where there is none */
  text(path: string, attribute: string): string | undefined {
    const texts = this.#texts(path, attribute)
    return texts?.length === 1 ? texts[0] : undefined
  }

  /** @returns an attribute that is a list of texts; a long one may lie in pieces (`name0`, `name1`, …), as Keras writes it */
  texts(path: string, attribute: string): string[] | undefined {
    const whole = this.#texts(path, attribute)
    if (whole !== undefined) return whole
    const pieces: string[] = []
    for (let i = 0; ; i++) {
      const piece = this.#texts(path, `${attribute}${i}`)
      if (piece === undefined) return i === 0 ? undefined : pieces
      pieces.push(...piece)
    }
  }

  /** @throws DataError where there is no such dataset, or it does not hold floating-point numbers that can be read */
  tensor(path: string): Tensor {
    return this.#guard(path, () => {
      const dataset = this.#find(path)
      if (!(dataset instanceof this.#hdf5.Dataset)) throw this.#fault(`has no weights at '${path}'`)
      const { metadata } = dataset
      const shape = metadata.shape ?? []
      const { H5T_FLOAT, H5T_OPAQUE } = this.#hdf5.Module.H5T_class_t
      const kind = metadata.type === H5T_OPAQUE.value && metadata.size === 2 ? 'bfloat16' : metadata.size
      if (kind !== 'bfloat16' && (metadata.type !== H5T_FLOAT.value || ![2, 4, 8].includes(metadata.size))) {
        throw this.#fault(
          `holds no floating-point numbers at '${path}'; save the model with such weights (those of a quantised model before it was quantised)`,
        )
      }
      const count = shape.reduce((product, size) => product * size, 1)
      const bytes = count * metadata.size
      this.#budget -= bytes
      if (!(this.#budget >= 0)) {
        throw this.#fault(
          `claims more weights than it holds bytes for, [${shape.join(', ')}] at '${path}'; copy or download it again`,
        )
      }
      const reader = readerFor(dataset.filters, path, this.#file)
      if (reader === 'jsfive' || kind === 2) {
        const most = metadata.chunks?.reduce((product, size) => product * size, metadata.size) ?? bytes
        const values = readByJsfive(this.#bytes, path, Math.min(most, this.#budget + bytes), this.#file)
        if (values.length !== count) throw new RangeError(`${values.length} of ${count} numbers`)
        return { shape, values }
      }
      const { value } = dataset
      return { shape, values: kind === 'bfloat16' ? fromBfloat16(value) : float32Of(value, metadata.size) }
    })
  }

  #texts(path: string, attribute: string): string[] | undefined {
    return this.#guard(path, () => {
      const found = this.#group(path)?.attrs[attribute]
      if (found === undefined) return undefined
      const { shape } = found
      const count = (shape ?? []).reduce((product, size) => product * size, 1)
      if (count > longestNameList) throw this.#fault(`has ${count} names in '${attribute}' of '${path}'`)
      if (count === 0) return []
      const { value } = found
      const texts: unknown[] = Array.isArray(value) ? value : [value]
      return texts.every((text) => typeof text === 'string') ? texts : undefined
    })
  }

  #group(path: string): Group | undefined {
    const found = this.#find(path)
    return found instanceof this.#hdf5.Group ? found : undefined
  }

  /** One step after the other, so that links out of the file are seen, not followed. */
  #find(path: string): Entity | null {
    let found: Entity | null = this.#root
    for (const name of path.split('/').filter((step) => step !== '')) {
      if (!(found instanceof this.#hdf5.Group) || !found.keys().includes(name)) return null
      found = found.get(name)
    }
    return found
  }

  #guard<T>(path: string, read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (error instanceof DataError) throw error
      throw new DataError(
        `is damaged at '${path}' (${messageOf(error)}); copy or download it again`,
        { file: this.#file },
        { cause: error },
      )
    }
  }

  #fault(problem: string): DataError {
    return new DataError(problem, { file: this.#file })
  }
}

/** The last of HDF5's lines tells the cause; those before it say how the library got there. */
function messageOf(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim()
  const causes = [...message.matchAll(/\(\): (.*?) major: /g)].map(([, cause]) => cause!)
  return (causes.at(-1) ?? message).slice(0, 200)
}

function float32Of(values: unknown, bytes: number): Float32Array {
  if (values instanceof Float32Array) return values
  if (values instanceof Float64Array) return Float32Array.from(values)
  if (typeof values === 'number') return Float32Array.of(values)
  throw new TypeError(`numbers of ${bytes} bytes are read as ${Object.prototype.toString.call(values)}`)
}

/** The upper half of float32; HDF5 has no such type, so that Keras writes opaque bytes, little-endian. */
function fromBfloat16(bytes: unknown): Float32Array {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('bfloat16 that are no bytes')
  const numbers = new Uint32Array(bytes.length / 2)
  for (let i = 0; i < numbers.length; i++)
    numbers[i] = ((bytes[2 * i + 1]! << 24) | (bytes[2 * i]! << 16)) >>> 0
  return new Float32Array(numbers.buffer)
}

/** Writes in memory, too. */
export class Hdf5Writer {
  readonly #hdf5: typeof Hdf5
  readonly #root: File
  readonly #path: string
  #isOpen = true

  private constructor(hdf5: typeof Hdf5, root: File, path: string) {
    this.#hdf5 = hdf5
    this.#root = root
    this.#path = path
  }

  /** Close it after use. */
  static async create(): Promise<Hdf5Writer> {
    const hdf5 = await loadHdf5()
    const path = `/write${++opened}.h5`
    return new Hdf5Writer(hdf5, new hdf5.File(path, 'w'), path)
  }

  group(path: string): void {
    this.#root.create_group(path)
  }

  /** An attribute. */
  text(path: string, attribute: string, value: string): void {
    this.#group(path).create_attribute(attribute, value)
  }

  /** An attribute that is a list of texts. */
  texts(path: string, attribute: string, values: readonly string[]): void {
    if (values.length === 0) return // an absent list reads as an empty one
    const longest = Math.max(...values.map((value) => Buffer.byteLength(value)))
    this.#group(path).create_attribute(attribute, [...values], [values.length], `S${longest}`)
  }

  tensor(path: string, { shape, values }: Tensor): void {
    this.#root.create_dataset({ name: path, data: values, shape: [...shape], dtype: '<f4' })
  }

  /** @returns the bytes of the file, to which nothing can be added any more */
  finish(): Uint8Array {
    this.#closeFile()
    return this.#hdf5.FS!.readFile(this.#path)
  }

  close(): void {
    this.#closeFile()
    this.#hdf5.FS!.unlink(this.#path)
  }

  #closeFile(): void {
    if (this.#isOpen) this.#root.close()
    this.#isOpen = false
  }

  #group(path: string): Group {
    return path === '' ? this.#root : (this.#root.get(path) as Group)
  }
}
