/** Values of DuckDB as plain values of JavaScript: numbers where they are exact, text where a number would not be. */
import {
  DuckDBArrayValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTypeId,
  DuckDBUnionValue,
  DuckDBVariantValue,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'
import { shortestReal } from '../base/format.ts'

export type PlainValue =
  null | boolean | number | string | readonly PlainValue[] | { readonly [key: string]: PlainValue }

/**
 * Integers and decimals become numbers where no digit is lost, text otherwise; lists and structs become arrays and
 * objects; dates, times, intervals, UUIDs and blobs the text that DuckDB prints. NaN and infinities stay numbers.
 */
export function plainValue(value: DuckDBValue): PlainValue {
  if (
    value === null ||
    typeof value === 'boolean' ||
    typeof value === 'number' ||
    typeof value === 'string'
  ) {
    return value
  }
  if (typeof value === 'bigint') {
    return BigInt(Number(value)) === value && Number.isSafeInteger(Number(value))
      ? Number(value)
      : String(value)
  }
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return value.items.map(plainValue)
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, entry]) => [name, plainValue(entry)]))
  }
  if (value instanceof DuckDBMapValue) {
    return value.entries.map((entry) => ({ key: plainValue(entry.key), value: plainValue(entry.value) }))
  }
  if (value instanceof DuckDBUnionValue || value instanceof DuckDBVariantValue) return plainValue(value.value)
  if (value instanceof DuckDBDecimalValue) {
    const text = value.toString()
    const shortest = text.includes('.') ? text.replace(/\.?0+$/, '') : text
    return String(Number(text)) === shortest ? Number(text) : text
  }
  return value.toString()
}

/** As `plainValue`, for printing: REAL values, also inside lists, lose the digits that float32 does not hold. */
export function printableValue(value: DuckDBValue, type: DuckDBType): PlainValue {
  if (type.typeId === DuckDBTypeId.FLOAT && typeof value === 'number') return shortestReal(value)
  if (
    (type.typeId === DuckDBTypeId.LIST && value instanceof DuckDBListValue) ||
    (type.typeId === DuckDBTypeId.ARRAY && value instanceof DuckDBArrayValue)
  ) {
    return value.items.map((item) => printableValue(item, type.valueType))
  }
  return plainValue(value)
}
