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
export const EXACT = 8 // float64 [DISTINCT / 2][4] the first four of eight columns; the other four are their complements
export const BASES = 9 // float32 [DISTINCT / 8][4][4] A + T, C + G, A - T, C - G, each / √2, of the first four of eight columns; the other four are their complements
export const WEIGHTS = 10 // int32 [WEIGHED] how many columns it is
export const P_VALUES = 11 // float64 [TARGETS], answers from here on
export const SCORES = 12 // int32 [TARGETS]
export const OFFSETS = 13 // int32 [TARGETS]
export const OVERLAPS = 14 // int32 [TARGETS]
export const STRANDS = 15 // int32 [TARGETS] 1: the reverse complement
export const ORDER = 16 // int32 [TARGETS] targets, the best first
export const BLOCKS = 17 // of near columns of the targets, every one as often as it occurs, or of its complement: a multiple of 4
export const CENTERS = 18 // float32 [BLOCKS / 4][4][4] the middles of four blocks, as BASES
export const RADII = 19 // float32 [BLOCKS] within which of its middle the columns of a block are
export const SIZES = 20 // int32 [BLOCKS] columns: 8, and fewer in the last ones
export const POINTS = 21 // float32 [BLOCKS][2][4][4] the columns of a block, as BASES; those that fill up are far beyond all others
export const POINT_PLACES = 22 // int32 [BLOCKS][2][8] their distinct columns, and those of their complements
export const WORK = 23 // begins with the query: float64 [width][4], then uint8 [width] 1 for a silent column
