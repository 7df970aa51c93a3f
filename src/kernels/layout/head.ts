/**
 * Fields of the head, the dense layers that end a shallow network, int32 each. LAYERS records of layers follow it.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const UNITS = 0 // inputs of the head, rounded up to a multiple of 4
export const FIRST_ACTIVATION = 1
export const LAYERS = 2
export const FINAL_ACTIVATION = 3
export const OUTPUT = 4 // index into the last layer's units; 0 unless it is a softmax
export const WIDTH = 5 // floats of the longest layer
export const SIGN = 6 // 1 or -1
