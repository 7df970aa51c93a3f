/** From what a network's layers give to the one number whose gradient is wanted, and back. */
import type { ActivationFunction, Network } from '../network/network.ts'
import { splitLastActivation } from '../network/lastActivation.ts'
import { activate } from './activationRules.ts'
import { int, ints } from '../formats/onnx/onnxEncode.ts'
import type { GraphWriter } from './graphWriter.ts'
import { joinStrands, splitStrands, takesReverse } from './strands.ts'

/** The number whose gradient stands for that of a score. */
export interface ScoreRule {
  /** That come before it. */
  readonly layers: Network['layers']
  readonly number: 'output' | 'log-odds'
  /** Undefined where the forward strand alone is read. */
  readonly join: 'maximum' | 'mean' | undefined
  /** Of the joined strands. */
  readonly after: ActivationFunction
}

/**
 * In float32 a sigmoid is 1 from 17 on, and its slope 0: every base would then seem to be worth nothing. Whatever rises
 * with the number before it is as good to order by.
 */
export function scoreRuleOf(network: Network): ScoreRule {
  const { logits, activation } = splitLastActivation(network)
  const { strandJoin = 'maximum', strands, outputs } = network
  const join = strands === 'forward' ? undefined : strandJoin === 'maximum' ? 'maximum' : 'mean'
  const plain: ScoreRule = { layers: network.layers, number: 'output', join, after: 'linear' }
  // The slopes of the strands count in a mean of scores.
  if (strands === 'both' && strandJoin === 'mean') return plain
  switch (activation) {
    case 'sigmoid':
    case 'tanh':
    case 'exp':
    case 'elu':
    case 'relu':
    case 'softplus':
      return { ...plain, layers: logits.layers }
    case 'softmax':
      // The score of a single unit is always 1, and there are no others to hold it against.
      return outputs.length === 1 ? plain : { ...plain, layers: logits.layers, number: 'log-odds' }
    case 'linear':
    case 'gelu': // it falls, then rises, as the two others do
    case 'gelu-tanh':
    case 'silu':
      if (strands === 'forward' || strandJoin === 'maximum') return plain
      return { ...plain, layers: logits.layers, after: activation }
  }
}

/** Far below every number before a softmax. */
const excluded = -1e30

/**
 * @param z [n, outputs], or [2 n, outputs] of both strands: what the layers give
 * @param chosen [1, outputs]: 1 at the output that is asked for, 0 elsewhere
 * @returns what z is owed, where the score is owed 1
 */
export function owedByScore(g: GraphWriter, rule: ScoreRule, z: string, chosen: string): string {
  const mul = (a: string, b: string): string => g.op('Mul', [a, b])
  if (rule.join === undefined) return ofNumber(g, rule, z, chosen)
  if (rule.join === 'mean') {
    const mean = joinStrands(g, 'mean', z)
    const after = activate(g, rule.after, mean.y)
    return mean.backward(after.backward(ofNumber(g, rule, after.y, chosen)))
  }
  // The larger strand's; the forward strand's of equals; that which is not a number.
  const [forward, reverse] = splitStrands(g, z)
  const [a, b] = [forward, reverse].map((strand) => numberOf(g, rule, strand, chosen)) as [string, string]
  const reverseCounts = takesReverse(g, a, b)
  const forwardCounts = g.op('Sub', [g.number(1), reverseCounts])
  return g.concat(
    [
      mul(ofNumber(g, rule, forward, chosen), forwardCounts),
      mul(ofNumber(g, rule, reverse, chosen), reverseCounts),
    ],
    0,
  )
}

/** [n, 1]: the number itself. */
export function scoreNumber(g: GraphWriter, rule: ScoreRule, z: string, chosen: string): string {
  if (rule.join === undefined) return numberOf(g, rule, z, chosen)
  if (rule.join === 'mean') {
    const mean = joinStrands(g, 'mean', z)
    return numberOf(g, rule, activate(g, rule.after, mean.y).y, chosen)
  }
  return g.op(
    'Max',
    splitStrands(g, z).map((strand) => numberOf(g, rule, strand, chosen)),
  )
}

/** [n, 1] of one strand. */
export function numberOf(g: GraphWriter, { number }: ScoreRule, z: string, chosen: string): string {
  const own = g.sum(g.op('Mul', [z, chosen]), [1], true)
  if (number === 'output') return own
  const others = g.op(
    'ReduceLogSumExp',
    [withoutChosen(g, z, chosen)],
    [int('keepdims', 1), ints('axes', [1])],
  )
  return g.op('Sub', [own, others])
}

/** [n, outputs]: the gradient of the chosen output, or of its log odds, log(p / (1 − p)) of its softmax. */
function ofNumber(g: GraphWriter, { number }: ScoreRule, z: string, chosen: string): string {
  // Of the shape of z, whatever the batch.
  if (number === 'output') return g.op('Add', [g.op('Mul', [z, g.number(0)]), chosen])
  return g.op('Sub', [chosen, g.op('Softmax', [withoutChosen(g, z, chosen)], [int('axis', 1)])])
}

export function withoutChosen(g: GraphWriter, z: string, chosen: string): string {
  return g.op('Add', [z, g.op('Mul', [chosen, g.number(excluded)])])
}
