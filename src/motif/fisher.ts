/** Fisher's exact test: whether a property is more frequent in one class than the size of the class explains. */

/**
 * The upper tail of the hypergeometric distribution, in log space, so that no count is too large: with all margins given, the
 * probability that as many of the first class have the property as do, or more.
 * @param having of the `size` members of the first class
 * @param otherHaving of the `otherSize` members of the second
 * @returns p, one-sided; 0 where it is smaller than the smallest number
 */
export function fisherUpperTail(
  having: number,
  size: number,
  otherHaving: number,
  otherSize: number,
): number {
  const all = having + otherHaving
  const most = Math.min(size, all)
  // The tail that is not asked for has fewer terms where the observed count is below the mode; its complement is as exact.
  const mode = Math.floor(((size + 1) * (all + 1)) / (size + otherSize + 2))
  if (having <= mode) {
    const least = Math.max(0, all - otherSize)
    return having <= least ? 1 : Math.max(0, 1 - tail(having - 1, least, -1))
  }
  return Math.min(1, tail(having, most, 1))

  /** Sums the terms from `from` to `to`, away from the mode: each is smaller than the last. */
  function tail(from: number, to: number, step: 1 | -1): number {
    const first = logChoose(size, from) + logChoose(otherSize, all - from) - logChoose(size + otherSize, all)
    let relative = 1
    let sum = 1
    for (let k = from; k !== to; k += step) {
      relative *=
        step === 1
          ? ((size - k) * (all - k)) / ((k + 1) * (otherSize - all + k + 1))
          : (k * (otherSize - all + k)) / ((size - k + 1) * (all - k + 1))
      sum += relative
      if (relative < sum * 1e-17) break
    }
    return Math.exp(first + Math.log(sum))
  }
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k)
}

/** Stirling's series from 16 on, where its next term is below 1e-16; the product before. */
function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1
    for (let i = 2; i <= n; i++) product *= i
    return Math.log(product)
  }
  const square = 1 / (n * n)
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / n
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + series
}
