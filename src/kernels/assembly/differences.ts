/**
 * Backward selection by propagating differences: for each base that could be masked next, what masking it would change at
 * each place of the network, kept from step to step. See ../../engine/README.md; planDifferences.ts lays out the memory.
 *
 * Of a value (what lies between two operations) the *reference* is its numbers with what has been masked so far; the
 * *block* of a candidate is its difference from the reference if the candidate were masked too, on the positions where it
 * can differ (the window). A step changes blocks; *changes* of blocks are what runs from operation to operation.
 */
import { activate, isRising, LINEAR, RELU } from './activations'
import { addList, addProducts, beginLists } from './sparseProducts'
import { activateVector } from './vectorActivations'

// Fields of the header, int32 each; places are offsets from the plan, those of state offsets within a strand's state.
const LENGTH = 0
const SIGN = 1 // 1 or -1
const BANKS = 2 // strands read
const OPERATIONS = 3
const VALUES = 4
const OPERATION_COUNT = 5
const VALUE_COUNT = 6
const CODES = 7
const PRESENT = 8
const FEATURES = 9
const SCORES = 10
const SLOTS = 11 // candidates that are followed together
const STATE = 12
const STATE_BYTES = 13
const BASES = 14 // [BANKS][6][4] what each code is
const CANDIDATES = 15 // int32 [L] work
const POSITIONS = 16 // int32 [SLOTS] work
const ENTRIES = 17 // work
const LISTS = 18 // work
const ROW = 19 // work: the longest row
const FINAL = 20 // activation
const FINAL_BIAS = 21 // float32
const REFERENCE_STEPS = 22 // between two computations of the reference afresh
const BLOCK_STEPS = 23 // the same of all blocks; 0: never
const TRANSIENT_FROM = 24 // first operation whose blocks are not kept
const MEETS_LOW = 25 // int32 [L] the bases whose masking can change a candidate's blocks: first
const MEETS_HIGH = 26 // int32 [L] last
const NOTHING = 27 // the longest row, of zeros

const JOIN = 31 // of both strands

// Ways to join strands.
const MAXIMUM = 0
const MEAN = 1 // of scores
const MEAN_OF_LOGITS = 2

// State of a strand.
const BANK_CODES = 28 // [L]
const LOGITS = 29 // float64 [L] differences of the score before the final activation
const REFERENCE_LOGIT = 30 // float64

// Fields of a value.
const VALUE_BYTES: usize = 64
const POSITION_COUNT = 0
const WIDTH = 1 // channels, rounded up to a multiple of 4
const LOW = 2 // int32 [L] first position of a candidate's window
const HIGH = 3 // int32 [L] last
const KIND = 4
const BLOCK = 5 // CONSTANT: [BANKS][6] tables; KEPT: in the state, [L]
const BLOCK_BYTES = 6 // of one of them
const SHIFT = 7 // CONSTANT: the table's first row is position candidate + SHIFT
const CHANGES = 8 // [SLOTS]
const CHANGE_BYTES = 9 // of a slot
const HULL = 10 // int32 [SLOTS][2] first and last position that changed
const REFERENCE = 11 // in the state; -1: not needed
const FORWARD = 12 // work: all numbers, computed afresh
const DIRECT = 13 // 1: changes are added to the block at once, nobody else reads them
const LAST_READER = 14 // index of the operation

// Kinds of blocks.
const NONE = 0
const CONSTANT = 1
const KEPT = 2
const TRANSIENT = 3 // computed afresh in the slot

// Fields of an operation.
const OPERATION_BYTES: usize = 128
const CODE = 0
const INPUT = 1
const OTHER = 2
const OUTPUT = 3
const WEIGHTS = 4
const BIAS = 5
const TAPS = 6
const DILATION = 7
const PADDING = 8
const SIZE = 9
const STRIDE = 10
const ACTIVATION = 11
const BEFORE = 12 // in the state
const AFTER = 13 // in the state
const ACTIVATED = 14 // in the state
const READOUT = 15 // weights [positions][width]; 0: the output is a value
const PER_POSITION = 16
const CHANNELS = 17
const INDEX = 18
const TRANSPOSED = 19 // weights [output channels][taps][input width]
const NORMS = 20 // float32 [taps][output width], of the weights of each output channel
const GRADIENT = 21 // in the state: [input positions][input width]
const PASSED = 22 // 1: the input itself is read too (a residual layer)
const DIFFERENCES = 23 // work: [output positions][output width]
const LENGTHS = 24 // work: float32 [input positions]
const MET = 25 // work: [taps] of 16 bytes: length, norms, row

// Codes of operations.
const PRODUCT = 0 // convolution or dense layer
const SCALE = 1 // average pooling, or normalisation that could not be folded
const BEND = 2 // maximum pooling, activation or both
const SUM = 3
const REGROUP = 4 // the same numbers in rows of another length
const READ = 5 // the score before the final activation, a weighted sum
const SOFTMAX_READ = 6
const RECTIFIED_READ = 7 // of a product behind a rectifier, by its gradient

const LOWEST: f32 = -3.4028234663852886e38

let plan: usize = 0
let state: usize = 0
let bank: i32 = 0
let length: i32 = 0
let slots: i32 = 0
let bankCodes: usize = 0
let logits: usize = 0
let positions: usize = 0
let operations: usize = 0
let operationsEnd: usize = 0
let transientFrom: i32 = 0

@inline function header(index: i32): i32 {
  return load<i32>(plan + (<usize>index << 2))
}

@inline function place(index: i32): usize {
  return plan + <usize>header(index)
}

@inline function field(record: usize, index: i32): i32 {
  return load<i32>(record + (<usize>index << 2))
}

@inline function size(record: usize, index: i32): usize {
  return <usize>load<u32>(record + (<usize>index << 2))
}

@inline function placeOf(record: usize, index: i32): usize {
  return plan + size(record, index)
}

@inline function valueAt(operation: usize, index: i32): usize {
  return place(VALUES) + size(operation, index) * VALUE_BYTES
}

@inline function candidateAt(slot: i32): i32 {
  return load<i32>(positions + (<usize>slot << 2))
}

@inline function low(value: usize, candidate: i32): i32 {
  return load<i32>(placeOf(value, LOW) + (<usize>candidate << 2))
}

@inline function high(value: usize, candidate: i32): i32 {
  return load<i32>(placeOf(value, HIGH) + (<usize>candidate << 2))
}

@inline function isTransient(operation: usize): bool {
  return field(operation, INDEX) >= transientFrom
}

