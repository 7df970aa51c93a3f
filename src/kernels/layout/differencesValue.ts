/**
 * Fields of a value of the differences kernel, int32 each. Places are offsets from the plan unless they lie in the state.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const POSITION_COUNT = 0
export const WIDTH = 1 // channels, rounded up to a multiple of 4
export const LOW = 2 // int32 [L] first position of a candidate's window
export const HIGH = 3 // int32 [L] last
export const KIND = 4
export const BLOCK = 5 // CONSTANT: [BANKS][6] tables; KEPT: in the state, [L]
export const BLOCK_BYTES = 6 // of one of them
export const SHIFT = 7 // CONSTANT: the table's first row is position candidate + SHIFT
export const CHANGES = 8 // [SLOTS]
export const CHANGE_BYTES = 9 // of a slot
export const HULL = 10 // int32 [SLOTS][2] first and last position that changed
export const REFERENCE = 11 // in the state; -1: not needed
export const FORWARD = 12 // work: all numbers, computed afresh
export const DIRECT = 13 // 1: changes are added to the block at once, nobody else reads them
export const LAST_READER = 14 // index of the operation
