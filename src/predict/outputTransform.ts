/** What makes scores of the numbers that a model gives. */
import type { OutputTransform } from '../model/importedModel.ts'

/**
 * In float64, rounded once at the end.
 * @param numbers Float32Array [rows, outputs]
 * @returns Float32Array [rows, outputs]: `numbers` itself where nothing is to be done
 */
export function applyTransform(
  numbers: Float32Array,
  outputs: number,
  transform: OutputTransform,
): Float32Array {
  switch (transform) {
    case 'none':
      return numbers
    case 'sigmoid':
      return numbers.map((x) => 1 / (1 + Math.exp(-x)))
    case 'logit':
      return numbers.map((p) => Math.log(p) - Math.log1p(-p))
    case 'log':
      return numbers.map(Math.log)
    case 'exp':
      return numbers.map(Math.exp)
    case 'softmax':
      return softmax(numbers, outputs)
  }
}

function softmax(numbers: Float32Array, outputs: number): Float32Array {
  const shares = new Float32Array(numbers.length)
  const powers = new Float64Array(outputs)
  for (let from = 0; from < numbers.length; from += outputs) {
    const row = numbers.subarray(from, from + outputs)
    const largest = row.reduce((most, x) => Math.max(most, x), -Infinity)
    let total = 0
    for (let i = 0; i < outputs; i++) total += powers[i] = Math.exp(row[i]! - largest)
    for (let i = 0; i < outputs; i++) shares[from + i] = powers[i]! / total
  }
  return shares
}
