/** How far masking a base reaches in a difference graph: the windows outside which a candidate's blocks are nothing. */
import type { DifferenceGraph, Operation } from './differenceGraph.ts'

/** Positions that masking a base can change: first and last for each base; none where last < first. */
export interface Reach {
  readonly low: Int32Array<ArrayBuffer> // [L]
  readonly high: Int32Array<ArrayBuffer> // [L]
}

/**
 * @param length L
 * @returns the reach in each value
 */
export function reachesOf({ values, operations, readOut }: DifferenceGraph, length: number): Reach[] {
  const positions = Int32Array.from({ length }, (_, j) => j)
  const reaches: Reach[] = values.map(() => ({ low: positions, high: positions }))
  const tail = readOut.code === 'rectified' ? [readOut.product] : []
  for (const operation of [...operations, ...tail]) {
    const last = values[operation.output]!.length - 1
    const reach: Reach = { low: new Int32Array(length), high: new Int32Array(length).fill(-1) }
    for (let j = 0; j < length; j++) {
      const window = windowBehind(operation, j, reaches, values)
      if (window === undefined) continue
      const [from, to] = [Math.max(window[0], 0), Math.min(window[1], last)]
      if (from > to) continue
      reach.low[j] = from
      reach.high[j] = to
    }
    reaches[operation.output] = reach
  }
  return reaches
}

/** @returns what an operation makes of the window of base j, not yet clipped; undefined where its inputs do not change */
function windowBehind(
  operation: Operation,
  j: number,
  reaches: readonly Reach[],
  values: DifferenceGraph['values'],
): readonly [from: number, to: number] | undefined {
  const inputs = operation.code === 'sum' ? [operation.input, operation.other] : [operation.input]
  const windows = inputs.map((value) => [reaches[value]!.low[j]!, reaches[value]!.high[j]!] as const)
  const some = windows.filter(([first, last]) => first <= last)
  if (some.length === 0) return undefined
  const from = Math.min(...some.map(([first]) => first))
  const to = Math.max(...some.map(([, last]) => last))
  switch (operation.code) {
    case 'product': {
      const { taps, dilation, padding } = operation
      return [from + padding - (taps - 1) * dilation, to + padding]
    }
    case 'scale':
    case 'bend': {
      const { size, stride, padding } = operation
      return [Math.ceil((from + padding - size + 1) / stride), Math.floor((to + padding) / stride)]
    }
    case 'sum':
      return [from, to]
    case 'regroup': {
      const channels = values[operation.input]!.channels
      const own = values[operation.output]!.channels
      return [Math.floor((from * channels) / own), Math.ceil(((to + 1) * channels) / own) - 1]
    }
  }
}

/**
 * @param length L
 * @returns the bases whose masking can bend a candidate's blocks otherwise
 */
export function meetsOf(
  { operations, readOut }: DifferenceGraph,
  reaches: readonly Reach[],
  length: number,
): Reach {
  // A softmax of other logits is another one, whether a candidate changes the logits or not.
  const always = readOut.code === 'softmax'
  const low = new Int32Array(length).fill(always ? 0 : length)
  const high = new Int32Array(length).fill(always ? length - 1 : -1)
  const last = readOut.code === 'rectified' ? [readOut] : []
  for (const { code, output } of [...operations, ...last]) {
    if (code !== 'bend' && code !== 'rectified') continue
    const reach = reaches[output]!
    const some = [...reach.low.keys()].filter((j) => reach.low[j]! <= reach.high[j]!)
    let [from, to] = [0, 0]
    for (const j of some) {
      while (reach.high[some[from]!]! < reach.low[j]!) from++
      while (to + 1 < some.length && reach.low[some[to + 1]!]! <= reach.high[j]!) to++
      low[j] = Math.min(low[j]!, some[from]!)
      high[j] = Math.max(high[j]!, some[to]!)
    }
  }
  return { low, high }
}
