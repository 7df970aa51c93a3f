/**
 * Reads HDF5 in a thread of its own, since a damaged file can keep its library at work for ever, or make it take all memory.
 * A file comes as bytes and goes as plain values: its groups with their attributes of text, its datasets as float32. Plain
 * JavaScript, so that it runs the same from src/ and from dist/.
 */
import { parentPort } from 'node:worker_threads'
import * as hdf5 from 'h5wasm'
import { File as SecondFile, Filters } from 'jsfive'
import { decompressLzf } from './lzf.js'

/** @import { Hdf5Answer, Hdf5Attribute, Hdf5Entry, Hdf5Question } from './hdf5Snapshot.ts' */

const module = await hdf5.ready
module.activate_throwing_error_handler() // else faults are printed

let opened = 0

parentPort?.on('message', (/** @type {Hdf5Question} */ question) => {
  const path = `/read${++opened}.h5`
  hdf5.FS?.writeFile(path, question.bytes)
  /** @type {Hdf5Answer} */
  let answer
  try {
    const file = new hdf5.File(path, 'r')
    try {
      answer = { entries: readAll(file, question) }
    } finally {
      file.close()
    }
  } catch (error) {
    answer = { fault: String(error instanceof Error ? error.message : error) }
  } finally {
    hdf5.FS?.unlink(path)
  }
  parentPort?.postMessage(answer)
})

/**
 * @param {hdf5.File} root
 * @param {Hdf5Question} question
 * @returns {[path: string, entry: Hdf5Entry][]}
 */
function readAll(root, question) {
  const { deepest, mostEntries } = question
  /** @type {[string, Hdf5Entry][]} */
  const entries = []
  const budget = { bytes: question.budget }
  /** @type {{ path: string, depth: number, group: hdf5.Group }[]} */
  const open = [{ path: '', depth: 0, group: root }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path, depth, group } = next
    const names = attempt(() => group.keys())
    entries.push([path, { kind: 'group', names, attributes: attempt(() => attributesOf(group, question)) }])
    if (!Array.isArray(names) || depth === deepest) continue
    for (const name of names) {
      const below = path === '' ? name : `${path}/${name}`
      if (!question.read.test(below)) continue
      if (entries.length + open.length >= mostEntries)
        throw new Error(`it has more than ${mostEntries} groups and datasets`)
      const entity = attempt(() => group.get(name))
      if (entity instanceof hdf5.Group) open.push({ path: below, depth: depth + 1, group: entity })
      else if (entity instanceof hdf5.Dataset)
        entries.push([below, readDataset(entity, below, question, budget)])
      else if (entity !== null && 'fault' in entity)
        entries.push([below, { kind: 'fault', fault: entity.fault }])
    }
  }
  return entries
}

/**
 * Links out of the file are none of these.
 * @param {hdf5.Group} group
 * @param {Hdf5Question} question
 * @returns {[name: string, attribute: Hdf5Attribute][]}
 */
function attributesOf(group, { longestNameList }) {
  const { attrs } = group
  return Object.keys(attrs).map((name) => {
    const attribute = attempt(() => {
      const { shape } = attrs[name]
      const count = sizeOf(shape ?? [])
      if (count > longestNameList) return { count }
      if (count === 0) return []
      const { value } = attrs[name]
      const texts = Array.isArray(value) ? value : [value]
      return texts.every((text) => typeof text === 'string') ? texts : null
    })
    return [name, attribute]
  })
}

/**
 * @param {hdf5.Dataset} dataset
 * @param {string} path
 * @param {Hdf5Question} question
 * @param {{ bytes: number }} budget what may still be read
 * @returns {Hdf5Entry}
 */
