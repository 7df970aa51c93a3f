/**
 * Fields of the header of the differences kernel, int32 each unless said otherwise. Places are offsets from the plan; those of
 * BANK_CODES to REFERENCE_LOGIT, and RANKS, are offsets within the state of a strand.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const LENGTH = 0
export const SIGN = 1 // 1 or -1
export const BANKS = 2 // strands read
export const OPERATIONS = 3
export const VALUES = 4
export const OPERATION_COUNT = 5
export const VALUE_COUNT = 6
export const CODES = 7
export const PRESENT = 8
export const FEATURES = 9
export const SCORES = 10
export const SLOTS = 11 // candidates that are followed together
export const STATE = 12
export const STATE_BYTES = 13
export const BASES = 14 // [BANKS][6][4] what each code is
export const CANDIDATES = 15 // int32 [L] work
export const POSITIONS = 16 // int32 [SLOTS] work
export const ENTRIES = 17 // work
export const LISTS = 18 // work
export const ROW = 19 // work: the longest row
export const FINAL = 20 // activation
export const FINAL_BIAS = 21 // float32
export const REFERENCE_STEPS = 22 // between two computations of the reference afresh
export const BLOCK_STEPS = 23 // the same of all blocks; 0: never
export const TRANSIENT_FROM = 24 // first operation whose blocks are not kept
export const MEETS_LOW = 25 // int32 [L] the bases whose masking can change a candidate's blocks: first
export const MEETS_HIGH = 26 // int32 [L] last
export const NOTHING = 27 // the longest row, of zeros
export const BANK_CODES = 28 // [L]
export const LOGITS = 29 // float64 [L] differences of the score before the final activation
export const REFERENCE_LOGIT = 30 // float64
export const JOIN = 31 // of both strands
export const RANKS = 32 // int32 [L] which candidate each base is: where its blocks lie
