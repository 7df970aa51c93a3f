/** Numbers in HDF5 as h5py wrote them, through every filter that is read; others are an error that names the filter. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Hdf5Reader } from '../../src/io/hdf5/hdf5.ts'
import { kerasContents } from '../../src/model/foreign/keras/kerasWeights.ts'

const fixtures = join(import.meta.dirname, '../fixtures/models/hdf5')
const file = (name: string) => readFileSync(join(fixtures, name))
const expected = JSON.parse(file('filters.json').toString()) as Record<string, number[][]>

async function read<T>(bytes: Uint8Array, use: (reader: Hdf5Reader) => T): Promise<T> {
  return use(await Hdf5Reader.read(bytes, kerasContents, 'weights.h5'))
}

describe('numbers in HDF5', () => {
  it.each(Object.keys(expected))('%s', async (name) => {
    const { shape, values } = await read(file('filters.h5'), (reader) => reader.tensor(`weights/${name}`))
    expect(shape).toEqual([24, 10])
    expect(Array.from(values)).toEqual(Array.from(Float32Array.from(expected[name]!.flat())))
  })

  it('in the layout of newer libraries, LZF apart', async () => {
    for (const name of Object.keys(expected)) {
      const result = read(file('filters_latest.h5'), (reader) => reader.tensor(`weights/${name}`))
      if (name.includes('lzf') || name === 'half') {
        await result.then(
          ({ values }) => {
            expect(Array.from(values)).toEqual(Array.from(Float32Array.from(expected[name]!.flat())))
          },
          (error: unknown) => {
            expect(String(error)).toMatch(/has weights at 'weights\/.*h5repack/)
          },
        )
      } else {
        expect(Array.from((await result).values)).toEqual(
          Array.from(Float32Array.from(expected[name]!.flat())),
        )
      }
    }
  })

  it('names a filter that it lacks, and the remedy', async () => {
    // The filter of the first LZF dataset becomes Zstandard's: its number and its name.
    const bytes = Buffer.from(file('filters.h5'))
    for (let at = bytes.indexOf('lzf\0'); at >= 0; at = bytes.indexOf('lzf\0', at + 1)) {
      if (bytes.readUInt16LE(at - 8) === 32000) bytes.writeUInt16LE(32015, at - 8)
    }
    await expect(read(bytes, (reader) => reader.tensor('weights/lzf'))).rejects.toThrow(
      /weights\.h5.*HDF5 filter Zstandard \(32015\) at 'weights\/lzf'.*h5repack -f NONE/,
    )
  })

  it('says that LZF data are damaged', async () => {
    const bytes = Buffer.from(file('filters.h5'))
    const whole = await read(bytes, (reader) => reader.tensor('weights/lzf'))
    expect(whole.values.length).toBe(240)
    let faults = 0
    // Every byte of the file in turn: the same numbers, other numbers or one clear error, never anything else.
    for (let at = 0; at < bytes.length; at += 401) {
      const damaged = Buffer.from(bytes)
      damaged[at]! ^= 0xff
      await read(damaged, (reader) => reader.tensor('weights/lzf')).catch((error: unknown) => {
        expect(String(error)).toMatch(/DataError/)
        faults++
      })
    }
    expect(faults).toBeGreaterThan(0)
  })

  it('refuses what is no floating-point number', async () => {
    await expect(read(file('filters.h5'), (reader) => reader.tensor('weights/lzf_integers'))).rejects.toThrow(
      /no floating-point numbers/,
    )
  })
})
