/**
 * Fields of an operation of the differences kernel, int32 each. Places are offsets from the plan unless they lie in the state.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const CODE = 0
export const INPUT = 1
export const OTHER = 2
export const OUTPUT = 3
export const WEIGHTS = 4
export const BIAS = 5
export const TAPS = 6
export const DILATION = 7
export const PADDING = 8
export const SIZE = 9
export const STRIDE = 10
export const ACTIVATION = 11
export const BEFORE = 12 // in the state
export const AFTER = 13 // in the state
export const ACTIVATED = 14 // in the state
export const READOUT = 15 // weights [positions][width]; 0: the output is a value
export const PER_POSITION = 16
export const CHANNELS = 17
export const INDEX = 18
export const TRANSPOSED = 19 // weights [output channels][taps][input width]
export const NORMS = 20 // float32 [taps][output width], of the weights of each output channel
export const GRADIENT = 21 // in the state: [input positions][input width]
export const PASSED = 22 // 1: the input itself is read too (a residual layer)
export const DIFFERENCES = 23 // work: [output positions][output width]
export const LENGTHS = 24 // work: float32 [input positions]
export const MET = 25 // work: [taps] of 16 bytes: length, norms, row
