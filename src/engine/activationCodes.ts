/** The activation functions by the codes that kernels know them by. */
import * as codes from '../kernels/layout/activationCodes.ts'
import type { ActivationFunction } from '../model/network/network.ts'

export const activationCodes: Readonly<Record<ActivationFunction, number>> = {
  linear: codes.LINEAR,
  relu: codes.RELU,
  elu: codes.ELU,
  gelu: codes.GELU,
  sigmoid: codes.SIGMOID,
  tanh: codes.TANH,
  exp: codes.EXP,
  softmax: codes.SOFTMAX,
  silu: codes.SILU,
  softplus: codes.SOFTPLUS,
  'gelu-tanh': codes.GELU_TANH,
}
