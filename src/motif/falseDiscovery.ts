/** How many of the called ones are called by chance. */

/**
 * The smallest false discovery rate at which each would be called (Benjamini, Hochberg, J. R. Stat. Soc. B 57:289, 1995).
 * @param ascending places of the p-values from the least on
 * @returns in that order
 */
export function benjaminiHochberg(pValues: Float64Array, ascending: Int32Array): Float64Array {
  const count = pValues.length
  const qValues = new Float64Array(count)
  let least = 1
  for (let rank = count; rank > 0; rank--) {
    least = Math.min(least, (pValues[ascending[rank - 1]!]! * count) / rank)
    qValues[rank - 1] = least
  }
  return qValues
}

/** The same of p-values in any order, by their places. */
export function falseDiscoveryRates(pValues: Float64Array): Float64Array {
  const ascending = Int32Array.from(pValues.keys()).sort((a, b) => pValues[a]! - pValues[b]!)
  const rates = new Float64Array(pValues.length)
  for (const [rank, rate] of benjaminiHochberg(pValues, ascending).entries()) rates[ascending[rank]!] = rate
  return rates
}
