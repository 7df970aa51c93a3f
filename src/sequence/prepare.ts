/** Records as read become prepared sequences: one length, no duplicates, shuffled negatives, a split. Streams. */
import { DataError } from '../base/errors.ts'
import { fnv1a, Random } from '../base/random.ts'
import type { Reporter } from '../base/reporter.ts'
import { encodeLetters, unknown } from './alphabet.ts'
import { dinucleotideShuffle } from './dinucleotideShuffle.ts'
import { hash53, HashTable } from './hashTable.ts'
import type { SequenceRecord, Split } from './sequenceSet.ts'
import { createSplitter, parentName, type SplitRule } from './split.ts'

/** A shuffle that repeats a sequence already seen is drawn again at most this often. */
const shuffleAttempts = 20

/** A record and what its source fixes for it. */
export interface SourceRecord extends SequenceRecord {
  readonly split?: Split | undefined
  /** The one label, where the record has no `labels`. */
  readonly label?: number | undefined
  /** Shuffles made of it where it is a positive; the option's number by default. */
  readonly shuffles?: number | undefined
}

export interface PrepareOptions {
  /** Bases of every sequence; the first record's length by default. Where it is given, longer ones are cropped. */
  readonly length?: number | undefined
  /** What becomes of sequences shorter than `length`. */
  readonly shorter?: 'error' | 'skip' | undefined
  /** 'drop': of sequences of the same letters the first is kept, and the shuffles repeat none. */
  readonly duplicates?: 'drop' | 'keep' | undefined
  /** Dinucleotide shuffles, as negatives, of every positive (first label 1, or no label at all). */
  readonly shuffles?: number | undefined
  /** Sequences with a larger fraction of unknown bases are dropped. */
  readonly maxUnknown?: number | undefined
  /** Seeds the shuffles; each depends on the seed and the parent's name alone. */
  readonly seed: number
  readonly split: SplitRule
}

/** Of options that are left out. */
export const prepareDefaults = {
  shorter: 'error',
  duplicates: 'drop',
  shuffles: 0,
  maxUnknown: 1,
} as const satisfies Partial<PrepareOptions>

export interface PreparedSequence {
  /** 0-based, in the order prepared. */
  readonly id: number
  readonly name: string
  readonly codes: Uint8Array // [L], A C G T unknown
  /** The same number for every sequence; NaN where one is missing. */
  readonly labels: readonly number[]
  /** Coordinates of what was kept after cropping; absent for shuffles. */
  readonly chrom?: string | undefined
  readonly start?: number | undefined // 0-based
  readonly end?: number | undefined // half-open
  readonly strand?: '+' | '-' | undefined
  readonly split: Split
  /** Id of the sequence that this one is a shuffle of, made here or given and named after an earlier sequence. */
  readonly parentId?: number | undefined
}

/** What became of the records; complete when the last sequence has been yielded. */
export interface PreparationSummary {
  /** Bases of every sequence; 0 until the first is known. */
  length: number
  /** Records read. */
  read: number
  /** Sequences yielded, shuffles included. */
  kept: number
  /** Records that repeat an earlier sequence, label and all. */
  duplicates: number
  /** Records that repeat the letters of an earlier sequence under another label. */
  conflicts: number
  cropped: number
  /** Records skipped because they are shorter than the length. */
  tooShort: number
  /** Records dropped for their fraction of unknown bases. */
  tooUnknown: number
  /** Unknown bases in what was kept. */
  unknownLetters: number
  sequencesWithUnknown: number
  shuffles: number
  /** Shuffles not made, because the sequence has no (new) rearrangement. */
  unshufflable: number
  /** Sequences by split and first label ('1', '0', or 'none'). */
  counts: Record<Split, Record<string, number>>
}

export function createSummary(): PreparationSummary {
  return {
    length: 0,
    read: 0,
    kept: 0,
    duplicates: 0,
    conflicts: 0,
    cropped: 0,
    tooShort: 0,
    tooUnknown: 0,
    unknownLetters: 0,
    sequencesWithUnknown: 0,
    shuffles: 0,
    unshufflable: 0,
    counts: { train: {}, valid: {}, test: {} },
  }
}

/**
 * @param summary filled while the sequences are consumed; warnings follow after the last one
 * Throws DataError (file:line) at a letter that is not IUPAC, a length or number of labels that does not fit, a record
 * that cannot be split, or where nothing is left.
 */