function readDataset(dataset, path, { bytes, integers, filters: readBy }, budget) {
  const read = attempt(() => {
    const { metadata } = dataset
    const shape = metadata.shape ?? []
    const { H5T_FLOAT, H5T_INTEGER, H5T_OPAQUE } = module.H5T_class_t
    const isBfloat16 = metadata.type === H5T_OPAQUE.value && metadata.size === 2
    const isFloat = metadata.type === H5T_FLOAT.value && [2, 4, 8].includes(metadata.size)
    const isInteger = integers && metadata.type === H5T_INTEGER.value
    if (!isBfloat16 && !isFloat && !isInteger) return { problem: 'type' }
    const needed = sizeOf(shape) * metadata.size
    if (!(needed <= budget.bytes)) return { problem: 'size', shape }
    const filters = dataset.filters.map(({ id, name }) => ({ id, name }))
    const by = filters.every(({ id }) => readBy.h5wasm.includes(id)) ? 'h5wasm' : 'jsfive'
    if (by === 'jsfive' && !filters.every(({ id }) => readBy.jsfive.includes(id)))
      return { problem: 'filter', filters }
    if (by === 'jsfive' || (metadata.size === 2 && isFloat)) {
      const most = metadata.chunks ? sizeOf(metadata.chunks) * metadata.size : needed
      const numbers = attempt(() => readByJsfive(bytes, path, Math.min(most, budget.bytes), readBy.lzf))
      if ('fault' in numbers) return { problem: 'unread', fault: numbers.fault }
      budget.bytes -= needed
      return valuesOf(shape, numbers)
    }
    budget.bytes -= needed
    const { value } = dataset
    return valuesOf(shape, isBfloat16 ? fromBfloat16(value) : float32Of(value, metadata.size))
  })
  return { kind: 'dataset', ...read }
}

/**
 * @param {readonly number[]} shape
 * @param {Float32Array} values
 */
function valuesOf(shape, values) {
  if (values.length !== sizeOf(shape)) throw new RangeError(`${values.length} of ${sizeOf(shape)} numbers`)
  return { shape: [...shape], values }
}

/**
 * The numbers of a dataset that h5wasm cannot read: behind LZF, or float16.
 * @param {Uint8Array} bytes of the file
 * @param {string} path
 * @param {number} most bytes that one of its chunks may become
 * @param {number} lzf the number of that filter
 */
function readByJsfive(bytes, path, most, lzf) {
  // Chunks that did not shrink are stored as they are, and not given to the filter.
  Filters.set(lzf, (chunk) => decompressLzf(new Uint8Array(chunk), most).buffer)
  const { value } = new SecondFile(new Uint8Array(bytes).buffer, 'weights').get(path)
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'number')) {
    throw new TypeError('it holds no numbers')
  }
  return Float32Array.from(value)
}

/**
 * @param {unknown} values
 * @param {number} bytes of each
 */
function float32Of(values, bytes) {
  // What HDF5 gives lies in the memory that it goes on to use.
  if (values instanceof Float32Array) return Float32Array.from(values)
  if (values instanceof Float64Array) return Float32Array.from(values)
  if (typeof values === 'number' || typeof values === 'bigint') return Float32Array.of(Number(values))
  if (values instanceof BigInt64Array || values instanceof BigUint64Array)
    return Float32Array.from(values, Number)
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) return Float32Array.from(values)
  throw new TypeError(`numbers of ${bytes} bytes are read as ${Object.prototype.toString.call(values)}`)
}

/**
 * The upper half of float32; HDF5 has no such type, so that Keras writes opaque bytes, little-endian.
 * @param {unknown} bytes
 */
function fromBfloat16(bytes) {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('bfloat16 that are no bytes')
  const numbers = new Uint32Array(bytes.length / 2)
  for (let i = 0; i < numbers.length; i++)
    numbers[i] = ((bytes[2 * i + 1] << 24) | (bytes[2 * i] << 16)) >>> 0
  return new Float32Array(numbers.buffer)
}

/** @param {readonly number[]} shape */
function sizeOf(shape) {
  return shape.reduce((product, size) => product * size, 1)
}

/**
 * @template T
 * @param {() => T} read
 * @returns {T | { fault: string }}
 */
function attempt(read) {
  try {
    return read()
  } catch (error) {
    return { fault: String(error instanceof Error ? error.message : error) }
  }
}