@inline function sum(x: v128): f32 {
  const y = f32x4.add(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return f32x4.extract_lane(y, 0) + f32x4.extract_lane(y, 1)
}

/** Backward selection of the input at CODES. @returns the number of features masked */
export function select(base: usize): i32 {
  plan = base
  length = header(LENGTH)
  slots = header(SLOTS)
  positions = place(POSITIONS)
  operations = place(OPERATIONS)
  operationsEnd = operations + <usize>header(OPERATION_COUNT) * OPERATION_BYTES
  transientFrom = header(TRANSIENT_FROM)
  const banks = header(BANKS)
  const candidates = place(CANDIDATES)
  const features = place(FEATURES)
  const scores = place(SCORES)
  let left = begin()
  const total = left
  for (bank = 0; bank < banks; bank++) {
    enter()
    computeReference()
    follow(candidates, left, true, -1)
  }
  const blockSteps = header(BLOCK_STEPS)
  for (let step = 0; step < total; step++) {
    const index = choose(candidates, left, scores + (<usize>step << 2))
    const chosen = load<i32>(candidates + (<usize>index << 2))
    store<i32>(features + (<usize>step << 2), chosen)
    const hole = candidates + (<usize>index << 2)
    left--
    memory.copy(hole, hole + 4, <usize>(left - index) << 2)
    if (left == 0) break
    const afresh = blockSteps > 0 && (step + 1) % blockSteps == 0
    for (bank = 0; bank < banks; bank++) {
      enter()
      const masked = bank == 0 ? chosen : length - 1 - chosen
      maskBase(masked)
      if (afresh || (step + 1) % header(REFERENCE_STEPS) == 0) computeReference()
      else updateReference(masked)
      follow(candidates, left, afresh, masked)
    }
  }
  return total
}

/** Lays out the codes of each strand and the candidates. @returns how many there are */
function begin(): i32 {
  const codes = place(CODES)
  const present = place(PRESENT)
  const candidates = place(CANDIDATES)
  let count: i32 = 0
  for (let j = 0; j < length; j++) {
    if (load<u8>(present + j) == 0) continue
    store<i32>(candidates + (<usize>count << 2), j)
    count++
  }
  for (bank = 0; bank < header(BANKS); bank++) {
    enter()
    for (let j = 0; j < length; j++) {
      let code = load<u8>(present + j) != 0 ? load<u8>(codes + j) : <u8>4
      if (bank == 0) store<u8>(bankCodes + j, code)
      else store<u8>(bankCodes + (length - 1 - j), code < 4 ? 3 - code : code)
    }
  }
  return count
}

function enter(): void {
  state = place(STATE) + <usize>bank * <usize>header(STATE_BYTES)
  bankCodes = state + <usize>header(BANK_CODES)
  logits = state + <usize>header(LOGITS)
}

/**
 * The candidate whose masking leaves the best score, the lowest of equal ones; one whose score is not a number, if any.
 * @returns its index; its score goes to `at`
 */
function choose(candidates: usize, left: i32, at: usize): i32 {
  const sign = <f32>header(SIGN)
  const final = header(FINAL)
  const rising = isRising(final) && header(JOIN) != MEAN
  let best: i32 = 0
  let bestValue = comparedOf(load<i32>(candidates), rising)
  for (let i = 1; i < left && bestValue == bestValue; i++) {
    const value = comparedOf(load<i32>(candidates + (<usize>i << 2)), rising)
    if (!(sign * value <= sign * bestValue)) {
      best = i
      bestValue = value
    }
  }
  const bestScore = rising ? activate(final, bestValue) : bestValue
  store<f32>(at, bestScore)
  if (!rising || bestScore != bestScore) return best
  // An earlier one may have the same score from a worse logit, but not from one so much worse that its score is.
  const near = bestValue - sign * (abs(bestValue) + 1) * <f32>1e-5
  const limit: f64 = activate(final, near) == bestScore ? -Infinity : <f64>(sign * near)
  for (let i = 0; i < best; i++) {
    const value = comparedOf(load<i32>(candidates + (<usize>i << 2)), true)
    if (<f64>(sign * value) >= limit && activate(final, value) == bestScore) return i
  }
  return best
}

/** What orders candidates: the logit, where the final activation never falls, else the score; the larger strand's. */
function comparedOf(candidate: i32, rising: bool): f32 {
  const banks = header(BANKS)
  if (banks == 2 && header(JOIN) != MAXIMUM) return meanOf(candidate, rising)
  let larger: f32 = 0
  for (bank = 0; bank < banks; bank++) {
    enter()
    const own = bank == 0 ? candidate : length - 1 - candidate
    const sum = load<f64>(state + <usize>header(REFERENCE_LOGIT)) + load<f64>(logits + (<usize>own << 3))
    const value = rising ? <f32>sum : activate(header(FINAL), <f32>sum)
    // Not a number stays so, whichever strand has it.
    if (bank == 0 || value > larger || value != value) larger = value
    if (larger != larger) break
  }
  return larger
}

/** As `comparedOf`, of a mean of both strands. */
function meanOf(candidate: i32, rising: bool): f32 {
  const final = header(FINAL)
  let total: f64 = 0
  for (bank = 0; bank < 2; bank++) {
    enter()
    const own = bank == 0 ? candidate : length - 1 - candidate
    const sum = load<f64>(state + <usize>header(REFERENCE_LOGIT)) + load<f64>(logits + (<usize>own << 3))
    total += header(JOIN) == MEAN ? <f64>activate(final, <f32>sum) : sum
  }
  const mean = <f32>(total / 2)
  return rising || header(JOIN) == MEAN ? mean : activate(final, mean)
}

// Reference.

/** All numbers of the reference from its codes. */
function computeReference(): void {
  const values = place(VALUES)
  const bases = place(BASES) + <usize>bank * 96
  const input = placeOf(values, FORWARD)
  for (let j = 0; j < length; j++) {
    v128.store(input + (<usize>j << 4), v128.load(bases + (<usize>load<u8>(bankCodes + j) << 4)))
  }
  for (let operation = operations; operation < operationsEnd; operation += OPERATION_BYTES) compute(operation)
  for (let v = 0; v < header(VALUE_COUNT); v++) {
    const value = values + <usize>v * VALUE_BYTES
    if (field(value, REFERENCE) < 0) continue
    memory.copy(
      state + size(value, REFERENCE),
      placeOf(value, FORWARD),
      (size(value, POSITION_COUNT) * size(value, WIDTH)) << 2,
    )
  }
  for (let operation = operations; operation < operationsEnd; operation += OPERATION_BYTES) {
    if (field(operation, CODE) == BEND) prepareBend(operation, -1)
    else if (field(operation, CODE) == RECTIFIED_READ) computeGradient(operation)
  }
}

function compute(operation: usize): void {
  const code = field(operation, CODE)
  const input = valueAt(operation, INPUT)
  const from = placeOf(input, FORWARD)
  const inputs = field(input, POSITION_COUNT)
  const width = size(input, WIDTH)
  if (code == READ) {
    readAll(operation, from, inputs, width)
    return
  }
  if (code == SOFTMAX_READ) return
  const output = valueAt(operation, OUTPUT)
  const to = placeOf(output, FORWARD)
  const outputs = field(output, POSITION_COUNT)
  const outputWidth = size(output, WIDTH)
  const rowBytes = width << 2
  if (code == PRODUCT || code == RECTIFIED_READ) {
    const bias = placeOf(operation, BIAS)
    for (let p = 0; p < outputs; p++) memory.copy(to + <usize>p * (outputWidth << 2), bias, outputWidth << 2)
    beginLists(place(ENTRIES), place(LISTS))
    for (let q = 0; q < inputs; q++) addList(from + <usize>q * rowBytes, width, q, to)
    addProducts(
      placeOf(operation, WEIGHTS),
      field(operation, TAPS),
      field(operation, DILATION),
      field(operation, PADDING),
      width,
      outputWidth,
      outputs,
    )
    if (code == RECTIFIED_READ) readAllRectified(operation)
  } else if (code == SCALE) {
    memory.fill(to, 0, (<usize>outputs * width) << 2)
    addScaled(operation, from, 0, inputs - 1, to, 0, outputs - 1)
    const shift = placeOf(operation, BIAS)
    const perPosition = field(operation, PER_POSITION)
    for (let p = 0; p < outputs; p++) {
      const at = to + <usize>p * rowBytes
      const shiftRow = shift + (perPosition ? <usize>p * rowBytes : 0)
      for (let k: usize = 0; k < rowBytes; k += 16) {
        v128.store(at + k, f32x4.add(v128.load(at + k), v128.load(shiftRow + k)))
      }
    }
  } else if (code == BEND) {
    for (let p = 0; p < outputs; p++) bendReference(operation, from, p, to + <usize>p * rowBytes)
    const readout = size(operation, READOUT)
    if (readout != 0) readAll(operation, to, outputs, width)
  } else if (code == SUM) {
    const other = placeOf(valueAt(operation, OTHER), FORWARD)
    for (let k: usize = 0; k < <usize>inputs * rowBytes; k += 16) {
      v128.store(to + k, f32x4.add(v128.load(from + k), v128.load(other + k)))
    }
  } else {
    const channels = size(operation, CHANNELS)
    for (let q = 0; q < inputs; q++) {
      memory.copy(to + <usize>q * (channels << 2), from + <usize>q * rowBytes, channels << 2)
    }
  }
}

/** The reference's score before the final activation. */
function readAll(operation: usize, from: usize, count: i32, width: usize): void {
  const weights = placeOf(operation, field(operation, CODE) == READ ? WEIGHTS : READOUT)
  let logit = <f64>load<f32>(plan + (<usize>FINAL_BIAS << 2))
  const rowBytes = width << 2
  for (let p = 0; p < count; p++) logit += <f64>readRow(from + <usize>p * rowBytes, weights + <usize>p * rowBytes, rowBytes)
  store<f64>(state + <usize>header(REFERENCE_LOGIT), logit)
}

function readRow(row: usize, weights: usize, rowBytes: usize): f32 {
  let total = f32x4.splat(0)
  for (let k: usize = 0; k < rowBytes; k += 16) {
    total = f32x4.add(total, f32x4.mul(v128.load(row + k), v128.load(weights + k)))
  }
  return sum(total)
}

/** One row of a BEND's output from all numbers of its input. */
function bendReference(operation: usize, from: usize, position: i32, to: usize): void {
  const input = valueAt(operation, INPUT)
  const rowBytes = size(input, WIDTH) << 2
  const begin = max(position * field(operation, STRIDE) - field(operation, PADDING), 0)
  const end = min(
    position * field(operation, STRIDE) - field(operation, PADDING) + field(operation, SIZE),
    field(input, POSITION_COUNT),
  )
  const activation = field(operation, ACTIVATION)
  for (let k: usize = 0; k < rowBytes; k += 16) {
    let largest = v128.load(from + <usize>begin * rowBytes + k)
    for (let q = begin + 1; q < end; q++) largest = f32x4.max(largest, v128.load(from + <usize>q * rowBytes + k))
    v128.store(to + k, activateVector(activation, largest))
  }
}

/**
 * What a BEND keeps of the reference: outputs of activations other than the rectifier; for a maximum over everything,
 * the maxima before and after each position.
 * @param masked the base that was masked; -1: all is new
 */
function prepareBend(operation: usize, masked: i32): void {
  const input = valueAt(operation, INPUT)
  const output = valueAt(operation, OUTPUT)
  const from = state + size(input, REFERENCE)
  const rowBytes = size(input, WIDTH) << 2
  const activated = field(operation, ACTIVATED)
  if (activated >= 0) {
    const last = masked < 0 ? field(output, POSITION_COUNT) - 1 : high(output, masked)
    for (let p = masked < 0 ? 0 : low(output, masked); p <= last; p++) {
      bendReference(operation, from, p, state + <usize>activated + <usize>p * rowBytes)
    }
  }
  if (field(operation, BEFORE) < 0) return
  const before = state + size(operation, BEFORE)
  const after = state + size(operation, AFTER)
  const count = field(input, POSITION_COUNT)
  const first = masked < 0 ? 0 : low(input, masked)
  const last = masked < 0 ? count - 1 : high(input, masked)
  const lowest = f32x4.splat(LOWEST)
  if (masked < 0) {
    const end = <usize>(count - 1) * rowBytes
    for (let k: usize = 0; k < rowBytes; k += 16) {
      v128.store(before + k, lowest)
      v128.store(after + end + k, lowest)
    }
  }
  for (let p = first; p < count - 1; p++) {
    const row = <usize>p * rowBytes
    for (let k: usize = 0; k < rowBytes; k += 16) {
      v128.store(before + row + rowBytes + k, f32x4.max(v128.load(before + row + k), v128.load(from + row + k)))
    }
  }
  for (let p = last; p > 0; p--) {
    const row = <usize>p * rowBytes
    for (let k: usize = 0; k < rowBytes; k += 16) {
      v128.store(after + row - rowBytes + k, f32x4.max(v128.load(after + row + k), v128.load(from + row + k)))
    }
  }
}

/** Masks a base: its blocks are what it changes. */
function maskBase(masked: i32): void {
  store<i32>(positions, masked)
  for (let operation = operations; operation < operationsEnd; operation += OPERATION_BYTES) {
    if (isTransient(operation)) run(operation, 1, false, -1)
    settle(operation, valueAt(operation, INPUT), masked)
    if (field(operation, CODE) == SUM) settle(operation, valueAt(operation, OTHER), masked)
    else if (field(operation, CODE) == RECTIFIED_READ) settleRectified(operation, masked)
  }
  if (field(operationsEnd - OPERATION_BYTES, CODE) != SOFTMAX_READ) {
    const logit = state + <usize>header(REFERENCE_LOGIT)
    store<f64>(logit, load<f64>(logit) + load<f64>(logits + (<usize>masked << 3)))
  }
  store<u8>(bankCodes + masked, 4)
}

/** Adds a block to the reference once the last operation that reads both is done. */
function settle(operation: usize, value: usize, masked: i32): void {
  if (field(value, REFERENCE) < 0 || field(value, LAST_READER) != field(operation, INDEX)) return
  const rowBytes = size(value, WIDTH) << 2
  const first = low(value, masked)
  const last = high(value, masked)
  const reference = state + size(value, REFERENCE)
  const block = blockOf(value, masked, 0)
  for (let k = <usize>first * rowBytes; k < <usize>(last + 1) * rowBytes; k += 16) {
    v128.store(reference + k, f32x4.add(v128.load(reference + k), v128.load(block + k)))
  }
}

function updateReference(masked: i32): void {
  for (let operation = operations; operation < operationsEnd; operation += OPERATION_BYTES) {
    if (field(operation, CODE) == BEND) prepareBend(operation, masked)
  }
}

// Candidates.

/**
 * Brings the candidates' blocks and scores up to date.
 * @param afresh all of them, from nothing
 * @param masked the base that was masked last; -1: none
 */
function follow(candidates: usize, left: i32, afresh: bool, masked: i32): void {
  const meetsLow = place(MEETS_LOW)
  const meetsHigh = place(MEETS_HIGH)
  let count: i32 = 0
  for (let i = 0; i < left; i++) {
    let candidate = load<i32>(candidates + (<usize>i << 2))
    if (bank != 0) candidate = length - 1 - candidate
    if (afresh) forget(candidate)
    else if (
      masked < load<i32>(meetsLow + (<usize>candidate << 2)) ||
      masked > load<i32>(meetsHigh + (<usize>candidate << 2))
    ) {
      continue
    }
    store<i32>(positions + (<usize>count << 2), candidate)
    if (++count == slots) {
      propagate(count, afresh, masked)
      count = 0
    }
  }
  if (count > 0) propagate(count, afresh, masked)
}

/** A candidate's blocks are nothing, as if it changed nothing. */
function forget(candidate: i32): void {
  for (let v = 0; v < header(VALUE_COUNT); v++) {
    const value = place(VALUES) + <usize>v * VALUE_BYTES
    if (field(value, KIND) != KEPT) continue
    const blockBytes = size(value, BLOCK_BYTES)
    memory.fill(state + size(value, BLOCK) + <usize>candidate * blockBytes, 0, blockBytes)
  }
  store<f64>(logits + (<usize>candidate << 3), 0)
}

/** The block's row of position 0, wherever its window begins. */
function blockOf(value: usize, candidate: i32, slot: i32): usize {
  const rowBytes = size(value, WIDTH) << 2
  const kind = field(value, KIND)
  if (kind == CONSTANT) {
    const code = <usize>load<u8>(bankCodes + candidate)
    const table = placeOf(value, BLOCK) + (<usize>bank * 6 + code) * size(value, BLOCK_BYTES)
    return table - <usize>(candidate + field(value, SHIFT)) * rowBytes
  }
  if (kind == KEPT) {
    const block = state + size(value, BLOCK) + <usize>candidate * size(value, BLOCK_BYTES)
    return block - <usize>low(value, candidate) * rowBytes
  }
  return changesOf(value, candidate, slot)
}

/** The row of position 0 of what changed of a block. */
function changesOf(value: usize, candidate: i32, slot: i32): usize {
  const changes = placeOf(value, CHANGES) + <usize>slot * size(value, CHANGE_BYTES)
  return changes - <usize>low(value, candidate) * (size(value, WIDTH) << 2)
}

@inline function hullAt(value: usize, slot: i32): usize {
  return placeOf(value, HULL) + (<usize>slot << 3)
}

/** What an operation receives of a value for a candidate: rows, first and last position. */
let rows: usize = 0
let first: i32 = 0
let last: i32 = -1

function receive(operation: usize, value: usize, slot: i32, afresh: bool): void {
  const candidate = candidateAt(slot)
  const kind = field(value, KIND)
  const transient = isTransient(operation)
  if (kind == CONSTANT && !transient && !afresh) {
    first = 0
    last = -1
    return
  }
  if (kind == CONSTANT || (kind == KEPT && transient)) {
    first = low(value, candidate)
    last = high(value, candidate)
    rows = blockOf(value, candidate, slot)
    return
  }
  const hull = hullAt(value, slot)
  first = load<i32>(hull)
  last = load<i32>(hull, 4)
  rows = changesOf(value, candidate, slot)
}

/** Room for what an operation changes in positions [from, to] of its output: zeros. @returns the row of position 0 */
function openOutput(output: usize, slot: i32, from: i32, to: i32): usize {
  const candidate = candidateAt(slot)
  const kind = field(output, KIND)
  const rowBytes = size(output, WIDTH) << 2
  const hull = hullAt(output, slot)
  const lowest = low(output, candidate)
  const highest = high(output, candidate)
  if (kind == TRANSIENT) {
    from = lowest
    to = highest
  } else {
    from = max(from, lowest)
    to = min(to, highest)
  }
  store<i32>(hull, from)
  store<i32>(hull, to, 4)
  if (field(output, DIRECT) != 0) return blockOf(output, candidate, slot)
  const changes = changesOf(output, candidate, slot)
  if (from <= to) memory.fill(changes + <usize>from * rowBytes, 0, <usize>(to - from + 1) * rowBytes)
  return changes
}

/** Adds what changed to the block, where it is kept. */
function closeOutput(output: usize, slot: i32): void {
  if (field(output, KIND) != KEPT || field(output, DIRECT) != 0) return
  const hull = hullAt(output, slot)
  const from = load<i32>(hull)
  const to = load<i32>(hull, 4)
  const candidate = candidateAt(slot)
  const rowBytes = size(output, WIDTH) << 2
  const changes = changesOf(output, candidate, slot)
  const block = blockOf(output, candidate, slot)
  for (let p = from; p <= to; p++) {
    for (let k = <usize>p * rowBytes; k < <usize>(p + 1) * rowBytes; k += 16) {
      v128.store(block + k, f32x4.add(v128.load(block + k), v128.load(changes + k)))
    }
  }
}

function propagate(count: i32, afresh: bool, masked: i32): void {
  for (let operation = operations; operation < operationsEnd; operation += OPERATION_BYTES) {
    run(operation, count, afresh, masked)
  }
}

function run(operation: usize, count: i32, afresh: bool, masked: i32): void {
  const code = field(operation, CODE)
  if (code == PRODUCT) multiply(operation, count, afresh)
  else if (code == BEND) bend(operation, count, afresh, masked)
  else if (code == READ) read(operation, count, afresh)
  else if (code == SOFTMAX_READ) readSoftmax(operation, count)
  else if (code == RECTIFIED_READ) readRectified(operation, count)
  else if (code == SCALE) scale(operation, count, afresh)
  else if (code == SUM) add(operation, count, afresh)
  else regroup(operation, count, afresh)
}

function multiply(operation: usize, count: i32, afresh: bool): void {
  const input = valueAt(operation, INPUT)
  const output = valueAt(operation, OUTPUT)
  if (field(output, KIND) == CONSTANT) return
  const width = size(input, WIDTH)
  const taps = field(operation, TAPS)
  const dilation = field(operation, DILATION)
  const padding = field(operation, PADDING)
  beginLists(place(ENTRIES), place(LISTS))
  for (let slot = 0; slot < count; slot++) {
    receive(operation, input, slot, afresh)
    let from: i32 = 0
    let to: i32 = -1
    if (first <= last) {
      from = first + padding - (taps - 1) * dilation
      to = last + padding
    }
    const outputs = openOutput(output, slot, from, to)
    for (let q = first; q <= last; q++) addList(rows + ((<usize>q * width) << 2), width, q, outputs)
  }
  addProducts(
    placeOf(operation, WEIGHTS),
    taps,
    dilation,
    padding,
    width,
    size(output, WIDTH),
    field(output, POSITION_COUNT),
  )
  for (let slot = 0; slot < count; slot++) closeOutput(output, slot)
}

/** First output position whose pooling window holds an input position. */
@inline function poolLow(operation: usize, position: i32): i32 {
  const behind = position + field(operation, PADDING) - field(operation, SIZE) + 1
  const stride = field(operation, STRIDE)
  return behind <= 0 ? 0 : (behind + stride - 1) / stride
}

@inline function poolHigh(operation: usize, position: i32): i32 {
  const at = position + field(operation, PADDING)
  // Division rounds towards 0; positions that are cut off are below it.
  return at < 0 ? -1 : at / field(operation, STRIDE)
}

function scale(operation: usize, count: i32, afresh: bool): void {
  const input = valueAt(operation, INPUT)
  const output = valueAt(operation, OUTPUT)
  for (let slot = 0; slot < count; slot++) {
    receive(operation, input, slot, afresh)
    const some = first <= last
    const to = openOutput(output, slot, some ? poolLow(operation, first) : 0, some ? poolHigh(operation, last) : -1)
    const hull = hullAt(output, slot)
    if (some) addScaled(operation, rows, first, last, to, load<i32>(hull), load<i32>(hull, 4))
    closeOutput(output, slot)
  }
}

/** Adds inputs [first, last], scaled, to the outputs [from, to] that average them. */
function addScaled(operation: usize, input: usize, first: i32, last: i32, output: usize, from: i32, to: i32): void {
  const value = valueAt(operation, INPUT)
  const rowBytes = size(value, WIDTH) << 2
  const inputs = field(value, POSITION_COUNT)
  const perPosition = field(operation, PER_POSITION)
  const weights = placeOf(operation, WEIGHTS)
  for (let p = from; p <= to; p++) {
    const begin = p * field(operation, STRIDE) - field(operation, PADDING)
    const start = max(begin, 0)
    const end = min(begin + field(operation, SIZE), inputs)
    if (start >= end) continue // zeros that were put before or after
    const share = f32x4.splat(1 / <f32>(end - start))
    const row = output + <usize>p * rowBytes
    const scales = weights + (perPosition ? <usize>p * rowBytes : 0)
    for (let k: usize = 0; k < rowBytes; k += 16) {
      let total = f32x4.splat(0)
      for (let q = max(start, first); q < min(end, last + 1); q++) {
        total = f32x4.add(total, v128.load(input + <usize>q * rowBytes + k))
      }
      const scaled = f32x4.mul(f32x4.mul(total, share), v128.load(scales + k))
      v128.store(row + k, f32x4.add(v128.load(row + k), scaled))
    }
  }
}

function add(operation: usize, count: i32, afresh: bool): void {
  const input = valueAt(operation, INPUT)
  const other = valueAt(operation, OTHER)
  const output = valueAt(operation, OUTPUT)
  const rowBytes = size(output, WIDTH) << 2
  for (let slot = 0; slot < count; slot++) {
    receive(operation, input, slot, afresh)
    const rows1 = rows
    const first1 = first
    const last1 = last
    receive(operation, other, slot, afresh)
    let from = first
    let to = last
    if (first1 <= last1) {
      from = from <= to ? min(from, first1) : first1
      to = max(to, last1)
    }
    const changes = openOutput(output, slot, from, to)
    for (let k = <usize>first * rowBytes; first <= last && k < <usize>(last + 1) * rowBytes; k += 16) {
      v128.store(changes + k, v128.load(rows + k))
    }
    for (let k = <usize>first1 * rowBytes; first1 <= last1 && k < <usize>(last1 + 1) * rowBytes; k += 16) {
      v128.store(changes + k, f32x4.add(v128.load(changes + k), v128.load(rows1 + k)))
    }
    closeOutput(output, slot)
  }
}

function regroup(operation: usize, count: i32, afresh: bool): void {
  const input = valueAt(operation, INPUT)
  const output = valueAt(operation, OUTPUT)
  const rowBytes = size(input, WIDTH) << 2
  const channels = field(operation, CHANNELS)
  const channelBytes = <usize>channels << 2
  const width = field(output, WIDTH)
  for (let slot = 0; slot < count; slot++) {
    receive(operation, input, slot, afresh)
    const some = first <= last
    const from = some ? (first * channels) / width : 0
    const to = openOutput(output, slot, from, some ? ((last + 1) * channels - 1) / width : -1)
    for (let q = first; q <= last; q++) {
      memory.copy(to + <usize>q * channelBytes, rows + <usize>q * rowBytes, channelBytes)
    }
    closeOutput(output, slot)
  }
}

function read(operation: usize, count: i32, afresh: bool): void {
  const input = valueAt(operation, INPUT)
  const rowBytes = size(input, WIDTH) << 2
  const weights = placeOf(operation, WEIGHTS)
  for (let slot = 0; slot < count; slot++) {
    receive(operation, input, slot, afresh)
    let total: f64 = 0
    for (let q = first; q <= last; q++) {
      const at = <usize>q * rowBytes
      total += <f64>readRow(rows + at, weights + at, rowBytes)
    }
    const logit = logits + (<usize>candidateAt(slot) << 3)
    store<f64>(logit, isTransient(operation) ? total : load<f64>(logit) + total)
  }
}

/** The softmax of the outputs, of which BIAS is the one explained. */
function readSoftmax(operation: usize, count: i32): void {
  const input = valueAt(operation, INPUT)
  const reference = state + size(input, REFERENCE)
  const channels = size(operation, CHANNELS)
  const explained = size(operation, BIAS)
  for (let slot = 0; slot < count; slot++) {
    const candidate = candidateAt(slot)
    const block = blockOf(input, candidate, slot)
    let largest: f64 = -Infinity
    const inside = low(input, candidate) <= high(input, candidate)
    for (let u: usize = 0; u < channels; u++) largest = max(largest, logitAt(reference, block, inside, u))
    let total: f64 = 0
    for (let u: usize = 0; u < channels; u++) total += Math.exp(logitAt(reference, block, inside, u) - largest)
    const power = Math.exp(logitAt(reference, block, inside, explained) - largest)
    store<f64>(logits + (<usize>candidate << 3), power / total)
  }
}

@inline function logitAt(reference: usize, block: usize, inside: bool, unit: usize): f64 {
  return <f64>load<f32>(reference + (unit << 2)) + (inside ? <f64>load<f32>(block + (unit << 2)) : 0)
}

// Maxima and activations: where differences become others.

function bend(operation: usize, count: i32, afresh: bool, masked: i32): void {
  const input = valueAt(operation, INPUT)
  const output = valueAt(operation, OUTPUT)
  const rowBytes = size(input, WIDTH) << 2
  const kind = field(output, KIND)
  const readout = size(operation, READOUT)
  const all = afresh || isTransient(operation)
  const work = place(ROW)
  const rectifier =
    field(operation, ACTIVATION) == RELU && field(operation, SIZE) == 1 && field(operation, STRIDE) == 1
  const single = readout != 0 && rectifier && field(input, POSITION_COUNT) == 1
  const reference = state + size(input, REFERENCE)
  // Of one row the sum itself is as good as the sum of differences, and half the work.
  const total = single ? rectifiedSum(reference, place(NOTHING), plan + readout, rowBytes) : 0
  for (let slot = 0; slot < count; slot++) {
    const candidate = candidateAt(slot)
    const lowest = low(output, candidate)
    const highest = high(output, candidate)
    let from = lowest
    let to = highest
    if (!all) {
      from = i32.MAX_VALUE
      to = -1
      if (field(input, KIND) != CONSTANT) {
        const hull = hullAt(input, slot)
        const begin = load<i32>(hull)
        const end = load<i32>(hull, 4)
        if (begin <= end) {
          from = max(poolLow(operation, begin), lowest)
          to = min(poolHigh(operation, end), highest)
        }
      }
      if (masked >= 0) {
        const begin = max(low(output, masked), lowest)
        const end = min(high(output, masked), highest)
        if (begin <= end) {
          from = min(from, begin)
          to = max(to, end)
        }
      }
    }
    const block = blockOf(input, candidate, slot)
    if (readout != 0) {
      if (from > to) continue
      if (single) {
        const sum = rectifiedSum(reference, block, plan + readout, rowBytes)
        store<f64>(logits + (<usize>candidate << 3), <f64>sum - <f64>total)
        continue
      }
      let total: f64 = 0
      for (let p = lowest; p <= highest; p++) {
        bendRow(operation, input, output, candidate, p, block, work)
        total += <f64>readRow(work, plan + readout + <usize>p * rowBytes, rowBytes)
      }
      store<f64>(logits + (<usize>candidate << 3), total)
      continue
    }
    const hull = hullAt(output, slot)
    const changes = changesOf(output, candidate, slot)
    if (kind == TRANSIENT) {
      for (let p = from; p <= to; p++) {
        bendRow(operation, input, output, candidate, p, block, changes + <usize>p * rowBytes)
      }
      store<i32>(hull, from)
      store<i32>(hull, to, 4)
      continue
    }
    const kept = blockOf(output, candidate, slot)
    let begin = i32.MAX_VALUE
    let end: i32 = -1
    for (let p = from; p <= to; p++) {
      const row = <usize>p * rowBytes
      if (rectifier) {
        if (!rectifyRow(reference + row, block + row, kept + row, changes + row, rowBytes)) continue
        begin = min(begin, p)
        end = p
        continue
      }
      bendRow(operation, input, output, candidate, p, block, work)
      let different = f32x4.splat(0)
      for (let k: usize = 0; k < rowBytes; k += 16) {
        const now = v128.load(work + k)
        const change = f32x4.sub(now, v128.load(kept + row + k))
        v128.store(kept + row + k, now)
        v128.store(changes + row + k, change)
        different = v128.or(different, f32x4.ne(change, f32x4.splat(0)))
      }
      if (v128.any_true(different)) {
        begin = min(begin, p)
        end = p
      }
    }
    store<i32>(hull, begin)
    store<i32>(hull, end, 4)
  }
}

/** Brings a kept row behind a rectifier up to date. @returns whether it changed */
function rectifyRow(reference: usize, difference: usize, kept: usize, changes: usize, rowBytes: usize): bool {
  const zero = f32x4.splat(0)
  let different = zero
  for (let k: usize = 0; k < rowBytes; k += 16) {
    const now = rectified(v128.load(reference + k), v128.load(difference + k))
    const change = f32x4.sub(now, v128.load(kept + k))
    v128.store(kept + k, now)
    v128.store(changes + k, change)
    different = v128.or(different, change)
  }
  // Minus zero counts as a change, which does no harm.
  return v128.any_true(different)
}

/** The difference behind a rectifier: where it is open before and after, the same one bit for bit. */
@inline function rectified(before: v128, difference: v128): v128 {
  const zero = f32x4.splat(0)
  const after = f32x4.add(before, difference)
  const both = f32x4.gt(f32x4.min(before, after), zero)
  return v128.bitselect(difference, f32x4.sub(f32x4.max(after, zero), f32x4.max(before, zero)), both)
}

/** The weighted sum of a rectified row and its difference. */
function rectifiedSum(reference: usize, difference: usize, weights: usize, rowBytes: usize): f32 {
  const zero = f32x4.splat(0)
  let a = zero
  let b = zero
  let k: usize = 0
  for (; k + 32 <= rowBytes; k += 32) {
    const x = f32x4.add(v128.load(reference + k), v128.load(difference + k))
    const y = f32x4.add(v128.load(reference + k, 16), v128.load(difference + k, 16))
    a = f32x4.add(a, f32x4.mul(f32x4.max(x, zero), v128.load(weights + k)))
    b = f32x4.add(b, f32x4.mul(f32x4.max(y, zero), v128.load(weights + k, 16)))
  }
  if (k < rowBytes) {
    const x = f32x4.add(v128.load(reference + k), v128.load(difference + k))
    a = f32x4.add(a, f32x4.mul(f32x4.max(x, zero), v128.load(weights + k)))
  }
  return sum(f32x4.add(a, b))
}

/** The difference that a candidate makes to one row of a BEND's output. */
function bendRow(
  operation: usize,
  input: usize,
  output: usize,
  candidate: i32,
  position: i32,
  block: usize,
  to: usize,
): void {
  const rowBytes = size(input, WIDTH) << 2
  const activation = field(operation, ACTIVATION)
  const reference = state + size(input, REFERENCE)
  const activated = state + size(operation, ACTIVATED) + <usize>position * rowBytes
  const zero = f32x4.splat(0)
  if (field(operation, SIZE) == 1 && field(operation, STRIDE) == 1) {
    const row = <usize>position * rowBytes
    if (activation == RELU) {
      for (let k: usize = 0; k < rowBytes; k += 16) {
        v128.store(to + k, rectified(v128.load(reference + row + k), v128.load(block + row + k)))
      }
      return
    }
    for (let k: usize = 0; k < rowBytes; k += 16) {
      const after = f32x4.add(v128.load(reference + row + k), v128.load(block + row + k))
      v128.store(to + k, f32x4.sub(activateVector(activation, after), v128.load(activated + k)))
    }
    return
  }
  const windowFirst = low(input, candidate)
  const windowLast = high(input, candidate)
  let from = max(position * field(operation, STRIDE) - field(operation, PADDING), 0)
  let end = min(
    position * field(operation, STRIDE) - field(operation, PADDING) + field(operation, SIZE),
    field(input, POSITION_COUNT),
  )
  const everything = field(operation, BEFORE) >= 0
  if (everything) {
    from = windowFirst
    end = windowLast + 1
  }
  const before = state + size(operation, BEFORE) + <usize>windowFirst * rowBytes
  const after = state + size(operation, AFTER) + <usize>windowLast * rowBytes
  for (let k: usize = 0; k < rowBytes; k += 16) {
    // The winners of the reference and of the candidate: value, position, the candidate's difference there.
    let winner = f32x4.splat(LOWEST)
    let winnerAt = i32x4.splat(-1)
    let next = winner
    let nextAt = winnerAt
    let nextDifference = zero
    for (let q = from; q < end; q++) {
      const at = <usize>q * rowBytes + k
      const value = v128.load(reference + at)
      const difference = q >= windowFirst && q <= windowLast ? v128.load(block + at) : zero
      const changed = f32x4.add(value, difference)
      const here = i32x4.splat(q)
      const wins = f32x4.gt(value, winner)
      winner = v128.bitselect(value, winner, wins)
      winnerAt = v128.bitselect(here, winnerAt, wins)
      const winsNext = f32x4.gt(changed, next)
      next = v128.bitselect(changed, next, winsNext)
      nextAt = v128.bitselect(here, nextAt, winsNext)
      nextDifference = v128.bitselect(difference, nextDifference, winsNext)
    }
    if (everything) {
      const outside = f32x4.max(v128.load(before + k), v128.load(after + k))
      const wins = f32x4.gt(outside, winner)
      winner = v128.bitselect(outside, winner, wins)
      winnerAt = v128.bitselect(i32x4.splat(-1), winnerAt, wins)
      const winsNext = f32x4.gt(outside, next)
      next = v128.bitselect(outside, next, winsNext)
      nextAt = v128.bitselect(i32x4.splat(-1), nextAt, winsNext)
      nextDifference = v128.bitselect(zero, nextDifference, winsNext)
    }
    const same = i32x4.eq(winnerAt, nextAt)
    const difference = v128.bitselect(nextDifference, f32x4.sub(next, winner), same)
    if (activation == LINEAR) v128.store(to + k, difference)
    else if (activation == RELU) {
      const both = v128.and(f32x4.gt(winner, zero), f32x4.gt(next, zero))
      const other = f32x4.sub(f32x4.max(next, zero), f32x4.max(winner, zero))
      v128.store(to + k, v128.bitselect(difference, other, both))
    } else {
      v128.store(to + k, f32x4.sub(activateVector(activation, next), v128.load(activated + k)))
    }
  }
}

// A convolution behind a rectifier that only the read-out reads. Where a candidate leaves the sign of a sum as it is, the
// score changes by the gradient times what it changes of the input; what remains are the sums whose sign may turn: by
// Cauchy and Schwarz, those nearer to zero than the lengths of the rows that reach them allow. With wide windows they
// are few, and the widest layer costs little.

function readAllRectified(operation: usize): void {
  const input = valueAt(operation, INPUT)
  const output = valueAt(operation, OUTPUT)
  const weights = placeOf(operation, READOUT)
  let logit = <f64>load<f32>(plan + (<usize>FINAL_BIAS << 2))
  const rowBytes = size(output, WIDTH) << 2
  const from = placeOf(output, FORWARD)
  const nothing = place(NOTHING)
  for (let p = 0; p < field(output, POSITION_COUNT); p++) {
    const row = <usize>p * rowBytes
    logit += <f64>rectifiedSum(from + row, nothing, weights + row, rowBytes)
    if (field(operation, PASSED) != 0) logit += <f64>readRow(placeOf(input, FORWARD) + row, weights + row, rowBytes)
  }
  store<f64>(state + <usize>header(REFERENCE_LOGIT), logit)
}

/** The score's gradient by the operation's input, from the signs of the reference. */
function computeGradient(operation: usize): void {
  const input = valueAt(operation, INPUT)
  const output = valueAt(operation, OUTPUT)
  const gradient = state + size(operation, GRADIENT)
  const weights = placeOf(operation, READOUT)
  const bytes = (size(input, POSITION_COUNT) * size(input, WIDTH)) << 2
  if (field(operation, PASSED) != 0) memory.copy(gradient, weights, bytes)
  else memory.fill(gradient, 0, bytes)
  const reference = state + size(output, REFERENCE)
  const width = field(output, WIDTH)
  for (let p = 0; p < field(output, POSITION_COUNT); p++) {
    for (let f = 0; f < width; f++) {
      const at = <usize>(p * width + f) << 2
      if (load<f32>(reference + at) > 0) addToGradient(operation, p, f, load<f32>(weights + at))
    }
  }
}

/** Lets the output channel at a position through to the read-out, with this weight. */
function addToGradient(operation: usize, position: i32, filter: i32, weight: f32): void {
  if (weight == 0) return
  const input = valueAt(operation, INPUT)
  const rowBytes = size(input, WIDTH) << 2
  const taps = field(operation, TAPS)
  const dilation = field(operation, DILATION)
  const gradient = state + size(operation, GRADIENT)
  const scale = f32x4.splat(weight)
  let weights = placeOf(operation, TRANSPOSED) + <usize>(filter * taps) * rowBytes
  let q = position - field(operation, PADDING)
  for (let tap = 0; tap < taps; tap++) {
    if (<u32>q < <u32>field(input, POSITION_COUNT)) {
      const row = gradient + <usize>q * rowBytes
      for (let k: usize = 0; k < rowBytes; k += 16) {
        v128.store(row + k, f32x4.add(v128.load(row + k), f32x4.mul(scale, v128.load(weights + k))))
      }
    }
    weights += rowBytes
    q += dilation
  }
}

/** Masks a base: its block changes the sums, and where their signs turn, the gradient. */
function settleRectified(operation: usize, masked: i32): void {
  const input = valueAt(operation, INPUT)
  const output = valueAt(operation, OUTPUT)
  const width = size(input, WIDTH)
  const outputWidth = field(output, WIDTH)
  const first = low(output, masked)
  const last = high(output, masked)
  if (first > last) return
  const differences = placeOf(operation, DIFFERENCES)
  const begin = first * outputWidth
  const end = (last + 1) * outputWidth
  memory.fill(differences + (<usize>begin << 2), 0, <usize>(end - begin) << 2)
  const block = blockOf(input, masked, 0)
  beginLists(place(ENTRIES), place(LISTS))
  for (let q = low(input, masked); q <= high(input, masked); q++) {
    addList(block + ((<usize>q * width) << 2), width, q, differences)
  }
  addProducts(
    placeOf(operation, WEIGHTS),
    field(operation, TAPS),
    field(operation, DILATION),
    field(operation, PADDING),
    width,
    <usize>outputWidth,
    field(output, POSITION_COUNT),
  )
  const reference = state + size(output, REFERENCE)
  const weights = placeOf(operation, READOUT)
  for (let i = begin; i < end; i++) {
    const at = <usize>i << 2
    const before = load<f32>(reference + at)
    const after = before + load<f32>(differences + at)
    store<f32>(reference + at, after)
    if (before > 0 == after > 0) continue
    const weight = load<f32>(weights + at)
    addToGradient(operation, i / outputWidth, i % outputWidth, after > 0 ? weight : -weight)
  }
}

function readRectified(operation: usize, count: i32): void {
  const input = valueAt(operation, INPUT)
  const output = valueAt(operation, OUTPUT)
  const rowBytes = size(input, WIDTH) << 2
  const gradient = state + size(operation, GRADIENT)
  const lengths = placeOf(operation, LENGTHS)
  for (let slot = 0; slot < count; slot++) {
    const candidate = candidateAt(slot)
    const first = low(input, candidate)
    const last = high(input, candidate)
    const block = blockOf(input, candidate, slot)
    let total: f64 = 0
    for (let q = first; q <= last; q++) {
      const row = <usize>q * rowBytes
      let product = f32x4.splat(0)
      let square = product
      for (let k: usize = 0; k < rowBytes; k += 16) {
        const x = v128.load(block + row + k)
        product = f32x4.add(product, f32x4.mul(x, v128.load(gradient + row + k)))
        square = f32x4.add(square, f32x4.mul(x, x))
      }
      total += <f64>sum(product)
      store<f32>(lengths + (<usize>q << 2), sqrt(sum(square)))
    }
    for (let p = low(output, candidate); p <= high(output, candidate); p++) {
      total += turned(operation, input, output, block, first, last, p)
    }
    store<f64>(logits + (<usize>candidate << 3), total)
  }
}

/** What sums of a position whose sign turns add to the score beyond the gradient. */
function turned(
  operation: usize,
  input: usize,
  output: usize,
  block: usize,
  first: i32,
  last: i32,
  position: i32,
): f64 {
  const inputBytes = size(input, WIDTH) << 2
  const rowBytes = size(output, WIDTH) << 2
  const taps = field(operation, TAPS)
  const dilation = field(operation, DILATION)
  const lengths = placeOf(operation, LENGTHS)
  const met = placeOf(operation, MET)
  let end = met
  let q = position - field(operation, PADDING)
  for (let tap = 0; tap < taps; tap++, q += dilation) {
    if (q < first || q > last) continue
    const rowLength = load<f32>(lengths + (<usize>q << 2))
    if (rowLength == 0) continue
    store<f32>(end, rowLength)
    store<u32>(end, <u32>(placeOf(operation, NORMS) + <usize>tap * rowBytes), 4)
    store<u32>(end, <u32>(block + <usize>q * inputBytes), 8)
    store<i32>(end, tap, 12)
    end += 16
  }
  if (end == met) return 0
  const reference = state + size(output, REFERENCE) + <usize>position * rowBytes
  const readout = placeOf(operation, READOUT) + <usize>position * rowBytes
  const transposed = placeOf(operation, TRANSPOSED)
  const filterBytes = <usize>taps * inputBytes
  let total: f64 = 0
  for (let k: usize = 0; k < rowBytes; k += 16) {
    let bound = f32x4.splat(0)
    for (let tap = met; tap < end; tap += 16) {
      bound = f32x4.add(bound, f32x4.mul(v128.load_splat<f32>(tap), v128.load(<usize>load<u32>(tap, 4) + k)))
    }
    let near = i32x4.bitmask(f32x4.le(f32x4.abs(v128.load(reference + k)), bound))
    while (near != 0) {
      const at = k + (<usize>ctz(near) << 2)
      near &= near - 1
      const before = load<f32>(reference + at)
      const after = before + differenceAt(transposed + (at >> 2) * filterBytes, inputBytes, met, end)
      if (before > 0 != after > 0) {
        total += <f64>load<f32>(readout + at) * <f64>abs(after)
      }
    }
  }
  return total
}

/** What the rows met change of one sum. Four sums at once: one would wait for itself. */
function differenceAt(weights: usize, inputBytes: usize, met: usize, end: usize): f32 {
  let a = f32x4.splat(0)
  let b = a
  let c = a
  let d = a
  for (let tap = met; tap < end; tap += 16) {
    const row = <usize>load<u32>(tap, 8)
    const own = weights + <usize>load<i32>(tap, 12) * inputBytes
    let k: usize = 0
    for (; k + 64 <= inputBytes; k += 64) {
      a = f32x4.add(a, f32x4.mul(v128.load(row + k), v128.load(own + k)))
      b = f32x4.add(b, f32x4.mul(v128.load(row + k, 16), v128.load(own + k, 16)))
      c = f32x4.add(c, f32x4.mul(v128.load(row + k, 32), v128.load(own + k, 32)))
      d = f32x4.add(d, f32x4.mul(v128.load(row + k, 48), v128.load(own + k, 48)))
    }
    for (; k < inputBytes; k += 16) a = f32x4.add(a, f32x4.mul(v128.load(row + k), v128.load(own + k)))
  }
  return sum(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)))
}
