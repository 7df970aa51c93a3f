/**
 * Codes of the operations of the differences kernel.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const PRODUCT = 0 // convolution or dense layer
export const SCALE = 1 // average pooling, or normalisation that could not be folded
export const BEND = 2 // maximum pooling, activation or both
export const SUM = 3
export const REGROUP = 4 // the same numbers in rows of another length
export const READ = 5 // the score before the final activation, a weighted sum
export const SOFTMAX_READ = 6
export const RECTIFIED_READ = 7 // of a product behind a rectifier, by its gradient
