/** Both strands in one batch twice as long, the inputs first: how they are read, joined, and what they owe. */
import { baseCount } from '../../sequence/alphabet.ts'
import { inputName } from '../formats/ownOnnx/ownOnnxGraph.ts'
import type { Network } from '../network/network.ts'
import { int } from '../formats/onnx/onnxEncode.ts'
import { batch, toFloat, type GraphWriter } from './graphWriter.ts'
import type { LayerPass } from './layerPass.ts'

/** @returns the input, [n, 4, 1, L], and what the layers read: that, or with both strands [2 n, 4, 1, L] */
export function readSequence(
  g: GraphWriter,
  { inputLength: length, strands }: Pick<Network, 'inputLength' | 'strands'>,
): { readonly sequence: string; readonly read: string } {
  const sequence = g.op('Unsqueeze', [g.input(inputName, [batch, baseCount, length]), g.integers([2])])
  return { sequence, read: strands === 'both' ? bothStrands(g, sequence) : sequence }
}

/** [n, 4, 1, L] to [2 n, 4, 1, L]. */
export function bothStrands(g: GraphWriter, sequence: string): string {
  return g.concat([sequence, reversed(g, sequence)], 0)
}

/** What both strands owe, the reverse one's turned round: [2 n, 4, 1, L] to [n, 4, 1, L]. */
export function joinedStrands(g: GraphWriter, owed: string): string {
  const [forward, reverse] = splitStrands(g, owed)
  return g.op('Add', [forward, reversed(g, reverse)])
}

/** The reverse complement: channels and positions run backwards. */
function reversed(g: GraphWriter, x: string): string {
  return g.reverse(x, [1, 3])
}

/** [2 n, …] to twice [n, …]. */
export function splitStrands(g: GraphWriter, both: string): [forward: string, reverse: string] {
  return g.ops('Split', [both], 2, [int('axis', 0)]) as [string, string]
}

/**
 * The numbers of both strands joined, one by one, [2 n, outputs] to [n, outputs]: the larger ones, of equals the
 * forward strand's, or their means.
 */
export function joinStrands(g: GraphWriter, join: 'maximum' | 'mean', z: string): LayerPass {
  const mul = (a: string, b: string): string => g.op('Mul', [a, b])
  const [forward, reverse] = splitStrands(g, z)
  if (join === 'mean') {
    const half = g.number(0.5)
    return {
      y: mul(g.op('Add', [forward, reverse]), half),
      backward: (dy) => {
        const each = mul(dy, half)
        return g.concat([each, each], 0)
      },
    }
  }
  const reverseCounts = takesReverse(g, forward, reverse)
  const forwardCounts = g.op('Sub', [g.number(1), reverseCounts])
  return {
    y: g.op('Max', [forward, reverse]),
    backward: (dy) => g.concat([mul(dy, forwardCounts), mul(dy, reverseCounts)], 0),
  }
}

/** 1 where the reverse strand's number is the larger one or is none, 0 elsewhere: of equals the forward strand's counts. */
export function takesReverse(g: GraphWriter, forward: string, reverse: string): string {
  return toFloat(g, g.op('Or', [g.op('Less', [forward, reverse]), g.op('IsNaN', [reverse])]))
}