export async function* prepareSequences(
  records: AsyncIterable<SourceRecord> | Iterable<SourceRecord>,
  options: PrepareOptions,
  reporter: Reporter,
  summary: PreparationSummary = createSummary(),
): AsyncGenerator<PreparedSequence, void, undefined> {
  const { duplicates = prepareDefaults.duplicates, maxUnknown = prepareDefaults.maxUnknown } = options
  const splitter = createSplitter(options.split)
  const labelsOfSequence = new HashTable() // letters → hash of the labels they came with
  const idOfName = new HashTable()
  const ruler = new Ruler(options)
  let labelled: { count: number; record: SourceRecord } | undefined
  let firstDuplicate: SourceRecord | undefined
  let firstConflict: SourceRecord | undefined

  function emit(sequence: Omit<PreparedSequence, 'id'>): PreparedSequence {
    const id = summary.kept++
    const unknowns = countUnknown(sequence.codes)
    summary.unknownLetters += unknowns
    if (unknowns > 0) summary.sequencesWithUnknown++
    const counts = summary.counts[sequence.split]
    const first = sequence.labels[0]
    const label = first === undefined || Number.isNaN(first) ? 'none' : String(first)
    counts[label] = (counts[label] ?? 0) + 1
    return { id, ...sequence }
  }

  for await (const record of records) {
    summary.read++
    const shuffles = record.shuffles ?? options.shuffles ?? prepareDefaults.shuffles
    const labels = record.labels ?? (record.label !== undefined ? [record.label] : shuffles > 0 ? [1] : [])
    labelled ??= { count: labels.length, record }
    if (labels.length !== labelled.count) {
      throw new DataError(
        `it has ${labels.length} labels, but '${labelled.record.name}' (${place(labelled.record)}) has ${labelled.count}; give all sequences the same labels`,
        { ...record, sequence: record.name },
      )
    }

    const codes = encodeRecord(record)
    const window = ruler.measure(record)
    summary.length = ruler.length
    if (window === undefined) {
      summary.tooShort++
      continue
    }
    const kept = codes.subarray(window.from, window.from + ruler.length)
    if (countUnknown(kept) > maxUnknown * ruler.length) {
      summary.tooUnknown++
      continue
    }

    const hash = hash53(kept)
    const labelHash =
      labels.reduce((sum, label) => Math.imul(sum, 31) + (Number.isNaN(label) ? 7 : label + 1), 1) | 0
    const seenLabels = labelsOfSequence.get(hash)
    if (seenLabels === undefined) {
      labelsOfSequence.set(hash, labelHash)
    } else {
      if (seenLabels === labelHash) {
        summary.duplicates++
        firstDuplicate ??= record
      } else {
        summary.conflicts++
        firstConflict ??= record
      }
      if (duplicates === 'drop') continue
    }

    if (window.cropped) summary.cropped++
    const split = splitter.splitOf(record)
    const parent = parentName(record.name)
    const isShuffle = parent !== record.name
    const sequence = emit({
      name: record.name,
      codes: kept,
      labels,
      ...(isShuffle
        ? { parentId: idOfName.get(hashName(parent)) }
        : coordinates(record, window.from, ruler.length)),
      split,
    })
    if (!isShuffle) idOfName.set(hashName(record.name), sequence.id)
    yield sequence

    if (shuffles === 0 || (labels.length > 0 && labels[0] !== 1)) continue
    const random = new Random(options.seed, 'shuffle', record.name)
    for (let k = 1; k <= shuffles; k++) {
      const shuffled = newShuffle(kept, labelsOfSequence, random)
      if (shuffled === undefined) {
        summary.unshufflable++
        continue
      }
      summary.shuffles++
      yield emit({
        name: `${record.name}_shuf${k === 1 ? '' : k}`,
        codes: shuffled,
        labels: labels.map(() => 0),
        split,
        parentId: sequence.id,
      })
    }
  }

  if (summary.kept === 0) {
    throw new DataError(
      summary.read === 0
        ? 'the input has no sequences'
        : `none of ${summary.read} sequences is left: ${summary.tooShort} too short, ${summary.tooUnknown} with too many unknown bases`,
    )
  }
  const verb = duplicates === 'drop' ? 'dropped' : 'kept'
  if (firstDuplicate !== undefined) {
    reporter.warn(`${summary.duplicates} duplicate sequences ${verb}, the first at ${place(firstDuplicate)}`)
  }
  if (firstConflict !== undefined) {
    reporter.warn(
      `${summary.conflicts} sequences ${verb} that repeat an earlier one under another label, the first at ${place(firstConflict)}`,
    )
  }
  if (summary.tooShort > 0) {
    reporter.warn(`${summary.tooShort} sequences shorter than ${summary.length} skipped`)
  }
  if (summary.tooUnknown > 0) {
    reporter.warn(`${summary.tooUnknown} sequences dropped for too many unknown bases`)
  }
  if (summary.unshufflable > 0) {
    reporter.warn(`${summary.unshufflable} shuffles not made: the sequences have no other arrangement`)
  }
  const absent = splitter.absentChromosomes()
  if (absent.length > 0) {
    reporter.warn(
      `no sequence lies on ${absent.join(', ')}, which the split names; check the chromosome names`,
    )
  }
}

