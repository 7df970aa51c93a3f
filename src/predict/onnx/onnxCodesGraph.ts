/** A graph about a network that ONNX Runtime runs over codes: what it says of one output, a fixed count of numbers a row. */
import type { OnnxGraph } from '../../model/formats/onnx/onnxEncode.ts'
import { inputName } from '../../model/formats/ownOnnx/ownOnnxGraph.ts'
import { writeGraphOnnx } from '../../model/formats/ownOnnx/ownOnnxWriter.ts'
import { defaultOutputNames } from '../../model/foreign/outputNames.ts'
import { chosenName } from '../../model/gradient/maskGradient.ts'
import type { Network } from '../../model/network/network.ts'
import { shapesAfter, sizeOf } from '../../model/network/shapes.ts'
import { baseCount, baseLetters, uniformBackground } from '../../sequence/alphabet.ts'
import type { Predictor } from '../predictor.ts'
import { createSequencePredictor } from '../sequencePredictor.ts'
import { openOnnxRunner, type OnnxDevice } from './onnxRunner.ts'

export interface OnnxGraphOptions {
  /** What a masked base becomes; uniform unless given. */
  readonly background?: readonly number[] | undefined // [4]
  readonly batchSize?: number | undefined
  /** Threads of ONNX Runtime; all cores unless given. */
  readonly threads?: number | undefined
  readonly device?: OnnxDevice | undefined
}

/** Numbers that the layers of a batch give (64 MiB): what they are owed is as much again. */
const numbersInBatch = 2 ** 24

/** Measured: no faster a row from here on. */
const largestBatch = 32

/** So that few rows, as where one sequence is explained after another, are not filled up. */
const smallBatchSize = 1

export interface CodesGraph {
  readonly batchSize: number
  readonly backend: string
  /** @returns what the graph says of an output of the network; batches are proved as those of scores are */
  ofOutput(output: number): Promise<Predictor>
  close(): Promise<void>
}

/**
 * @param graph reads `sequence` [n, 4, L] and `chosen` [1, outputs]
 * @param name of its output [n, count]
 * @throws BackendError where ONNX Runtime or the device is missing
 */
export async function openCodesGraph(
  network: Network,
  graph: OnnxGraph,
  { name, count }: { readonly name: string; readonly count: number },
  options: OnnxGraphOptions = {},
): Promise<CodesGraph> {
  const { inputLength: length, outputs } = network
  const { background = uniformBackground, batchSize = rowsInBatch(network), threads, device } = options
  const runner = await openOnnxRunner(writeGraphOnnx(network, graph), { threads, device })
  const ofOutputs = new Map<number, Promise<Predictor>>()
  return {
    batchSize,
    backend: runner.backend,
    ofOutput(output) {
      const known = ofOutputs.get(output)
      if (known !== undefined) return known
      const chosen = runner.tensor(oneAt(output, outputs.length), [1, outputs.length])
      const ofOutput = createSequencePredictor(
        {
          backend: runner.backend,
          async run(values, dims) {
            const feeds = { [inputName]: runner.tensor(values, dims), [chosenName]: chosen }
            const { [name]: found } = await runner.runAll(feeds, [name])
            return found!.data as Float32Array
          },
          close: () => Promise.resolve(),
        },
        {
          input: {
            name: inputName,
            dims: [baseCount, length],
            order: 'NCW',
            alphabet: baseLetters,
            length,
            batch: undefined,
          },
          output: { name, outputs: defaultOutputNames(count), transform: 'none' },
        },
        { background, batchSize, smallBatchSize },
      )
      ofOutputs.set(output, ofOutput)
      return ofOutput
    },
    close: () => runner.close(),
  }
}

export function oneAt(place: number, count: number): Float32Array {
  return new Float32Array(count).fill(1, place, place + 1)
}

/** Rows at once, so that what the layers give is not more than memory is good for. */
export function rowsInBatch({ layers, inputLength, strands }: Network, largest = largestBatch): number {
  const numbers = shapesAfter(layers, [inputLength, baseCount]).reduce((sum, shape) => sum + sizeOf(shape), 0)
  const rows = Math.floor(numbersInBatch / (strands === 'both' ? 2 * numbers : numbers))
  return Math.max(1, Math.min(largest, rows))
}
