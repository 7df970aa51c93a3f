/** One array out of a file: NumPy's .npy and .npz, HDF5. */
import { DataError } from '../../base/errors.ts'
import { listed } from '../../base/format.ts'
import { readBytes } from '../files/readBytes.ts'
import { readZipEntries } from '../files/zipEntries.ts'
import { Hdf5Reader, type Hdf5Contents, type Tensor } from '../hdf5/hdf5.ts'
import { isNpy, readNpy } from './npy.ts'

/** A buffer holds no more. */
const mostBytes = 2 ** 31

/**
 * Names of arrays of attributions, the first of which is taken: of tangermeme and bpnet-lite (numpy.savez without names),
 * chrombpnet, and others.
 */
const knownNames = [
  'arr_0',
  'shap/seq',
  'hypothetical_contributions',
  'hypothetical_contribs',
  'hyp_scores',
  'shap',
  'attributions',
  'contrib_scores',
  'projected_shap/seq',
]

const hdf5Contents: Hdf5Contents = {
  numbers: 'numbers',
  read: /^[^/]+(?:\/[^/]+)?$/,
  integers: false,
  typeRemedy: 'save them as float32',
  writer: 'what made it',
}

/**
 * @param name of the array, where the file holds several; else a known one, or the only one
 * @throws DataError where there is no such array, or it is not clear which is meant
 */
export async function readArrayFile(file: string, name?: string): Promise<Tensor> {
  const bytes = await readBytes(file, mostBytes)
  if (isNpy(bytes)) {
    if (name !== undefined) throw new DataError(`has one array, and no '${name}'`, { file })
    return readNpy(bytes, file)
  }
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    const entries = readZipEntries(bytes, (entry) => (entry.endsWith('.npy') ? mostBytes : undefined), file)
    const chosen = choose(
      Object.keys(entries).map((entry) => entry.slice(0, -'.npy'.length)),
      name,
      file,
    )
    return readNpy(entries[`${chosen}.npy`]!, file)
  }
  if (bytes[0] !== 0x89) throw new DataError('is neither .npy, .npz nor HDF5', { file })
  const reader = await Hdf5Reader.read(bytes, hdf5Contents, file)
  const paths = reader
    .names('')
    .flatMap((first) =>
      reader.isGroup(first) ? reader.names(first).map((second) => `${first}/${second}`) : [first],
    )
  return reader.tensor(choose(paths, name, file))
}

function choose(names: readonly string[], wanted: string | undefined, file: string): string {
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted
    throw new DataError(`has no array '${wanted}', but ${listed([...names])}`, { file })
  }
  const known = knownNames.find((name) => names.includes(name))
  if (known !== undefined) return known
  if (names.length === 1) return names[0]!
  throw new DataError(
    names.length === 0
      ? 'has no arrays'
      : `has several arrays: name one as FILE#NAME; it has ${listed([...names])}`,
    { file },
  )
}
