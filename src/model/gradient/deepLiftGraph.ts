/** DeepLIFT's contributions (rescale rule; Shrikumar, Greenside and Kundaje, ICML 2017) as an ONNX graph. */
import { baseCount } from '../../sequence/alphabet.ts'
import type { OnnxGraph } from '../formats/onnx/onnxEncode.ts'
import { inputName } from '../formats/ownOnnx/ownOnnxGraph.ts'
import { foldNormalisation } from '../network/foldNormalisation.ts'
import type { Network } from '../network/network.ts'
import { Comparison } from './comparison.ts'
import {
  contributionsCount,
  contributionsName,
  contributionsOf,
  readBases,
  referencesName,
} from './contributions.ts'
import { batch, GraphWriter, type MaximumForm } from './graphWriter.ts'
import { constants } from './layerPass.ts'
import { passLayers } from './layerRules.ts'
import { chosenName } from './maskGradient.ts'
import { rescaleScore } from './rescaleScore.ts'
import { scoreNumber, scoreRuleOf } from './scoreRule.ts'
import { bothStrands, joinedStrands } from './strands.ts'

/**
 * Hypothetical contributions: what each base would be worth in each place, by multipliers m of the sequence against the reference r,
 * as `contributionsOf` has them; those of the bases that are there add up to the difference of the explained numbers.
 * @param reference one for all sequences, [4, L]: the graph reads `sequence` [n, 4, L]. Else it reads `sequence` [1, 4, L] and
 * `references` [r, 4, L], and gives the mean over them (DeepSHAP; Lundberg and Lee, NeurIPS 2017). `chosen` is [1, outputs].
 */
export function buildDeepLiftGraph(
  network: Network,
  { reference, form = 'unpool' }: { reference?: Float32Array; form?: MaximumForm },
): OnnxGraph {
  const { inputLength: length, strands, outputs } = network
  const rule = scoreRuleOf(network)
  const g = new GraphWriter(form)
  const isShared = reference !== undefined
  const sequence = readBases(g, inputName, isShared ? batch : 1, length)
  const references = isShared
    ? g.numbers(reference, [1, baseCount, 1, length])
    : readBases(g, referencesName, 'references', length)
  const chosen = g.input(chosenName, [1, outputs.length])
  // What is one comes first.
  const all = g.concat(isShared ? [references, sequence] : [sequence, references], 0)
  const read = strands === 'both' ? bothStrands(g, all) : all
  const compared = new Comparison(g, strands === 'both' ? 2 : 1, isShared ? 'reference' : 'sequence')
  const layers = foldNormalisation(rule.layers)
  const pass = { g, parameters: constants(g), compared }
  const passed = passLayers(pass, layers, read, [length, baseCount])
  const owed = passed.backward(rescaleScore(g, compared, rule, passed.y, chosen, outputs.length))
  const multipliers = butFirst(g, strands === 'both' ? joinedStrands(g, owed) : owed)
  const contributions = contributionsOf(g, multipliers, references)
  const number = scoreNumber(g, rule, passed.y, chosen)
  const ofFirst = g.slice(number, 0, 0, 1)
  const difference = isShared
    ? g.op('Sub', [butFirst(g, number), ofFirst])
    : g.op('Sub', [ofFirst, butFirst(g, number)])
  const joined = g.concat([g.reshape(contributions, [-1, contributionsCount(length) - 1]), difference], 1)
  const rows = isShared ? batch : 1
  g.output(contributionsName, isShared ? joined : g.mean(joined, 0), [rows, contributionsCount(length)])
  return g.graph('DeepLIFT')
}

function butFirst(g: GraphWriter, x: string): string {
  return g.slice(x, 0, 1, 2 ** 40)
}
