/**
 * Bytes of the records that follow each other in memory; their fields take no more.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const VALUE_BYTES = 64 // differencesValue.ts
export const OPERATION_BYTES = 128 // differencesOperation.ts
export const HEAD_BYTES = 28 // head.ts
export const LAYER_BYTES = 24 // headLayer.ts
