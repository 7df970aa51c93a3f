/**
 * Fields of the header of the dense kernel, int32 each. Places are offsets from the plan.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const LENGTH = 0
export const BANKS = 1 // strands read
export const CODES = 2
export const PRESENT = 3
export const FEATURES = 4
export const SCORES = 5
export const TABLE = 6 // [BANKS][L][6][units] weights of each code
export const BIAS = 7 // [units]
export const HEAD = 8
export const WORK = 9
