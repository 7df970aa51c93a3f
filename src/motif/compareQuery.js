/**
 * One query compared by an instance of the kernel: the same in the main thread and in threads of its own. Plain JavaScript, so
 * that a thread runs it from src/ as from dist/.
 */

const baseCount = 4

/**
 * @typedef {Record<'P_VALUES' | 'SCORES' | 'OFFSETS' | 'OVERLAPS' | 'STRANDS' | 'ORDER', number>} AnswerPlaces from where the plan begins
 * @typedef {{ count: number, work: number, answers: Readonly<AnswerPlaces> }} ComparisonPlan
 * @typedef {{ memory: { readonly buffer: ArrayBuffer, grow(pages: number): number }, workBytes(plan: number, width: number): number, compare(plan: number, width: number): void }} TomtomExports
 */

/**
 * @param {TomtomExports} exports the targets lie in their memory
 * @param {number} base where the plan begins, in bytes
 * @param {number} pageBytes
 * @param {Readonly<ComparisonPlan>} plan
 * @param {{ ppm: Float64Array, silent: Uint8Array }} query [width][4] and [width]
 */
export function compareQuery(exports, base, pageBytes, { count, work, answers }, { ppm, silent }) {
  const width = silent.length
  const end = base + work + exports.workBytes(base, width)
  const missing = end - exports.memory.buffer.byteLength
  if (missing > 0) exports.memory.grow(Math.ceil(missing / pageBytes))
  const { buffer } = exports.memory
  new Float64Array(buffer, base + work, width * baseCount).set(ppm)
  new Uint8Array(buffer, base + work + ppm.byteLength, width).set(silent)
  exports.compare(base, width)
  // They lie side by side, P_VALUES first and ORDER last.
  const found = buffer.slice(base + answers.P_VALUES, base + answers.ORDER + 4 * count)
  const integers = (/** @type {number} */ at) => new Int32Array(found, at - answers.P_VALUES, count)
  return {
    pValues: new Float64Array(found, 0, count),
    offsets: integers(answers.OFFSETS),
    overlaps: integers(answers.OVERLAPS),
    strands: integers(answers.STRANDS),
    order: integers(answers.ORDER),
  }
}
