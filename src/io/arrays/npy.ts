/** NumPy's files of one array (.npy), versions 1 to 3: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. */
import { DataError } from '../../base/errors.ts'
import { fromFloat16 } from '../../base/float16.ts'
import type { Tensor } from '../hdf5/hdf5.ts'

const magic = '\x93NUMPY'

/** @param bytes the first of a file */
export function isNpy(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, magic.length)).toString('latin1') === magic
}

type Reader = (view: DataView, at: number, little: boolean) => number

const readers: Readonly<Record<string, { readonly size: number; readonly read: Reader }>> = {
  f2: { size: 2, read: (view, at, little) => fromFloat16(view.getUint16(at, little)) },
  f4: { size: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { size: 8, read: (view, at, little) => view.getFloat64(at, little) },
  i1: { size: 1, read: (view, at) => view.getInt8(at) },
  u1: { size: 1, read: (view, at) => view.getUint8(at) },
  b1: { size: 1, read: (view, at) => view.getUint8(at) },
  i2: { size: 2, read: (view, at, little) => view.getInt16(at, little) },
  i4: { size: 4, read: (view, at, little) => view.getInt32(at, little) },
  i8: { size: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
}

/**
 * @param file named in errors
 * @returns the numbers as float32, row-major
 * @throws DataError where it ends early, holds no numbers, or holds them column by column
 */
export function readNpy(bytes: Uint8Array, file: string): Tensor {
  const fault = (problem: string) => new DataError(problem, { file })
  if (!isNpy(bytes) || bytes.length < 12) throw fault('is no array of NumPy (.npy)')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wide = bytes[6]! > 1
  const start = wide ? 12 : 10
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true))
  const header = Buffer.from(bytes.subarray(start, end)).toString('latin1')
  const type = /'descr':\s*'([<>|=])([a-z]\d+)'/.exec(header)
  const sizes = /'shape':\s*\(([\d, ]*)\)/.exec(header)?.[1]
  if (type === null || sizes === undefined) {
    throw fault('holds no plain numbers; save an array of float32 with numpy.save or numpy.savez')
  }
  const format = readers[type[2]!]
  if (format === undefined) throw fault(`holds numbers of type ${type[2]!}; save them as float32`)
  if (/'fortran_order':\s*True/.test(header)) {
    throw fault('holds its numbers column by column; save numpy.ascontiguousarray of it')
  }
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]))
  const count = shape.reduce((product, size) => product * size, 1)
  if (end + count * format.size > bytes.length) {
    throw fault(`ends early: [${shape.join(', ')}] would be ${count * format.size} bytes; copy it again`)
  }
  const little = type[1] !== '>'
  return {
    shape,
    values: Float32Array.from({ length: count }, (_, i) => format.read(view, end + i * format.size, little)),
  }
}

/** @returns the file of an array of float32 */
export function npyBytes({ shape, values }: Tensor): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]!},` : shape.join(', ')
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`
  // What comes before the numbers is a multiple of 64 bytes, and ends with a line feed.
  const length = Math.ceil((10 + header.length + 1) / 64) * 64
  const bytes = new Uint8Array(length + 4 * values.length)
  const view = new DataView(bytes.buffer)
  bytes.set(Buffer.from(`${magic}\x01\x00`, 'latin1'))
  view.setUint16(8, length - 10, true)
  bytes.set(Buffer.from(`${header.padEnd(length - 11)}\n`, 'latin1'), 10)
  for (const [i, value] of values.entries()) view.setFloat32(length + 4 * i, value, true)
  return bytes
}
