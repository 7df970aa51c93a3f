/** Gradients with respect to the mask of each base, of a network: its backward pass as a graph that ONNX Runtime runs. */
import type { Network } from '../../model/network/network.ts'
import { sizeOf, shapesAfter } from '../../model/network/shapes.ts'
import { buildGradientGraph, chosenName, maskGradientName } from '../../model/gradient/maskGradient.ts'
import { inputName } from '../../model/formats/ownOnnx/ownOnnxGraph.ts'
import { writeGraphOnnx } from '../../model/formats/ownOnnx/ownOnnxWriter.ts'
import { defaultOutputNames } from '../../model/foreign/outputNames.ts'
import { baseCount, baseLetters, uniformBackground } from '../../sequence/alphabet.ts'
import type { GradientPredictor } from '../gradientPredictor.ts'
import type { Predictor } from '../predictor.ts'
import { createSequencePredictor } from '../sequencePredictor.ts'
import { maximumFormOf, openOnnxRunner, type OnnxDevice } from './onnxRunner.ts'

export interface OnnxGradientOptions {
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

/**
 * Cells are codes: Uint8Array [rows, L]. A row has the same gradient in any batch: batches are proved as those of scores are.
 * @throws BackendError where ONNX Runtime or the device is missing
 */
export async function createOnnxGradientPredictor(
  network: Network,
  options: OnnxGradientOptions = {},
): Promise<GradientPredictor> {
  const { inputLength: length, outputs } = network
  const { background = uniformBackground, batchSize = defaultBatchSize(network), threads, device } = options
  const graph = buildGradientGraph(network, { background, form: maximumFormOf(device) })
  const runner = await openOnnxRunner(writeGraphOnnx(network, graph), { threads, device })
  const ofOutputs = new Map<number, Promise<Predictor>>()
  const gradientsOf = (output: number): Promise<Predictor> => {
    const known = ofOutputs.get(output)
    if (known !== undefined) return known
    const chosen = runner.tensor(oneAt(output, outputs.length), [1, outputs.length])
    const ofOutput = createSequencePredictor(
      {
        backend: runner.backend,
        async run(values, dims) {
          const feeds = { [inputName]: runner.tensor(values, dims), [chosenName]: chosen }
          const { [maskGradientName]: found } = await runner.runAll(feeds, [maskGradientName])
          return found.data as Float32Array
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
        output: { name: maskGradientName, outputs: defaultOutputNames(length), transform: 'none' },
      },
      { background, batchSize, smallBatchSize },
    )
    ofOutputs.set(output, ofOutput)
    return ofOutput
  }

  return {
    width: length,
    outputs,
    batchSize,
    backend: runner.backend,
    async gradients(cells, rows, output) {
      if (!(output in outputs)) {
        throw new RangeError(`there is no output ${output}; the network has ${outputs.length}`)
      }
      return (await gradientsOf(output)).predict(cells, rows)
    },
    close: () => runner.close(),
  }
}

function oneAt(place: number, count: number): Float32Array {
  return new Float32Array(count).fill(1, place, place + 1)
}

function defaultBatchSize({ layers, inputLength, strands }: Network): number {
  const numbers = shapesAfter(layers, [inputLength, baseCount]).reduce((sum, shape) => sum + sizeOf(shape), 0)
  const rows = Math.floor(numbersInBatch / (strands === 'both' ? 2 * numbers : numbers))
  return Math.max(1, Math.min(largestBatch, rows))
}
