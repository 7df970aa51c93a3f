/** Sequence sets: one record as it streams from a reader, and a whole set packed into typed arrays. */

export const splitNames = ['train', 'valid', 'test'] as const
/** What a sequence is used for. */
export type Split = (typeof splitNames)[number]

/** One sequence as a reader yields it: letters as read, where it came from, where it lies on the genome. */
export interface SequenceRecord {
  readonly name: string
  /** Letters as in the file (any case). */
  readonly sequence: string
  /** One value per label name; absent where the source has none. */
  readonly labels?: readonly number[] | undefined
  readonly chrom?: string | undefined
  /** 0-based. */
  readonly start?: number | undefined
  /** Half-open. */
  readonly end?: number | undefined
  readonly strand?: '+' | '-' | undefined
  /** Where the source itself says it. */
  readonly split?: Split | undefined
  /** Mean read depth over the sequence's bases, where it was read from alignments. */
  readonly coverage?: number | undefined
  readonly file: string
  /** 1-based line of the record's beginning, where the format has lines. */
  readonly line?: number | undefined
}

/** A sequence set packed for computing: n sequences of one length L. */
export interface SequenceSet {
  readonly count: number
  readonly length: number
  /** Row i is the sequence with this id. */
  readonly ids: Int32Array // [n]
  readonly codes: Uint8Array // [n, L]
  /** T labels a sequence; NaN where unlabelled. */
  readonly labels: Float32Array // [n, T]
  readonly labelNames: readonly string[] // T
  /** Indexes into `splitNames`. */
  readonly splits: Uint8Array // [n]
}

/**
 * The codes of a sequence by its id, the same array each time.
 * @returns Uint8Array [L] of a sequence; throws RangeError where the set has none of that id
 */
export function sequenceCodes({
  ids,
  codes,
  length,
}: Pick<SequenceSet, 'ids' | 'codes' | 'length'>): (id: number) => Uint8Array {
  const rowOf = new Map<number, number>()
  ids.forEach((id, row) => rowOf.set(id, row))
  const views = new Map<number, Uint8Array>()
  return (id) => {
    let view = views.get(id)
    if (view === undefined) {
      const row = rowOf.get(id)
      if (row === undefined) throw new RangeError(`sequence ${id} is not among the sequences given`)
      view = codes.subarray(row * length, (row + 1) * length)
      views.set(id, view)
    }
    return view
  }
}
