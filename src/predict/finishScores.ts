/** What makes scores of the numbers that a runtime gives: all of it in float64, rounded once at the end. */
import { activate } from '../model/network/activationFunctions.ts'
import type { CutFunction, OutputForm, OutputTransform } from '../model/foreign/importedModel.ts'
import { splitLastActivation } from '../model/network/lastActivation.ts'
import type { ActivationFunction, Network, StrandJoin, Strands } from '../model/network/network.ts'

export interface Finish {
  /** The last activation, where the runtime leaves it out. */
  readonly activation: ActivationFunction | CutFunction
  /** Numbers that a softmax is over; all of an input's (of one strand) unless given. */
  readonly width?: number | undefined
  /** `both`: an input has the numbers of its two strands side by side, [2 outputs]. */
  readonly strands: Strands
  /** Of both strands; `maximum` unless given. */
  readonly strandJoin?: StrandJoin | undefined
  readonly transform: OutputTransform
}

/** What is left to be done of a network whose runtime gives its logits, of both strands side by side. */
export function finishOfNetwork(network: Network): Finish {
  const { strands, strandJoin } = network
  return { activation: splitLastActivation(network).activation, strands, strandJoin, transform: 'none' }
}

/** What an output form leaves to be done. */
export function finishOf({ cut, transform }: OutputForm): Finish {
  const activation = cut?.function ?? 'linear'
  const plain: Finish = { activation, width: cut?.width, strands: 'forward', transform }
  // Where one undoes the other, no digit and no large number is lost on the way.
  const undone =
    (activation === 'sigmoid' && transform === 'logit') || (activation === 'exp' && transform === 'log')
  return undone ? { ...plain, activation: 'linear', transform: 'none' } : plain
}

/**
 * @param numbers Float32Array [rows, outputs], twice as many for both strands
 * @returns Float32Array [rows, outputs]: `numbers` itself where nothing is to be done
 */
export function finishScores(
  numbers: Float32Array,
  outputs: number,
  { activation, width = outputs, strands, strandJoin = 'maximum', transform }: Finish,
): Float32Array {
  if (activation === 'linear' && strands === 'forward' && transform === 'none') return numbers
  let scores = Float64Array.from(numbers)
  const meanFirst = strands === 'both' && strandJoin === 'mean-of-logits'
  if (meanFirst) scores = ofStrands(scores, outputs, (forward, reverse) => (forward + reverse) / 2)
  if (activation === 'log-softmax') logSoftmax(scores, width)
  else activate(activation, scores, width)
  if (strands === 'both' && !meanFirst) {
    scores = ofStrands(
      scores,
      outputs,
      strandJoin === 'maximum' ? Math.max : (forward, reverse) => (forward + reverse) / 2,
    )
  }
  transformAll(scores, outputs, transform)
  return Float32Array.from(scores)
}

/** @param scores [rows, 2 outputs] @returns [rows, outputs] */
function ofStrands(
  scores: Float64Array,
  outputs: number,
  join: (forward: number, reverse: number) => number,
): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: scores.length / 2 }, (_, i) => {
    const forward = i + Math.floor(i / outputs) * outputs
    return join(scores[forward]!, scores[forward + outputs]!)
  })
}

/** In place. */
function transformAll(scores: Float64Array, outputs: number, transform: OutputTransform): void {
  switch (transform) {
    case 'none':
      return
    case 'sigmoid':
    case 'exp':
    case 'softmax':
      activate(transform, scores, outputs)
      return
    case 'logit':
      for (const [i, p] of scores.entries()) scores[i] = Math.log(p) - Math.log1p(-p)
      return
    case 'log':
      for (const [i, p] of scores.entries()) scores[i] = Math.log(p)
  }
}

/** In place, over `width` numbers each. */
function logSoftmax(numbers: Float64Array, width: number): void {
  for (let from = 0; from < numbers.length; from += width) {
    const row = numbers.subarray(from, from + width)
    const largest = row.reduce((most, x) => Math.max(most, x), -Infinity)
    // The largest apart: where it outweighs all others, 1 + their sum has lost what their logarithm is.
    const place = row.indexOf(largest)
    let others = 0
    for (const [i, x] of row.entries()) if (i !== place) others += Math.exp(x - largest)
    const total = largest + Math.log1p(others)
    for (const [i, x] of row.entries()) row[i] = i === place ? -Math.log1p(others) : x - total
  }
}
