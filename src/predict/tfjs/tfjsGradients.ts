/** Gradients with respect to the mask of each base, of a network run by TensorFlow.js. */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import { scoreRuleOf } from '../../model/gradient/scoreRule.ts'
import type { Network } from '../../model/network/network.ts'
import { baseCount, uniformBackground } from '../../sequence/alphabet.ts'
import { oneHot } from '../../sequence/encoding.ts'
import type { GradientPredictor } from '../gradientPredictor.ts'
import { buildTfjsModel, type TfjsModel } from './tfjsModel.ts'
import type { TensorFlow, TensorFlowRuntime } from './tfjsRuntime.ts'

export interface TfjsGradientOptions {
  readonly batchSize?: number | undefined
  /** What a masked base becomes. */
  readonly background?: readonly number[] | undefined // [4]
}

/**
 * Bases of a batch. Nothing else is done while one is computed, so it must be short. Measured on two busy cores at L = 1,000:
 * six rows of the paper's CNN take 15 ms, 2.4 ms a row as with 64; four of ten dilated layers of 64 filters take 0.27 s.
 */
const basesInBatch = 6400

/** Cells are codes: Uint8Array [rows, L]. */
export function createTfjsGradientPredictor(
  runtime: TensorFlowRuntime,
  network: Network,
  options: TfjsGradientOptions = {},
): GradientPredictor {
  const { tf, backend } = runtime
  const { inputLength: length, outputs } = network
  const { background = uniformBackground, batchSize = Math.max(1, Math.floor(basesInBatch / length)) } =
    options
  const unflattened = beforeFlattening(tf, network)
  const model = buildTfjsModel(tf, unflattened.network, { inputGradient: true })

  /** @param inputs Float32Array [rows, L, 4] */
  function ofBatch(inputs: Float32Array, rows: number, output: number): Tensor2D {
    const x = tf.tensor3d(inputs, [rows, length, baseCount])
    const ofInputs = tf.grad((x: Tensor) => tf.sum(unflattened.scores(model, x as Tensor3D, output)))(x)
    // A masked base is its background: the difference is 0, and so is the product.
    return tf.sum(tf.mul(ofInputs, tf.sub(x, tf.tensor1d([...background]))), 2)
  }

  return {
    width: length,
    outputs,
    batchSize,
    backend,
    async gradients(cells, rows, output) {
      if (!(cells instanceof Uint8Array)) {
        throw new TypeError('a network of sequences reads codes (Uint8Array)')
      }
      if (cells.length < rows * length) {
        throw new RangeError(`${rows} rows of ${length} codes need ${rows * length}, got ${cells.length}`)
      }
      if (!(output in outputs)) {
        throw new RangeError(`there is no output ${output}; the network has ${outputs.length}`)
      }
      const gradients = new Float32Array(rows * length)
      for (let from = 0; from < rows; from += batchSize) {
        const to = Math.min(from + batchSize, rows)
        const inputs = oneHot(cells.subarray(from * length, to * length), length, 'NWC', background)
        runtime.use()
        const batch = tf.tidy(() => ofBatch(inputs, to - from, output))
        gradients.set(await batch.data<'float32'>(), from * length)
        batch.dispose()
      }
      return gradients
    },
    close: () => {
      model.dispose()
      return Promise.resolve()
    },
  }
}

interface Unflattened {
  readonly network: Network
  /** @returns [n]: rises and falls with the score of the output */
  scores(model: TfjsModel, x: Tensor3D, output: number): Tensor1D
}

/** As `scoreRuleOf` has it. */
function beforeFlattening(tf: TensorFlow, network: Network): Unflattened {
  const { layers, number, join, after } = scoreRuleOf(network)
  const ofOutput: Unflattened['scores'] = (model, x, output) => column(tf, model.forward(x), output)
  if (after !== 'linear') return { network, scores: ofOutput }
  if (number === 'output') {
    return { network: { ...network, layers, ...(join && { strandJoin: join }) }, scores: ofOutput }
  }
  return {
    network: { ...network, layers, strands: 'forward' },
    scores(model, x, output) {
      const odds = logOdds(tf, model.forward(x), output)
      if (join === undefined) return odds
      const other = tf.reverse<Tensor3D>(x, [1, 2])
      if (join === 'mean') {
        return logOdds(tf, tf.mul(tf.add(model.forward(x), model.forward(other)), 0.5), output)
      }
      // The softmax of each strand comes before the maximum over both.
      return tf.maximum(odds, logOdds(tf, model.forward(other), output))
    },
  }
}

/** log(p / (1 − p)) of a softmax's p: the unit's number less the log-sum-exp of the others'. */
function logOdds(tf: TensorFlow, units: Tensor2D, output: number): Tensor1D {
  const others = tf.concat(
    [
      tf.slice(units, [0, 0], [-1, output]),
      tf.slice(units, [0, output + 1], [-1, units.shape[1] - output - 1]),
    ],
    1,
  )
  return tf.sub(column(tf, units, output), tf.logSumExp(others, 1))
}

function column(tf: TensorFlow, values: Tensor2D, output: number): Tensor1D {
  return tf.squeeze<Tensor1D>(tf.slice(values, [0, output], [-1, 1]), [1])
}
