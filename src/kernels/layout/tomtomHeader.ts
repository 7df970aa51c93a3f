/**
 * Fields of the header of the kernel that compares motifs, int32 each. Places are offsets from the plan. Target columns
 * stand one after another, then those of the reverse complements; equal ones are one distinct column.
 * Read by the planner and compiled into the kernel: src/kernels/layout/README.md.
 */

export const TARGETS = 0
export const COLUMNS = 1 // of all targets on both strands
export const DISTINCT = 2 // distinct columns and complements, filled up to a multiple of 16 with columns of weight 0
export const WEIGHED = 3 // so many of them have a weight to be read, a multiple of 16; the others have weight 1
export const LONGEST = 4 // width of the widest target
export const WIDTHS = 5 // int32 [TARGETS]
export const BY_WIDTH = 6 // int32 [TARGETS] targets, the narrowest first
export const PLACES = 7 // int32 [COLUMNS] distinct column of each, times 16
export const EXACT = 8 // float64 [DISTINCT][4]
export const BASES = 9 // float32 [DISTINCT / 8][4][4] A + T, C + G, A - T, C - G, each / √2, of the first four of eight columns; the other four are their complements
export const WEIGHTS = 10 // int32 [WEIGHED] how many columns it is
export const P_VALUES = 11 // float64 [TARGETS], answers from here on
export const SCORES = 12 // int32 [TARGETS]
export const OFFSETS = 13 // int32 [TARGETS]
export const OVERLAPS = 14 // int32 [TARGETS]
export const STRANDS = 15 // int32 [TARGETS] 1: the reverse complement
export const ORDER = 16 // int32 [TARGETS] targets, the best first
export const SAMPLED = 17 // after the weighed columns, so many are an even sample of all others, one in 16, a multiple of 8
export const WORK = 18 // begins with the query: float64 [width][4], then uint8 [width] 1 for a silent column
