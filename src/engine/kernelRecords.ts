/** Records of int32 fields in a kernel's memory, written by the names that src/kernels/layout gives them. */

/** A file of src/kernels/layout: each field's place in the record. */
type Fields = Readonly<Record<string, number>>

/** A number for every field. */
export type RecordOf<F extends Fields> = Readonly<Record<keyof F, number>>

export function recordBytes(fields: Fields): number {
  return 4 * (Math.max(...Object.values(fields)) + 1)
}

/** @returns Int32Array [fields]; what the record leaves out is 0 */
export function recordOf<F extends Fields>(fields: F, record: Partial<RecordOf<F>>): Int32Array {
  const words = new Int32Array(recordBytes(fields) / 4)
  for (const [name, at] of Object.entries(fields)) words[at] = record[name] ?? 0
  return words
}

/** The bits of a float32, as a field holds them. */
export function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!
}