/** Decides which bases of a record are kept. */
class Ruler {
  length: number
  readonly #shorter: 'error' | 'skip'
  readonly #given: boolean
  #first: SourceRecord | undefined

  constructor(options: PrepareOptions) {
    this.length = options.length ?? 0
    this.#given = options.length !== undefined
    this.#shorter = options.shorter ?? prepareDefaults.shorter
  }

  /** @returns the window's first base, or undefined where the record is to be skipped */
  measure(record: SourceRecord): { from: number; cropped: boolean } | undefined {
    const length = record.sequence.length
    if (!this.#given) {
      if (this.#first === undefined) {
        this.#first = record
        this.length = length
      } else if (length !== this.length) {
        throw new DataError(
          `it has ${length} bases, but '${this.#first.name}' (${place(this.#first)}) has ${this.length}; crop all to one length with --length`,
          { ...record, sequence: record.name },
        )
      }
    }
    if (length >= this.length) {
      return { from: Math.floor((length - this.length) / 2), cropped: length > this.length }
    }
    if (this.#shorter === 'skip') return undefined
    throw new DataError(
      `it has ${length} bases, fewer than the length of ${this.length}; choose a smaller --length or skip shorter sequences`,
      { ...record, sequence: record.name },
    )
  }
}

function encodeRecord(record: SourceRecord): Uint8Array {
  const { sequence } = record
  const location = { ...record, sequence: record.name }
  if (sequence.length === 0) throw new DataError('it has no bases', location)
  const codes = new Uint8Array(sequence.length)
  const bad = encodeLetters(sequence, codes)
  if (bad >= 0) {
    throw new DataError(
      `'${sequence[bad]}' at position ${bad + 1} is not an IUPAC nucleotide letter; correct it, or write N for an unknown base`,
      location,
    )
  }
  return codes
}

/** A shuffle of letters not seen before, entered into `seen`; undefined where none turns up. */
function newShuffle(codes: Uint8Array, seen: HashTable, random: Random): Uint8Array | undefined {
  for (let attempt = 0; attempt < shuffleAttempts; attempt++) {
    const shuffled = dinucleotideShuffle(codes, random)
    const hash = hash53(shuffled)
    if (seen.get(hash) !== undefined) continue
    seen.set(hash, 0)
    return shuffled
  }
  return undefined
}

/** On the reverse strand the first letter is the base at `end` - 1. */
function coordinates(
  record: SourceRecord,
  from: number,
  length: number,
): Pick<PreparedSequence, 'chrom' | 'start' | 'end' | 'strand'> {
  const { chrom, start, end, strand } = record
  if (start === undefined || end === undefined) return { chrom, strand }
  const newStart = strand === '-' ? end - from - length : start + from
  return { chrom, start: newStart, end: newStart + length, strand }
}

function countUnknown(codes: Uint8Array): number {
  let count = 0
  for (const code of codes) if (code === unknown) count++
  return count
}

function hashName(name: string): number {
  return fnv1a(name) * 2 ** 21 + (fnv1a(name, 0x9e3779b9) >>> 11)
}

function place(record: SourceRecord): string {
  return record.line === undefined ? record.file : `${record.file}:${record.line}`
}
