/**
 * HDF5 files, as Keras has its weights and modisco-lite its patterns in them. They are read in memory, in a thread that can be ended: the browser build of
 * h5wasm sees no file system, so that a link or a dataset that points out of the file finds nothing.
 */
import { DataError } from '../../base/errors.ts'
import type * as Hdf5 from 'h5wasm'
import type { File, Group } from 'h5wasm'
import { GuardedWorker, LimitError, type WorkLimits } from '../files/guardedWorker.ts'
import { readFilters, unreadFilter, unreadNumbers } from './hdf5Filters.ts'
import type { Hdf5Answer, Hdf5Attribute, Hdf5Entry, Hdf5Question } from './hdf5Snapshot.ts'

/** Numbers with a shape, row-major. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** What a kind of file has in HDF5, for what is read and for errors. */
export interface Hdf5Contents {
  /** What its numbers are. */
  readonly numbers: string
  /** Matches the paths that are read, without a slash at the beginning; what lies below a group that it does not match is not. */
  readonly read: RegExp
  /** Whether whole numbers are read too, as float32. */
  readonly integers: boolean
  /** What to do about numbers that are no floating-point numbers. */
  readonly typeRemedy: string
  /** What writes such a file anew. */
  readonly writer: string
}

/** What is stored is stored as it is, or a little compressed; a file that claims more than this lies about its sizes. */
const largestExpansion = 8
const alwaysAllowed = 64 * 2 ** 20
const longestNameList = 100_000
const mostEntries = 100_000
const deepest = 32

/** An intact file takes a third of a second and 0.01 s a mebibyte, and five times its size beside the library's 100 MiB. */
function limitsFor(bytes: number): WorkLimits {
  const mebibytes = Math.ceil(bytes / 2 ** 20)
  return { milliseconds: 20_000 + 1000 * mebibytes, mebibytes: 384 + 16 * mebibytes }
}

const worker = new GuardedWorker<Hdf5Question, Hdf5Answer>(new URL('./hdf5Worker.js', import.meta.url))

/** An HDF5 file that was read. */
export class Hdf5Reader {
  readonly #entries: ReadonlyMap<string, Hdf5Entry>
  readonly #contents: Hdf5Contents
  readonly #file: string

  private constructor(entries: ReadonlyMap<string, Hdf5Entry>, contents: Hdf5Contents, file: string) {
    this.#entries = entries
    this.#contents = contents
    this.#file = file
  }

  /**
   * @param file named in errors
   * @throws DataError where the bytes are no HDF5 or end early, or keep its library at work beyond what an intact file takes
   */
  static async read(bytes: Uint8Array, contents: Hdf5Contents, file: string): Promise<Hdf5Reader> {
    const answer = await ask(bytes, contents, file)
    if (!('fault' in answer)) return new Hdf5Reader(new Map(answer.entries), contents, file)
    const message = causeOf(answer.fault)
    throw new DataError(
      message.includes('truncated')
        ? 'is truncated: the HDF5 data end early; copy or download it again'
        : `cannot be read as HDF5 (${message}); copy or download it again`,
      { file },
    )
  }

  /** @returns the names in a group; `[]` where there is no such group */
  names(path: string): readonly string[] {
    const names = this.#group(path)?.names ?? []
    if ('fault' in names) throw this.#damaged(path, names.fault)
    return names
  }

  isGroup(path: string): boolean {
    return this.#group(path) !== undefined
  }

  /** @returns an attribute that is one text, or undefined where there is none */
  text(path: string, attribute: string): string | undefined {
    const texts = this.#texts(path, attribute)
    return texts?.length === 1 ? texts[0] : undefined
  }

  /** @returns an attribute that is a list of texts; a long one may lie in pieces (`name0`, `name1`, …), as Keras writes it */
  texts(path: string, attribute: string): readonly string[] | undefined {
    const whole = this.#texts(path, attribute)
    if (whole !== undefined) return whole
    const pieces: string[] = []
    for (let i = 0; ; i++) {
      const piece = this.#texts(path, `${attribute}${i}`)
      if (piece === undefined) return i === 0 ? undefined : pieces
      pieces.push(...piece)
    }
  }

