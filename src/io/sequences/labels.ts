/** One label as text: 0, 1, or a mark for missing. */
import { DataError, type DataLocation } from '../../base/errors.ts'

const missingMarks = new Set(['', '.', 'na', 'nan', 'n/a', 'null', 'none'])

/** @returns 0, 1, or NaN where the label is missing (empty, `.`, NA, NaN); throws DataError for anything else */
export function parseLabel(text: string, column: string, location: DataLocation): number {
  const trimmed = text.trim()
  if (trimmed === '0') return 0
  if (trimmed === '1') return 1
  if (missingMarks.has(trimmed.toLowerCase())) return NaN
  const value = Number(trimmed)
  if (value === 0 || value === 1) return value
  throw new DataError(`the label '${trimmed}' in ${column} is neither 0 nor 1`, location)
}
