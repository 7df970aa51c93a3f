/**
 * Whether column 10 of a file of peaks is the summit, told by the columns' contents: tools add columns behind those of a
 * narrowPeak (IDR has 20, `bedtools intersect -c` 11), and others have something else there (BED12 and gappedPeak: blocks).
 * narrowPeak is BED6+4: signal, p-value, q-value, summit as an offset from the start or -1
 * (https://genome.ucsc.edu/FAQ/FAQformat.html#format12).
 */

export interface SummitColumn {
  readonly present: boolean
  /** What the user should know, a sentence without an end. */
  readonly note?: string | undefined
}

const narrowPeakColumns = 10
/** Peaks from which on a habit of theirs is no chance. */
const enoughPeaks = 20
/** Summits lie all over peaks; a count in the same place is small whatever the peak's width. */
const countShare = 0.05

/**
 * @param rows fields of intervals: the first of the file, some thousand where it has them
 * @param file its name tells where the columns do not
 * @returns undefined where no row has so many columns
 */
export function summitColumnOf(rows: readonly (readonly string[])[], file: string): SummitColumn | undefined {
  const peaks = rows.filter((row) => row.length >= narrowPeakColumns)
  if (peaks.length === 0) return undefined
  if (peaks.every(hasBlocks)) return { present: false }
  const middles = "windows lie around peaks' middles"
  if (/\.(?:broad|gapped)Peak(?:\.gz)?$/i.test(file)) {
    return { present: false, note: `its name says that it has no summits; column 10 is not read, ${middles}` }
  }
  const strange = peaks.filter((row) => !hasPeakValues(row))
  if (2 * strange.length > peaks.length) {
    return {
      present: false,
      note: `columns 7 to 10 (${strange[0]!.slice(6, 10).join(', ')}) are not those of a narrowPeak: column 10 is not taken for the summit, ${middles}`,
    }
  }
  const summits = peaks.filter((row) => row[9] !== '-1')
  if (summits.length === 0) {
    return { present: true, note: `no peak has a summit (column 10 is -1); ${middles}` }
  }
  if (summits.length >= enoughPeaks && summits.every(isNearStart)) {
    return {
      present: true,
      note: `column 10 lies within the first ${countShare * 100} % of every peak: if it is a count, not the summit, take peaks' middles with --centre middle`,
    }
  }
  return { present: true }
}

function isNearStart(row: readonly string[]): boolean {
  const width = Number(row[2]) - Number(row[1])
  return Number(row[9]) < countShare * width
}

/** Signal, p and q are numbers. A summit outside its peak is an error of its line. */
function hasPeakValues(row: readonly string[]): boolean {
  // With ten columns there is no other format, so that a bad value is an error of its line.
  const columns = row.length === narrowPeakColumns ? [6, 7, 8] : [6, 7, 8, 9]
  return columns.every((column) => row[column]!.trim() !== '' && Number.isFinite(Number(row[column])))
}

/** BED12, and what has more columns behind it: blocks from the start to the end, as many as column 10 says. */
function hasBlocks(row: readonly string[]): boolean {
  if (row.length < 12) return false
  const [count, sizes, starts] = [Number(row[9]), numbersOf(row[10]!), numbersOf(row[11]!)]
  if (!(count >= 1) || sizes.length !== count || starts.length !== count) return false
  const span = Number(row[2]) - Number(row[1])
  return count > 1 || (starts[0] === 0 && sizes[0] === span)
}

/** A list `1,260,1` or `1,260,1,`. */
function numbersOf(text: string): number[] {
  const items = text.trim().replace(/,$/, '').split(',')
  const numbers = items.map((item) => (item === '' ? NaN : Number(item)))
  return numbers.every(Number.isInteger) ? numbers : []
}
