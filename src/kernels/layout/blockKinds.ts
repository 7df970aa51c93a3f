/**
 * Kinds of blocks of the differences kernel: how what a candidate changes of a value is had.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const NONE = 0
export const CONSTANT = 1
export const KEPT = 2
export const TRANSIENT = 3 // computed afresh in the slot
