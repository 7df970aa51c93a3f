/**
 * The differences engine's plan: which networks it explains, and by which graph. ./differenceBlocks.ts decides what is kept
 * from step to step, ./differenceMemory.ts lays out the memory.
 */
import { splitLastActivation } from '../model/network/lastActivation.ts'
import type { Network } from '../model/network/network.ts'
import { DifferenceBlocks } from './differenceBlocks.ts'
import type { DifferenceGraph } from './differenceGraph.ts'
import { buildDifferenceGraph } from './differenceGraphBuilder.ts'
import { layOutDifferences } from './differenceMemory.ts'
import { readRectified } from './differenceReadOut.ts'
import { maxBytes, mebibytes, tooLarge, type Planned, type PlanOptions } from './kernelPlan.ts'

/** Bytes of blocks that a thread may keep. */
const blockBudget = 512 * 2 ** 20

/** @param budget bytes of blocks that a thread may keep; what does not fit is computed in every step */
export function planDifferences(network: Network, options: PlanOptions, budget = blockBudget): Planned {
  const graph = buildDifferenceGraph(network, options.output)
  if (typeof graph === 'string') return { refusal: graph }
  if (network.strands === 'both' && network.strandJoin === 'mean-of-logits') {
    const { activation } = splitLastActivation(network)
    if (graph.readOut.code === 'softmax' || graph.readOut.final !== activation)
      return { refusal: `the ${activation} of a mean of its strands follows what bends, too` }
  }
  if (!weightsOf(graph).every((weights) => weights.every(Number.isFinite))) {
    return { refusal: 'a weight is not finite' }
  }
  const blocks = chooseBlocks(network, graph, budget, options.candidates)
  const { layout, ...places } = layOutDifferences(blocks, options, network.strandJoin ?? 'maximum')
  const { bytes } = layout
  if (bytes > maxBytes) return tooLarge(bytes)
  const { inputLength: length } = network
  return {
    plan: { kernel: 'differences', length, image: layout.image(), bytes, ...places },
    reason: describe(blocks, bytes),
  }
}

/** Where the last blocks are kept, their changes cost less than the whole gradient; else the read-out follows it. */
function chooseBlocks(
  network: Network,
  graph: DifferenceGraph,
  budget: number,
  candidates: number | undefined,
): DifferenceBlocks {
  const blocks = new DifferenceBlocks(network, graph, budget, candidates)
  if (blocks.transientFrom >= graph.operations.length - 1) return blocks
  const other = readRectified(graph)
  if (other === undefined || other.operations.length === 0) return blocks
  return new DifferenceBlocks(network, other, budget, candidates)
}

function weightsOf({ operations, readOut }: DifferenceGraph): Float64Array[] {
  const weights = operations.flatMap((operation) => {
    if (operation.code === 'product') return [operation.kernel, operation.bias]
    return operation.code === 'scale' ? [operation.scale, operation.shift] : []
  })
  if (readOut.code === 'softmax') return weights
  if (readOut.code === 'rectified') weights.push(readOut.product.kernel, readOut.product.bias)
  return [...weights, readOut.weights]
}

function describe({ graph, transientFrom }: DifferenceBlocks, bytes: number): string {
  const { length } = graph.operations
  const kept =
    transientFrom > length
      ? 'all kept from step to step'
      : `kept up to operation ${transientFrom} of ${length}`
  return `differences of ${length} operations, ${kept}, ${mebibytes(bytes)} MiB a thread`
}
