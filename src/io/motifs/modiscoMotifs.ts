/**
 * The patterns that modisco-lite 3.0.0 has found, from its HDF5 file (its io.py, `save_hdf5`): a pattern's matrix is the mean
 * of its seqlets' one-hot letters, cut where its report cuts it before it is compared with known motifs.
 */
import { DataError } from '../../base/errors.ts'
import { Hdf5Reader, type Hdf5Contents, type Tensor } from '../hdf5/hdf5.ts'
import type { KnownMotif, MotifNote } from './motifText.ts'

const groups = ['pos_patterns', 'neg_patterns'] as const

/** Not the seqlets, which are most of the file. */
const contents: Hdf5Contents = {
  numbers: 'numbers of a pattern',
  read: /^(?:metacluster_idx_to_submetacluster_results|(?:pos|neg)_patterns(?:\/[^/]+(?:\/(?:sequence|contrib_scores|seqlets(?:\/n_seqlets)?))?)?)$/,
  integers: true,
  typeRemedy: 'write it with modisco-lite anew',
  writer: 'modisco-lite',
}

/** Of the largest contribution of a pattern's columns; modisco-lite's `--trim_threshold`. */
const trimThreshold = 0.3

const bases = 4

/** modisco-lite's have some tens of columns. */
const widest = 10_000

/** @param bytes the first of a file */
export function isHdf5(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 8)).toString('latin1') === '\x89HDF\r\n\x1a\n'
}

/**
 * Patterns of positive contributions before those of negative ones, each in the file's order, called as modisco-lite's
 * `meme` calls them (`pos_patterns.pattern_0`). Columns before the first and after the last whose contributions, in absolute
 * value, come to 0.3 of the largest column's are cut. Subpatterns are passed over.
 * @param file named in errors
 * @param onNote told of columns in which no seqlet has a base (all N), which say nothing of any
 * @throws DataError where the bytes are no HDF5, hold no patterns, or a pattern lacks a dataset or has one of another shape
 */
export async function readModiscoMotifs(
  bytes: Uint8Array,
  file: string,
  onNote?: MotifNote,
): Promise<KnownMotif[]> {
  const reader = await Hdf5Reader.read(bytes, contents, file)
  const motifs = groups.flatMap((group) =>
    reader
      .names(group)
      .filter((name) => reader.isGroup(`${group}/${name}`))
      .map((name) => patternOf(reader, group, name, file)),
  )
  if (motifs.length > 0) {
    for (const { id, unknown } of motifs)
      if (unknown > 0)
        onNote?.(
          `${file}: ${id} has columns in which no seqlet has a base, which count as unknown: ${unknown}`,
        )
    return motifs.map(({ id, name, ppm, nsites }) => ({ id, name, ppm, nsites }))
  }
  const old = reader.names('').includes('metacluster_idx_to_submetacluster_results')
  const isEmpty = groups.some((group) => reader.isGroup(group))
  throw new DataError(
    old
      ? 'is of tf-modisco, before modisco-lite; convert it: modisco convert -i OLD -o NEW'
      : `is an HDF5 file without motifs: its groups pos_patterns and neg_patterns${isEmpty ? ' hold no pattern' : ', as modisco-lite has them, are not there'}`,
    { file },
  )
}

function patternOf(
  reader: Hdf5Reader,
  group: string,
  name: string,
  file: string,
): KnownMotif & { readonly unknown: number } {
  const path = `${group}/${name}`
  const fault = (problem: string): DataError => new DataError(`${problem}, at '${path}'`, { file })
  // Ids stand in files whose columns end at a blank.
  if (/[\s\p{Cc}]/u.test(name)) throw fault('has a pattern with blanks in its name')
  const letters = rowsOf(reader.tensor(`${path}/sequence`), 'sequence', fault)
  const contributions = rowsOf(reader.tensor(`${path}/contrib_scores`), 'contrib_scores', fault)
  if (letters.length !== contributions.length)
    throw fault(`has ${letters.length} columns in 'sequence' and ${contributions.length} in 'contrib_scores'`)
  if (letters.some((row) => row.some((value) => value < 0)))
    throw fault("has negative numbers in 'sequence', which are no shares of letters")
  const id = `${group}.${name}`
  const kept = letters.slice(...contributing(contributions))
  const sums = kept.map(sumOf)
  return {
    id,
    name: id,
    ppm: kept.map((row, i) => row.map((value) => (sums[i] === 0 ? 1 / bases : value / sums[i]!))),
    nsites: seqletsOf(reader, path, fault),
    unknown: sums.filter((sum) => sum === 0).length,
  }
}

/** Columns from the first to the last that contribute, half-open. */
function contributing(contributions: readonly (readonly number[])[]): [start: number, end: number] {
  const scores = contributions.map((row) => sumOf(row.map(Math.abs)))
  const least = trimThreshold * scores.reduce((most, score) => Math.max(most, score), 0)
  const contributes = (score: number): boolean => score >= least
  return [scores.findIndex(contributes), scores.findLastIndex(contributes) + 1]
}

/** @returns [width][4] */
function rowsOf(
  { shape, values }: Tensor,
  dataset: string,
  fault: (problem: string) => DataError,
): number[][] {
  const [width, letters] = shape
  if (shape.length !== 2 || letters !== bases || !(width! > 0))
    throw fault(`has '${dataset}' of shape [${shape.join(', ')}], not [width, ${bases}]`)
  if (width! > widest) throw fault(`has ${width} columns in '${dataset}'; at most ${widest} can be read`)
  if (!values.every(Number.isFinite)) throw fault(`has numbers in '${dataset}' that are not finite`)
  return Array.from({ length: width! }, (_, i) => [...values.subarray(i * bases, (i + 1) * bases)])
}

function seqletsOf(reader: Hdf5Reader, path: string, fault: (problem: string) => DataError): number {
  const { values } = reader.tensor(`${path}/seqlets/n_seqlets`)
  const [count] = values
  if (values.length !== 1 || !Number.isInteger(count) || count! < 1)
    throw fault("has no whole number of seqlets in 'seqlets/n_seqlets'")
  return count!
}

function sumOf(row: readonly number[]): number {
  return row.reduce((sum, value) => sum + value, 0)
}
