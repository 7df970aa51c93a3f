/**
 * Codes of activation functions in kernels.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const LINEAR = 0
export const RELU = 1
export const ELU = 2
export const GELU = 3
export const SIGMOID = 4
export const TANH = 5
export const EXP = 6
export const SOFTMAX = 7
export const SILU = 8
export const SOFTPLUS = 9
export const GELU_TANH = 10
