/**
 * Fields of a layer of the head, int32 each. Places are offsets from the plan.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const LAYER_INPUTS = 0
export const LAYER_UNITS = 1
export const LAYER_PADDED_UNITS = 2 // units of a row of weights
export const LAYER_ACTIVATION = 3
export const LAYER_WEIGHTS = 4
export const LAYER_BIAS = 5
