/**
 * Codes of the ways to join the scores of both strands.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const MAXIMUM = 0
export const MEAN = 1 // of scores
export const MEAN_OF_LOGITS = 2