  /** @throws DataError where there is no such dataset, or it does not hold numbers that can be read */
  tensor(path: string): Tensor {
    const entry = this.#find(path)
    const { numbers, integers, typeRemedy } = this.#contents
    if (entry?.kind !== 'dataset') throw this.#fault(`has no ${numbers} at '${path}'`)
    if ('values' in entry) return entry
    if (!('problem' in entry)) throw this.#damaged(path, entry.fault)
    switch (entry.problem) {
      case 'type':
        throw this.#fault(`holds no ${integers ? '' : 'floating-point '}numbers at '${path}'; ${typeRemedy}`)
      case 'size':
        throw this.#fault(
          `claims more ${numbers} than it holds bytes for, [${entry.shape.join(', ')}] at '${path}'; copy or download it again`,
        )
      case 'filter':
        throw unreadFilter(entry.filters, path, this.#contents, this.#file)
      case 'unread':
        throw unreadNumbers(entry.fault, path, this.#contents, this.#file)
    }
  }

  #texts(path: string, name: string): readonly string[] | undefined {
    const attributes = this.#group(path)?.attributes ?? []
    if ('fault' in attributes) throw this.#damaged(path, attributes.fault)
    const found: Hdf5Attribute | undefined = attributes.find(([attribute]) => attribute === name)?.[1]
    if (found === undefined || found === null) return undefined
    if ('fault' in found) throw this.#damaged(path, found.fault)
    if ('count' in found) throw this.#fault(`has ${found.count} names in '${name}' of '${path}'`)
    return found
  }

  #group(path: string): (Hdf5Entry & { kind: 'group' }) | undefined {
    const found = this.#find(path)
    return found?.kind === 'group' ? found : undefined
  }

  /** One step after the other: what lies in a damaged group is damaged. */
  #find(path: string): Hdf5Entry | undefined {
    const steps = path.split('/').filter((step) => step !== '')
    for (let depth = 0; depth <= steps.length; depth++) {
      const entry = this.#entries.get(steps.slice(0, depth).join('/'))
      if (entry?.kind === 'fault') throw this.#damaged(path, entry.fault)
      if (entry?.kind === 'group' && 'fault' in entry.names && depth < steps.length)
        throw this.#damaged(path, entry.names.fault)
      if (depth === steps.length || entry?.kind !== 'group') return depth === steps.length ? entry : undefined
    }
    return undefined
  }

  #damaged(path: string, fault: string): DataError {
    return this.#fault(`is damaged at '${path}' (${causeOf(fault)}); copy or download it again`)
  }

  #fault(problem: string): DataError {
    return new DataError(problem, { file: this.#file })
  }
}

async function ask(bytes: Uint8Array, { read, integers }: Hdf5Contents, file: string): Promise<Hdf5Answer> {
  const budget = Math.max(alwaysAllowed, largestExpansion * bytes.length)
  const limits = { budget, longestNameList, mostEntries, deepest }
  const question = { bytes, read, integers, ...limits, filters: readFilters }
  try {
    return await worker.ask(question, limitsFor(bytes.length))
  } catch (error) {
    if (!(error instanceof LimitError)) throw error
    throw new DataError(
      `cannot be read as HDF5 (${error.message}): it is damaged; copy or download it again`,
      { file },
      { cause: error },
    )
  }
}

/** The last of HDF5's lines tells the cause; those before it say how the library got there. */
function causeOf(fault: string): string {
  const message = fault.replace(/\s+/g, ' ').trim()
  const causes = [...message.matchAll(/\(\): (.*?) major: /g)].map(([, cause]) => cause!)
  return (causes.at(-1) ?? message).slice(0, 200)
}

/** @returns h5wasm, whose faults throw instead of being printed */
async function loadHdf5(): Promise<typeof Hdf5> {
  const hdf5 = await import('h5wasm')
  const module = await hdf5.ready
  module.activate_throwing_error_handler()
  return hdf5
}

let opened = 0

/** Writes in memory. */
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

  /** An attribute. */
  integer(path: string, attribute: string, value: number): void {
    this.#group(path).create_attribute(attribute, value, [], '<i4')
  }

  /** A dataset of one axis. */
  integers(path: string, values: readonly number[]): void {
    this.#root.create_dataset({
      name: path,
      data: Int32Array.from(values),
      shape: [values.length],
      dtype: '<i4',
    })
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
