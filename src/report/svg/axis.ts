/** Linear axes: round ticks and the mapping from values to coordinates. */

export interface Axis {
  /** What it measures, with its unit. */
  readonly label: string
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
  /** Of a tick; plain notation where absent. */
  readonly format?: ((value: number) => string) | undefined
}

/** @returns multiples of 1, 2 or 5 × 10ⁿ within [low, high], about `wanted` of them */
export function roundTicks(low: number, high: number, wanted = 5): number[] {
  const step = roundStep((high - low) / wanted)
  const ticks: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    // `+ 0` turns a negative zero into zero.
    ticks.push(Number((i * step).toPrecision(12)) + 0)
  }
  return ticks
}

/** An axis that begins at zero and ends at the first round tick at or above `highest`. */
export function axisFromZero(label: string, highest: number, format?: (value: number) => string): Axis {
  const step = roundStep((highest > 0 ? highest : 1) / 5)
  const high = Math.ceil((highest > 0 ? highest : 1) / step - 1e-9) * step
  return { label, low: 0, high, ticks: roundTicks(0, high), format }
}

/** From 0 to 1, as rates are. */
export function unitAxis(label: string): Axis {
  return { label, low: 0, high: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] }
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const lead = rough / power
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power
}
