/** What the kernel that compares motifs keeps, and where: ./tomtom.ts tells what each is for. */
import {
  BASES, BLOCKS, BY_WIDTH, CENTERS, COLUMNS, DISTINCT, EXACT, LONGEST, PLACES, POINT_PLACES, POINTS, RADII, SIZES, TARGETS, WEIGHED,
  WEIGHTS, WIDTHS, WORK,
} from '../layout/tomtomHeader'

/** Columns, or their complements, of a block; POINTS of the layout. */
export const BLOCK_SIZE: i32 = 8
/** Query columns that are aligned at once, a byte each. */
export const LANES: i32 = 16
/** Scores of a column are -100 to 100; as a place in a table, 128 more. */
export const SCORE_VALUES: i32 = 256
/** Shares of the scores of a column: 101 at most, and zeros, since eight are read at once. */
export const SHARES_BYTES: usize = 1024
/** Room at both ends of the tails of a sum, in bytes: ones for the scores of a column below, and blocks overhang. */
export const MARGIN: usize = 1024

export let targets: i32 = 0
export let columns: i32 = 0
export let distinct: i32 = 0
export let weighed: i32 = 0
export let blocks: i32 = 0
export let longest: i32 = 0
export let widths: usize = 0
export let byWidth: usize = 0
export let places: usize = 0
export let exact: usize = 0
export let bases: usize = 0
export let weights: usize = 0
export let centers: usize = 0
export let radii: usize = 0
export let sizes: usize = 0
export let points: usize = 0
export let pointPlaces: usize = 0

export let width: i32 = 0 // of the query
export let chunks: i32 = 0 // of LANES query columns
export let spans: i32 = 0 // longest overlap with any target

export let query: usize = 0 // float64 [width][4]
export let silent: usize = 0 // uint8 [width]
export let apart: usize = 0 // float32 [2][blocks]: from the middles of blocks, and from their complements
export let list: usize = 0 // int32 [blocks]
export let listed: usize = 0 // [2][blocks][BLOCK_SIZE]: int32 distinct column, float32 distance
export let medians: usize = 0 // float64 [width]
export let bounds: usize = 0 // float32 [width][4]: between which the least distance is, and the largest
export let rows: usize = 0 // int8 [LANES][distinct]
export let doubts: usize = 0 // a bit for each distinct column: 1 where rounding could tell its score
export let counts: usize = 0 // int32 [width][SCORE_VALUES]
export let lanes: usize = 0 // int8 [chunks][distinct][LANES]: scores, the last query column first
export let sums: usize = 0 // int32 [2][all offsets of a target], both strands
export let stride: usize = 0 // bytes from the one to the other
export let keys: usize = 0 // int32 [longest + 1][…]: what an offset adds to the key of its sum, by the target's width
export let keyBytes: usize = 0 // of each width
export let shares: usize = 0 // float64 [width][…]: how often each score of a column occurs, zeros after it
export let ranges: usize = 0 // int32 [width][2]: the least and largest score
export let limits: usize = 0 // int32 [spans + 1]: the least sum of so many columns that is of use
export let windowFloors: usize = 0 // int32 [spans + 1]: the least score asked for of windows of so many columns
export let endFloors: usize = 0 // int32 [spans + 1]: the same of prefixes and suffixes
export let sumsBefore: usize = 0 // float64, tails of sums with margins
export let sumsAfter: usize = 0 // likewise
export let tail: usize = 0 // float64 [scores asked for]
export let ends: usize = 0 // float64 [spans + 1][scores asked for]
export let windows: usize = 0 // likewise
export let asked: usize = 0 // uint8 [scores asked for]: 1 where one of the targets of a width has it
export let askedScores: usize = 0 // int32 [targets]: those of each width, each once
export let askedEnds: usize = 0 // int32 [spans + 1][2]: where in memory those of a width begin and end
export let pieces: usize = 0 // float64 [spans][…]: tails of so many columns from the middle on, from the largest sum down
export let pieceBytes: usize = 0 // of each
export let pieceRanges: usize = 0 // int32 [spans][2]: the least and largest sum of each
export let order: usize = 0 // int32 [targets], half sorted

@inline export function field(plan: usize, index: i32): i32 {
  return load<i32>(plan + (<usize>index << 2))
}

@inline export function place(plan: usize, index: i32): usize {
  return plan + <usize>field(plan, index)
}

let next: usize = 0
function reserve(bytes: usize): usize {
  const at = next
  next += (bytes + 63) & ~63
  return at
}

/** @returns bytes of work space that a query of this width needs */
export function lay(plan: usize, queryWidth: i32): usize {
  targets = field(plan, TARGETS)
  columns = field(plan, COLUMNS)
  distinct = field(plan, DISTINCT)
  weighed = field(plan, WEIGHED)
  blocks = field(plan, BLOCKS)
  longest = field(plan, LONGEST)
  widths = place(plan, WIDTHS)
  byWidth = place(plan, BY_WIDTH)
  places = place(plan, PLACES)
  exact = place(plan, EXACT)
  bases = place(plan, BASES)
  weights = place(plan, WEIGHTS)
  centers = place(plan, CENTERS)
  radii = place(plan, RADII)
  sizes = place(plan, SIZES)
  points = place(plan, POINTS)
  pointPlaces = place(plan, POINT_PLACES)
  width = queryWidth
  chunks = (width + LANES - 1) / LANES
  spans = min(width, longest)
  const W = <usize>width
  const S = <usize>spans
  const D = <usize>distinct
  const B = <usize>blocks
  const scores = S * 200 + 1
  next = place(plan, WORK)
  query = next
  silent = query + W * 32
  next = (silent + W + 63) & ~63
  apart = reserve(B * 8)
  list = reserve(B * 4)
  listed = reserve(2 * B * BLOCK_SIZE * 8)
  medians = reserve(W * 8)
  bounds = reserve(W * 16)
  rows = reserve(LANES * D)
  doubts = reserve(D / 8 + 8)
  counts = reserve(W * SCORE_VALUES * 4)
  lanes = reserve(<usize>chunks * D * LANES)
  sums = reserve(<usize>(chunks * LANES + longest + LANES) * 4)
  stride = next - sums
  next += stride
  keyBytes = <usize>(longest + 2 * LANES) * 4
  keys = reserve(chunks == 1 ? <usize>(longest + 1) * keyBytes : 0)
  shares = reserve(W * SHARES_BYTES)
  ranges = reserve(W * 8)
  limits = reserve((S + 1) * 4)
  windowFloors = reserve((S + 1) * 4)
  endFloors = reserve((S + 1) * 4)
  sumsBefore = reserve(scores * 8 + 3 * MARGIN)
  sumsAfter = reserve(scores * 8 + 3 * MARGIN)
  tail = reserve(scores * 8 + 64)
  ends = reserve((S + 1) * (scores * 8 + 64))
  windows = reserve((S + 1) * (scores * 8 + 64))
  asked = reserve(scores + 64)
  askedScores = reserve(<usize>targets * 4)
  askedEnds = reserve((S + 1) * 8)
  pieceBytes = scores * 8 + 128
  pieces = reserve(S * pieceBytes)
  pieceRanges = reserve(S * 8)
  order = reserve(<usize>targets * 4)
  return next - place(plan, WORK)
}
