/** Training on TensorFlow.js: its native packages where the user has them, and the kernel that scans codes. */
import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core'
import type { Network } from '../model/network/network.ts'
import { buildTfjsModel } from '../predict/tfjs/tfjsModel.ts'
import type { TensorFlow, TensorFlowRuntime } from '../predict/tfjs/tfjsRuntime.ts'
import type { Batch, Training, TrainingRuntime, TrainingSettings } from './training.ts'

export function tfjsTraining({ tf, backend }: TensorFlowRuntime): TrainingRuntime {
  return { backend, open: (network, settings) => Promise.resolve(openTraining(tf, network, settings)) }
}

function openTraining(
  tf: TensorFlow,
  network: Network,
  { background, weightDecay, dropout }: TrainingSettings,
): Training {
  const model = buildTfjsModel(tf, network)
  const optimiser = tf.train.adam(0)
  return {
    step(batch, learningRate) {
      // TensorFlow.js reads the field at every step and has no setter.
      Object.assign(optimiser, { learningRate })
      const loss = tf.tidy(() => {
        const { value, grads } = tf.variableGrads(
          () => meanLoss(tf, model.forwardCodes(batch.codes, background, { dropout }), batch),
          [...model.trainable],
        )
        if (weightDecay > 0) addWeightDecay(tf, grads, model.kernels, weightDecay)
        optimiser.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })))
        return value.dataSync()[0]!
      })
      return Promise.resolve(loss)
    },
    logits: (codes) =>
      Promise.resolve(tf.tidy(() => model.forwardCodes(codes, background).dataSync<'float32'>())),
    isFinite: () => model.trainable.every((weights) => weights.dataSync().every(Number.isFinite)),
    read: () => model.read(),
    close() {
      model.dispose()
      optimiser.dispose()
      return Promise.resolve()
    },
  }
}

function addWeightDecay(
  tf: TensorFlow,
  gradients: Record<string, Tensor>,
  kernels: readonly Variable[],
  weightDecay: number,
): void {
  for (const kernel of kernels) {
    gradients[kernel.name] = tf.add(gradients[kernel.name]!, tf.mul(kernel, weightDecay))
  }
}

/**
 * Weighted binary cross-entropy from logits z, max(z, 0) - z y + log(1 + exp(-|z|)), over the number of labels. Its
 * gradient, weight × (sigmoid(z) - y), is given because the formula's pieces have none at z = 0.
 * @param logits [n, T]
 */
function meanLoss(tf: TensorFlow, logits: Tensor2D, { labels, weights, labelled }: Batch) {
  const y = tf.tensor2d(labels, logits.shape)
  const w = tf.tensor2d(weights, logits.shape)
  const loss = tf.customGrad((...args) => {
    const z = args[0] as Tensor2D
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void
    save([z, y, w])
    const terms = tf.add(tf.sub(tf.relu(z), tf.mul(z, y)), tf.log1p(tf.exp(tf.neg(tf.abs(z)))))
    return {
      value: tf.div(tf.sum(tf.mul(w, terms)), labelled),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [z, y, w] = saved as [Tensor, Tensor, Tensor]
        return tf.mul(dy, tf.div(tf.mul(w, tf.sub(tf.sigmoid(z), y)), labelled))
      },
    }
  })
  return tf.sum<ReturnType<typeof tf.scalar>>(loss(logits))
}
