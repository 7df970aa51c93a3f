/**
 * The filters through which HDF5 writes numbers, which of them are read, and LZF. h5wasm gives numbers for a filter that it
 * lacks that are not those of the file, so filters are looked at before a number is trusted.
 */
import { DataError } from '../../base/errors.ts'

export interface Hdf5Filter {
  readonly id: number
  readonly name: string
}

const lzf = 32000

/** Filters by who reads them: deflate, shuffle, Fletcher's checksum, szip, n-bit and scale-offset come with the library. */
export const readFilters = { h5wasm: [1, 2, 3, 4, 5, 6], jsfive: [1, 2, 3, lzf], lzf } as const

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

const remedyBy = (writer: string): string =>
  `write it again without: h5repack -f NONE FILE NEW, or save it with ${writer} anew`

/** What the file has, and what writes it. */
interface Stored {
  readonly numbers: string
  readonly writer: string
}

/** An error that names the filter of a dataset that nobody here reads, and the remedy. */
export function unreadFilter(
  filters: readonly Hdf5Filter[],
  path: string,
  { numbers, writer }: Stored,
  file: string,
): DataError {
  const compressed = filters.some(({ id }) => id === lzf)
  const read: readonly number[] = compressed ? readFilters.jsfive : readFilters.h5wasm
  const missing = filters.find(({ id }) => !read.includes(id))!
  return new DataError(
    `has ${numbers} behind the HDF5 filter ${names[missing.id] ?? missing.name} (${missing.id}) at '${path}', which is not read${compressed ? ' together with LZF' : ''}; ${remedyBy(writer)}`,
    { file },
  )
}

/** An error for a dataset behind LZF, or of float16, that is damaged or lies in the file as only newer versions write it. */
export function unreadNumbers(
  reason: string,
  path: string,
  { numbers, writer }: Stored,
  file: string,
): DataError {
  return new DataError(
    `has ${numbers} at '${path}' that cannot be read (${reason}); copy or download it again, or ${remedyBy(writer)}`,
    { file },
  )
}
