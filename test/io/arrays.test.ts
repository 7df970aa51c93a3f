/** Arrays of NumPy: what is written is read, and what cannot be read is told. */
import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { readArrayFile } from '../../src/io/arrays/arrayFile.ts'
import { npyBytes, readNpy } from '../../src/io/arrays/npy.ts'
import { Hdf5Writer } from '../../src/io/hdf5/hdf5.ts'
import { temporaryDirectory } from '../store/fixtures.ts'

/** An array as NumPy writes it. */
function npyOf(type: string, shape: string, numbers: Uint8Array, fortran = 'False'): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`.padEnd(117) + '\n'
  const start = Uint8Array.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0])
  return Uint8Array.from([...start, ...Buffer.from(header), ...numbers])
}

describe('.npy', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), (shape) => {
        const count = shape.reduce((product, size) => product * size, 1)
        const values = Float32Array.from({ length: count }, (_, i) => Math.fround(i / 7 - 1))
        const bytes = npyBytes({ shape, values })
        expect((bytes.length - 4 * count) % 64).toBe(0)
        expect(readNpy(bytes, 'a.npy')).toEqual({ shape, values })
      }),
      { numRuns: 50 },
    )
  })

  it.each<[string, Uint8Array]>([
    ['<f8', new Uint8Array(Float64Array.of(1.5, -2).buffer)],
    ['<f2', Uint8Array.of(0x00, 0x3e, 0x00, 0xc0)],
    ['>f4', Uint8Array.of(0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0)],
  ])('of %s is read as float32', (type, numbers) => {
    expect(readNpy(npyOf(type, '(2,)', numbers), 'a').values).toEqual(Float32Array.of(1.5, -2))
  })

  it.each<[string, Uint8Array, string]>([
    ['text', npyOf('<U3', '(2,)', new Uint8Array(24)), 'no plain numbers'],
    ['complex numbers', npyOf('<c8', '(2,)', new Uint8Array(16)), 'type c8; save them as float32'],
    ['columns', npyOf('<f4', '(2, 1)', new Uint8Array(8), 'True'), 'column by column'],
    ['too little', npyOf('<f4', '(2, 3)', new Uint8Array(8)), 'ends early: [2, 3] would be 24 bytes'],
    ['something else', Uint8Array.of(1, 2, 3), 'is no array of NumPy'],
  ])('of %s is refused', (_, bytes, message) => {
    expect(() => readNpy(bytes, 'a.npy')).toThrow(message)
  })
})

describe('an array file', () => {
  const one = { shape: [2], values: Float32Array.of(1, 2) }
  const other = { shape: [1], values: Float32Array.of(3) }

  it('gives the array that is named, a known one, or the only one', async () => {
    const file = join(await temporaryDirectory(), 'a.npz')
    const write = (arrays: Record<string, typeof one>): void => {
      const entries = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npyBytes(array)])
      writeFileSync(file, zipSync(Object.fromEntries(entries) as Record<string, Uint8Array>))
    }
    write({ arr_0: one, x: other })
    expect(await readArrayFile(file)).toEqual(one)
    expect(await readArrayFile(file, 'x')).toEqual(other)
    await expect(readArrayFile(file, 'y')).rejects.toThrow("has no array 'y', but arr_0 and x")
    write({ x: other })
    expect(await readArrayFile(file)).toEqual(other)
    write({ x: other, y: one })
    await expect(readArrayFile(file)).rejects.toThrow('name one as FILE#NAME; it has x and y')
    writeFileSync(file, npyBytes(one))
    expect(await readArrayFile(file)).toEqual(one)
    writeFileSync(file, 'name\tvalue\n')
    await expect(readArrayFile(file)).rejects.toThrow('is neither .npy, .npz nor HDF5')
  })

  it('may be HDF5, with groups', async () => {
    const file = join(await temporaryDirectory(), 'a.h5')
    const writer = await Hdf5Writer.create()
    writer.group('shap')
    writer.tensor('shap/seq', one)
    writer.group('raw')
    writer.tensor('raw/seq', other)
    writeFileSync(file, writer.finish())
    writer.close()
    expect(await readArrayFile(file)).toMatchObject(one)
    expect(await readArrayFile(file, 'raw/seq')).toMatchObject(other)
  })
})
