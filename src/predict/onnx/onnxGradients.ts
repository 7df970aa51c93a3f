/** Gradients with respect to the mask of each base, of a network: its backward pass as a graph that ONNX Runtime runs. */
import { buildGradientGraph, maskGradientName } from '../../model/gradient/maskGradient.ts'
import type { Network } from '../../model/network/network.ts'
import { uniformBackground } from '../../sequence/alphabet.ts'
import type { GradientPredictor } from '../gradientPredictor.ts'
import { openCodesGraph, type OnnxGraphOptions } from './onnxCodesGraph.ts'
import { maximumFormOf } from './onnxRunner.ts'

/**
 * Cells are codes: Uint8Array [rows, L]. A row has the same gradient in any batch: batches are proved as those of scores are.
 * @throws BackendError where ONNX Runtime or the device is missing
 */
export async function createOnnxGradientPredictor(
  network: Network,
  options: OnnxGraphOptions = {},
): Promise<GradientPredictor> {
  const { inputLength: length, outputs } = network
  const { background = uniformBackground, device } = options
  const graph = buildGradientGraph(network, { background, form: maximumFormOf(device) })
  const opened = await openCodesGraph(network, graph, { name: maskGradientName, count: length }, options)
  return {
    width: length,
    outputs,
    batchSize: opened.batchSize,
    backend: opened.backend,
    async gradients(cells, rows, output) {
      if (!(output in outputs)) {
        throw new RangeError(`there is no output ${output}; the network has ${outputs.length}`)
      }
      return (await opened.ofOutput(output)).predict(cells, rows)
    },
    close: () => opened.close(),
  }
}
