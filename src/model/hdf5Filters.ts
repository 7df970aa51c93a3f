/**
 * The filters through which HDF5 writes numbers, which of them are read, and LZF. h5wasm gives numbers for a filter that it
 * lacks that are not those of the file, so filters are looked at before a number is trusted.
 */
import { File, Filters } from 'jsfive'
import { DataError } from '../base/errors.ts'
import { decompressLzf } from './lzf.ts'

export interface Hdf5Filter {
  readonly id: number
  readonly name: string
}

/** Deflate, shuffle, Fletcher's checksum, szip, n-bit and scale-offset come with the library of HDF5. */
const ofTheLibrary: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6])
const lzf = 32000
/** What jsfive reads beside LZF. */
const besidesLzf: ReadonlySet<number> = new Set([1, 2, 3, lzf])

/** Registered with the HDF Group; a file may leave the name out. */
const names: Readonly<Record<number, string>> = {
  305: 'LZO',
  307: 'bzip2',
  32000: 'LZF',
  32001: 'Blosc',
  32004: 'LZ4',
  32008: 'bitshuffle',
  32013: 'ZFP',
  32015: 'Zstandard',
  32017: 'SZ',
  32026: 'Blosc2',
}

/**
 * @param path of the dataset
 * @returns who reads the dataset
 * @throws DataError that names a filter which nobody here reads, and the remedy
 */
export function readerFor(filters: readonly Hdf5Filter[], path: string, file: string): 'h5wasm' | 'jsfive' {
  const compressed = filters.some(({ id }) => id === lzf)
  const read = compressed ? besidesLzf : ofTheLibrary
  const missing = filters.find(({ id }) => !read.has(id))
  if (missing === undefined) return compressed ? 'jsfive' : 'h5wasm'
  throw new DataError(
    `has weights behind the HDF5 filter ${names[missing.id] ?? missing.name} (${missing.id}) at '${path}', which is not read${compressed ? ' together with LZF' : ''}; ${remedy}`,
    { file },
  )
}

const remedy = 'write it again without: h5repack -f NONE FILE NEW, or save it with Keras anew'

/**
 * The numbers of a dataset that h5wasm cannot read: behind LZF, or float16.
 * @param most bytes that one of its chunks may become
 * @throws DataError where it is damaged, or lies in the file as only newer versions of HDF5 write it
 */
export function readByJsfive(bytes: Uint8Array, path: string, most: number, file: string): Float32Array {
  // Chunks that did not shrink are stored as they are, and not given to the filter.
  Filters.set(lzf, (chunk) => decompressLzf(new Uint8Array(chunk), most).buffer)
  try {
    const { value } = new File(new Uint8Array(bytes).buffer, file).get(path)
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'number')) {
      throw new TypeError('it holds no numbers')
    }
    return Float32Array.from(value)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new DataError(
      `has weights at '${path}' that cannot be read (${reason}); copy or download it again, or ${remedy}`,
      { file },
      { cause: error },
    )
  }
}
