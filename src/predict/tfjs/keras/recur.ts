/** LSTM, GRU and simple recurrent layers, in one direction or both, with or without a mask. */
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import type { Recurrence } from '../../../model/foreign/keras/kerasOperation.ts'
import type { TensorFlow } from '../tfjsRuntime.ts'
import { activate } from './activate.ts'
import type { Weights } from './weights.ts'

/**
 * @param mask [n, positions]: where it is 0, a position changes no state
 * @returns [n, positions, units] or, of the last position only, [n, units]
 */
export function recur(
  tf: TensorFlow,
  operation: Recurrence,
  x: Tensor3D,
  mask: Tensor | undefined,
  weights: Weights,
): Tensor {
  const { merge, backwards, sequences } = operation
  if (merge === null) return direction(tf, operation, x, mask, weights, '', backwards)
  const forward = direction(tf, operation, x, mask, weights, 'forward/', backwards)
  const own = direction(tf, operation, x, mask, weights, 'backward/', !backwards)
  const backward = sequences ? tf.reverse(own, 1) : own
  switch (merge) {
    case 'concat':
      return tf.concat([forward, backward], -1)
    case 'sum':
      return tf.add(forward, backward)
    case 'mul':
      return tf.mul(forward, backward)
    case 'ave':
      return tf.mul(tf.add(forward, backward), 0.5)
  }
}

/** In the order in which the positions are read. */
function direction(
  tf: TensorFlow,
  operation: Recurrence,
  x: Tensor3D,
  mask: Tensor | undefined,
  weights: Weights,
  prefix: string,
  backwards: boolean,
): Tensor {
  const [rows, length, channels] = x.shape
  const kernel = weights.get(`${prefix}kernel`) as Tensor2D
  const recurrentKernel = weights.get(`${prefix}recurrent_kernel`) as Tensor2D
  const units = recurrentKernel.shape[0]
  const bias = weights.get(`${prefix}bias`)
  // A GRU that resets afterwards has two: of the inputs and of the state.
  const [inputBias, stateBias] = bias?.rank === 2 ? (tf.unstack(bias) as [Tensor, Tensor]) : [bias, undefined]
  const product = tf.matMul(tf.reshape<Tensor2D['rankType']>(x, [rows * length, channels]), kernel)
  const projected = tf.reshape(inputBias === undefined ? product : tf.add(product, inputBias), [
    rows,
    length,
    kernel.shape[1],
  ])
  const steps = tf.unstack(projected, 1) as Tensor2D[]
  const masks = mask === undefined ? undefined : tf.split(mask, length, 1)
  if (backwards) {
    steps.reverse()
    masks?.reverse()
  }
  const step = steppers[operation.cell](tf, operation, recurrentKernel, stateBias)
  let state: State = { output: tf.zeros([rows, units]), carry: tf.zeros([rows, units]) }
  const outputs: Tensor2D[] = []
  for (const [i, inputs] of steps.entries()) {
    const next = step(inputs, state)
    const present = masks?.[i]
    if (present === undefined) {
      state = next
      if (operation.sequences) outputs.push(next.output)
    } else {
      const isPresent = tf.tile(tf.cast(present, 'bool'), [1, units])
      const kept = {
        output: tf.where<Tensor2D>(isPresent, next.output, state.output),
        carry: tf.where<Tensor2D>(isPresent, next.carry, state.carry),
      }
      state = kept
      outputs.push(operation.zerosForMask ? tf.mul(next.output, present) : kept.output)
    }
  }
  return operation.sequences ? tf.stack(outputs, 1) : (outputs.at(-1) ?? state.output)
}

interface State {
  readonly output: Tensor2D
  /** Of an LSTM. */
  readonly carry: Tensor2D
}

type Step = (inputs: Tensor2D, state: State) => State
type Stepper = (
  tf: TensorFlow,
  operation: Recurrence,
  recurrentKernel: Tensor2D,
  stateBias: Tensor | undefined,
) => Step

const steppers: Readonly<Record<Recurrence['cell'], Stepper>> = {
  simple:
    (tf, { activation }, recurrentKernel) =>
    (inputs, { output, carry }) => ({
      output: activate(
        tf,
        activation,
        tf.add(inputs, tf.matMul<Tensor2D>(output, recurrentKernel)),
      ) as Tensor2D,
      carry,
    }),
  lstm:
    (tf, { activation, recurrentActivation }, recurrentKernel) =>
    (inputs, state) => {
      const gates = tf.add<Tensor2D>(inputs, tf.matMul<Tensor2D>(state.output, recurrentKernel))
      const [i, f, c, o] = tf.split(gates, 4, 1) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D]
      const gate = (x: Tensor2D) => activate(tf, recurrentActivation, x)
      const carry = tf.add<Tensor2D>(
        tf.mul(gate(f), state.carry),
        tf.mul(gate(i), activate(tf, activation, c)),
      )
      return { output: tf.mul<Tensor2D>(gate(o), activate(tf, activation, carry)), carry }
    },
  gru: (tf, { activation, recurrentActivation, resetAfter }, recurrentKernel, stateBias) => {
    const units = recurrentKernel.shape[0]
    const gatesKernel = tf.slice(recurrentKernel, [0, 0], [units, 2 * units])
    const candidateKernel = tf.slice(recurrentKernel, [0, 2 * units], [units, units])
    const gate = (x: Tensor) => activate(tf, recurrentActivation, x)
    return (inputs, { output, carry }) => {
      const [xz, xr, xh] = tf.split(inputs, 3, 1) as [Tensor2D, Tensor2D, Tensor2D]
      let z: Tensor
      let candidate: Tensor
      if (resetAfter) {
        const product = tf.matMul<Tensor2D>(output, recurrentKernel)
        const inner = stateBias === undefined ? product : tf.add<Tensor2D>(product, stateBias)
        const [hz, hr, hh] = tf.split(inner, 3, 1) as [Tensor2D, Tensor2D, Tensor2D]
        z = gate(tf.add(xz, hz))
        candidate = tf.mul(gate(tf.add(xr, hr)), hh)
      } else {
        const [hz, hr] = tf.split(tf.matMul<Tensor2D>(output, gatesKernel), 2, 1) as [Tensor2D, Tensor2D]
        z = gate(tf.add(xz, hz))
        candidate = tf.matMul(tf.mul<Tensor2D>(gate(tf.add(xr, hr)), output), candidateKernel)
      }
      const proposed = activate(tf, activation, tf.add(xh, candidate))
      return {
        output: tf.add<Tensor2D>(tf.mul(z, output), tf.mul(tf.sub(1, z), proposed)),
        carry,
      }
    }
  },
}
