/** From what a network's layers give to the explained number, and back, by DeepLIFT's rules. */
import type { GraphWriter } from './graphWriter.ts'
import type { Comparison } from './comparison.ts'
import { exponentials, ofMaximum, rescale, secant } from './rescaleRules.ts'
import { numberOf, withoutChosen, type ScoreRule } from './scoreRule.ts'
import { int, ints } from '../formats/onnx/onnxEncode.ts'
import { joinStrands, splitStrands } from './strands.ts'

/**
 * As `owedByScore`.
 * @param z [n, outputs], or [2 n, outputs] of both strands
 */
export function rescaleScore(
  g: GraphWriter,
  compared: Comparison,
  rule: ScoreRule,
  z: string,
  chosen: string,
  outputs: number,
): string {
  const rows = compared.ofOneStrand()
  const ofStrand = (strand: string): string => ofNumber(g, rows, rule, strand, chosen, outputs)
  if (rule.join === undefined) return ofStrand(z)
  if (rule.join === 'mean') {
    const mean = joinStrands(g, 'mean', z)
    const after = rescale(g, rows, rule.after, mean.y, [outputs])
    return mean.backward(after.backward(ofStrand(after.y)))
  }
  const strands = splitStrands(g, z)
  const numbers = strands.map((strand) => numberOf(g, rule, strand, chosen)) as [string, string]
  const dims = [1, 1, 2] as const
  const both = g.reshape(g.concat(numbers, 1), [-1, ...dims])
  const y = g.op('Max', numbers)
  const owed = g.op('Add', [g.op('Mul', [y, g.number(0)]), g.number(1)])
  const shares = ofMaximum(g, rows, { read: both, y, owed, dims }, { x: both, dims }, (part) => part)
  return g.concat(
    strands.map((strand, i) => {
      const share = g.reshape(g.slice(shares, 3, i, i + 1), [-1, 1])
      return g.op('Mul', [ofStrand(strand), share])
    }),
    0,
  )
}

/** [n, outputs]: of the chosen output, or of its log odds: z less the logarithm of a sum of exponentials. */
function ofNumber(
  g: GraphWriter,
  rows: Comparison,
  { number }: ScoreRule,
  z: string,
  chosen: string,
  outputs: number,
): string {
  // Of the shape of z, whatever the batch.
  if (number === 'output') return g.op('Add', [g.op('Mul', [z, g.number(0)]), chosen])
  const others = withoutChosen(g, z, chosen)
  const { own, other } = exponentials(g, rows, others, [outputs])
  const [sum, sumOfOther] = [own, other].map((power) => g.sum(power, [1], true)) as [string, string]
  const logarithm = g.op('ReduceLogSumExp', [others], [int('keepdims', 1), ints('axes', [1])])
  const difference = (a: string, b: string): string => g.op('Sub', [a, b])
  const rise = rows.difference(logarithm, [1])
  const ofSum = secant(g, difference(sum, sumOfOther), rise, g.op('Reciprocal', [sum]))
  const ofOthers = secant(g, rows.difference(others, [outputs]), difference(own, other), own)
  return g.op('Sub', [chosen, g.op('Mul', [ofOthers, ofSum])])
}
