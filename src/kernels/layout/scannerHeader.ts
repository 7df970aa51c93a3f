/**
 * Fields of the header of the scanner's kernel, int32 each. Places are offsets from the plan.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const LENGTH = 0
export const BANKS = 1
export const FILTERS = 2 // of a bank, rounded up to a multiple of 16
export const TAPS = 3 // kernel size, rounded up to a multiple of 8
export const KERNEL = 4
export const POSITIONS = 5
export const FLOOR = 6 // 1: the convolution is rectified
export const BEFORE = 7 // positions of padding before the sequence
export const BEFORE_OTHER_STRAND = 8 // the same of the other strand: BEFORE + bank is read
export const CODES = 9
export const PRESENT = 10
export const FEATURES = 11
export const SCORES = 12
export const TABLE = 13 // [banks][blocks][KERNEL][6][16] weights of each code
export const DELTAS = 14 // [banks][blocks][6][TAPS][16] background - base, the last tap first; 0 before the kernel's last tap
export const BIAS = 15 // [FILTERS]
export const DENSE = 16 // [FILTERS][units] first dense layer, over the filters' scales
export const DENSE_BIAS = 17 // [units]
export const HEAD = 18
export const WORK = 19
export const FAR = 20 // 1: candidates far from the masked base are followed filter by filter
