/**
 * Interleaved timing: in every round each measure runs once, in turn forwards and backwards, so that a machine that
 * slows down slows all of them alike. What is told are medians and the least and largest round.
 */
export interface Measure {
  readonly name: string
  /** Does the work once. @returns the units of work done, which may be a fraction */
  run(): Promise<number>
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Timing {
  readonly name: string
  /** Of each round. */
  readonly secondsPerUnit: readonly number[]
  /** Units of work of the first round. */
  readonly units: number
}

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('no values to take a median of')
  const ascending = values.toSorted((a, b) => a - b)
  const middle = (ascending.length - 1) / 2
  const median = (ascending[Math.floor(middle)]! + ascending[Math.ceil(middle)]!) / 2
  return { median, min: ascending[0]!, max: ascending.at(-1)! }
}

/** @returns one timing a measure, in the order given */
export async function interleave(measures: readonly Measure[], rounds: number): Promise<Timing[]> {
  const timings = measures.map(({ name }) => ({ name, secondsPerUnit: [] as number[], units: 0 }))
  const order = [...measures.keys()]
  for (let round = 0; round < rounds; round++) {
    for (const i of round % 2 === 0 ? order : order.toReversed()) {
      const begin = performance.now()
      const units = await measures[i]!.run()
      const seconds = (performance.now() - begin) / 1000
      timings[i]!.secondsPerUnit.push(seconds / units)
      if (round === 0) timings[i]!.units = units
    }
  }
  return timings
}

/** How many times as fast: the quotient of the medians, and the least and largest quotient within a round. */
export function speedUp(baseline: Timing, faster: Timing): Spread {
  const quotients = baseline.secondsPerUnit.map((seconds, round) => seconds / faster.secondsPerUnit[round]!)
  return {
    ...spreadOf(quotients),
    median: spreadOf(baseline.secondsPerUnit).median / spreadOf(faster.secondsPerUnit).median,
  }
}

/** Least squares of log y on log x. @returns the exponent k of y ∝ xᵏ */
export function fittedExponent(points: readonly { readonly x: number; readonly y: number }[]): number {
  if (points.length < 2) throw new RangeError('an exponent needs two points')
  const [xs, ys] = [points.map(({ x }) => Math.log(x)), points.map(({ y }) => Math.log(y))]
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
  const [meanX, meanY] = [mean(xs), mean(ys)]
  let [above, below] = [0, 0]
  for (const [i, x] of xs.entries()) {
    above += (x - meanX) * (ys[i]! - meanY)
    below += (x - meanX) ** 2
  }
  return above / below
}
