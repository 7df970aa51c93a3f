/**
 * The number that explanation methods explain: the score before a last sigmoid, softmax or the like flattens it
 * (`scoreRuleOf`), so that scores near 1 do not hide what bases are worth. Of a black box it is the score itself.
 */
import type { Model } from '../import/modelPredictor.ts'
import { openPredictor, type PredictorSettings } from '../import/modelPredictor.ts'
import { scoreRuleOf } from '../model/gradient/scoreRule.ts'
import type { Network } from '../model/network/network.ts'
import type { Predictor } from '../predict/predictor.ts'
import { asCodes } from '../predict/sequencePredictor.ts'
import { reverseComplements } from '../sequence/alphabet.ts'
import type { NetworkOutput } from './method.ts'

/** What the explained number of a model is, for people. */
type NumberKind = 'score' | 'number before the last activation' | 'log odds'

export interface ExplainedNumber {
  readonly kind: NumberKind
  /** One output. */
  readonly predictor: Predictor
  /** Undefined where no network has the number as an output. */
  readonly numberOf: NetworkOutput | undefined
}

/** @throws what opening a predictor throws */
export async function openExplainedNumber(
  model: Model,
  output: number,
  settings: PredictorSettings,
): Promise<ExplainedNumber> {
  if (model.kind === 'black-box') {
    const predictor = oneOutput(await openPredictor(model, settings), output)
    return { kind: 'score', predictor, numberOf: undefined }
  }
  const { network } = model
  const rule = scoreRuleOf(network)
  const isWhole = rule.layers === network.layers || rule.after !== 'linear'
  if (isWhole) {
    const predictor = oneOutput(await openPredictor(model, settings), output)
    return { kind: 'score', predictor, numberOf: { network, output } }
  }
  const logits: Network = {
    ...network,
    layers: rule.layers,
    strandJoin: rule.join === undefined ? undefined : rule.join,
  }
  if (rule.number === 'log-odds' && rule.join === 'maximum') {
    const predictor = await largerLogOdds(logits, output, settings)
    return { kind: 'log odds', predictor, numberOf: undefined }
  }
  const predictor = await openPredictor({ kind: 'network', network: logits }, settings)
  if (rule.number === 'output') {
    const numberOf = { network: logits, output }
    return { kind: 'number before the last activation', predictor: oneOutput(predictor, output), numberOf }
  }
  return { kind: 'log odds', predictor: mapped(predictor, output, logOdds), numberOf: undefined }
}

function oneOutput(predictor: Predictor, output: number): Predictor {
  return mapped(predictor, output, (scores, row, outputs) => scores[row * outputs + output]!)
}

/** log(p / (1 − p)) of a softmax over these numbers. */
function logOdds(numbers: Float32Array, row: number, outputs: number, output: number): number {
  const own = numbers[row * outputs + output]!
  let largest = -Infinity
  for (let i = 0; i < outputs; i++) {
    if (i !== output) largest = Math.max(largest, numbers[row * outputs + i]!)
  }
  let sum = 0
  for (let i = 0; i < outputs; i++) {
    if (i !== output) sum += Math.exp(numbers[row * outputs + i]! - largest)
  }
  return own - largest - Math.log(sum)
}

/** Each strand has log odds of its own: the larger are not those of the larger numbers. */
async function largerLogOdds(
  logits: Network,
  output: number,
  settings: PredictorSettings,
): Promise<Predictor> {
  const network: Network = { ...logits, strands: 'forward', strandJoin: undefined }
  const { background } = settings
  const open = async (own: PredictorSettings): Promise<Predictor> =>
    mapped(await openPredictor({ kind: 'network', network }, own), output, logOdds)
  const forward = await open(settings)
  // What a masked base becomes is read from the other strand, too.
  const reverse = await open({ ...settings, background: background.toReversed() })
  const { width: length } = forward
  return {
    ...forward,
    async predict(cells, rows) {
      const codes = asCodes(cells)
      const reversed = reverseComplements(codes.subarray(0, rows * length), length)
      const [own, other] = await Promise.all([forward.predict(codes, rows), reverse.predict(reversed, rows)])
      return own.map((number, row) => Math.max(number, other[row]!))
    },
    async close() {
      await forward.close()
      await reverse.close()
    },
  }
}

function mapped(
  predictor: Predictor,
  output: number,
  numberOf: (scores: Float32Array, row: number, outputs: number, output: number) => number,
): Predictor {
  const { width, outputs, batchSize, backend } = predictor
  return {
    width,
    outputs: [outputs[output]!],
    batchSize,
    backend,
    async predict(cells, rows) {
      const scores = await predictor.predict(cells, rows)
      return Float32Array.from({ length: rows }, (_, row) => numberOf(scores, row, outputs.length, output))
    },
    close: () => predictor.close(),
  }
}
