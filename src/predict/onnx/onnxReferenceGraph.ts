/** A graph about a network that ONNX Runtime runs over one sequence and references of it. */
import type { OnnxGraph } from '../../model/formats/onnx/onnxEncode.ts'
import { inputName } from '../../model/formats/ownOnnx/ownOnnxGraph.ts'
import { writeGraphOnnx } from '../../model/formats/ownOnnx/ownOnnxWriter.ts'
import { referencesName } from '../../model/gradient/contributions.ts'
import { chosenName } from '../../model/gradient/maskGradient.ts'
import type { Network } from '../../model/network/network.ts'
import { baseCount, uniformBackground } from '../../sequence/alphabet.ts'
import { oneHot } from '../../sequence/encoding.ts'
import { oneAt, type OnnxGraphOptions } from './onnxCodesGraph.ts'
import { openOnnxRunner } from './onnxRunner.ts'

export interface ReferenceGraph {
  readonly backend: string
  /**
   * @param codes Uint8Array [L]
   * @param references Uint8Array [r, L]
   * @param vectors what else the graph reads, each [k]
   * @returns its output [1, count], flat
   */
  run(
    codes: Uint8Array,
    references: Uint8Array,
    vectors?: Readonly<Record<string, Float32Array>>,
  ): Promise<Float32Array>
  close(): Promise<void>
}

/**
 * @param graph reads `sequence` [1, 4, L], `references` [r, 4, L], `chosen` [1, outputs]
 * @param name of its output
 * @throws BackendError where ONNX Runtime or the device is missing
 */
export async function openReferenceGraph(
  network: Network,
  graph: OnnxGraph,
  { name, output }: { readonly name: string; readonly output: number },
  { background = uniformBackground, threads, device }: Omit<OnnxGraphOptions, 'batchSize'> = {},
): Promise<ReferenceGraph> {
  const { inputLength: length, outputs } = network
  const runner = await openOnnxRunner(writeGraphOnnx(network, graph), { threads, device })
  const chosen = runner.tensor(oneAt(output, outputs.length), [1, outputs.length])
  const basesOf = (codes: Uint8Array) =>
    runner.tensor(oneHot(codes, length, 'NCW', background), [codes.length / length, baseCount, length])
  return {
    backend: runner.backend,
    async run(codes, references, vectors = {}) {
      const given = Object.entries(vectors).map(
        ([vector, values]) => [vector, runner.tensor(values, [values.length])] as const,
      )
      const feeds = {
        [inputName]: basesOf(codes),
        [referencesName]: basesOf(references),
        [chosenName]: chosen,
        ...Object.fromEntries(given),
      }
      const { [name]: found } = await runner.runAll(feeds, [name])
      return found!.data as Float32Array
    },
    close: () => runner.close(),
  }
}
