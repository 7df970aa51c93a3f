/**
 * What the differences kernel keeps, and where: the plan, the strand at hand, a candidate's blocks and what changed of them.
 * ./differences.ts tells the words.
 */
import { CONSTANT, KEPT, TRANSIENT } from '../layout/blockKinds'
import {
  BANK_CODES,
  LENGTH,
  LOGITS,
  OPERATIONS,
  OPERATION_COUNT,
  POSITIONS,
  RANKS,
  SLOTS,
  STATE,
  STATE_BYTES,
  TRANSIENT_FROM,
  VALUES,
} from '../layout/differencesHeader'
import { INDEX } from '../layout/differencesOperation'
import {
  BLOCK,
  BLOCK_BYTES,
  CHANGES,
  CHANGE_BYTES,
  DIRECT,
  HIGH,
  HULL,
  KIND,
  LOW,
  SHIFT,
  WIDTH,
} from '../layout/differencesValue'
import { OPERATION_BYTES, VALUE_BYTES } from '../layout/recordSizes'

export let plan: usize = 0
export let length: i32 = 0
/** Candidates that are followed together. */
export let slots: i32 = 0
/** [slots] The candidates that are followed. */
export let positions: usize = 0
export let operations: usize = 0
export let operationsEnd: usize = 0
/** The first operation whose blocks are not kept. */
let transientFrom: i32 = 0

/** The strand at hand. */
export let bank: i32 = 0
export let state: usize = 0
export let bankCodes: usize = 0
export let logits: usize = 0
let ranks: usize = 0

export const LOWEST: f32 = -3.4028234663852886e38

/** Begins with a plan. */
export function open(base: usize): void {
  plan = base
  length = header(LENGTH)
  slots = header(SLOTS)
  positions = place(POSITIONS)
  operations = place(OPERATIONS)
  operationsEnd = operations + <usize>header(OPERATION_COUNT) * OPERATION_BYTES
  transientFrom = header(TRANSIENT_FROM)
}

/** Turns to a strand: `bank`, its state, codes and logits. */
export function enter(strand: i32): void {
  bank = strand
  state = place(STATE) + <usize>strand * <usize>header(STATE_BYTES)
  bankCodes = state + <usize>header(BANK_CODES)
  logits = state + <usize>header(LOGITS)
  ranks = state + <usize>header(RANKS)
}

@inline export function header(index: i32): i32 {
  return load<i32>(plan + (<usize>index << 2))
}

@inline export function place(index: i32): usize {
  return plan + <usize>header(index)
}

@inline export function field(record: usize, index: i32): i32 {
  return load<i32>(record + (<usize>index << 2))
}

@inline export function size(record: usize, index: i32): usize {
  return <usize>load<u32>(record + (<usize>index << 2))
}

@inline export function placeOf(record: usize, index: i32): usize {
  return plan + size(record, index)
}

@inline export function valueAt(operation: usize, index: i32): usize {
  return place(VALUES) + size(operation, index) * VALUE_BYTES
}

@inline export function candidateAt(slot: i32): i32 {
  return load<i32>(positions + (<usize>slot << 2))
}

@inline export function low(value: usize, candidate: i32): i32 {
  return load<i32>(placeOf(value, LOW) + (<usize>candidate << 2))
}

@inline export function high(value: usize, candidate: i32): i32 {
  return load<i32>(placeOf(value, HIGH) + (<usize>candidate << 2))
}

@inline export function isTransient(operation: usize): bool {
  return field(operation, INDEX) >= transientFrom
}

@inline export function sum(x: v128): f32 {
  const y = f32x4.add(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return f32x4.extract_lane(y, 0) + f32x4.extract_lane(y, 1)
}

/** Which candidate a base is. Only present bases have blocks. */
@inline export function rankAt(base: i32): usize {
  return ranks + (<usize>base << 2)
}

/** The block that is kept of a value. */
@inline export function keptOf(value: usize, candidate: i32): usize {
  return state + size(value, BLOCK) + <usize>load<i32>(rankAt(candidate)) * size(value, BLOCK_BYTES)
}

/** The block's row of position 0, wherever its window begins. */
export function blockOf(value: usize, candidate: i32, slot: i32): usize {
  const rowBytes = size(value, WIDTH) << 2
  const kind = field(value, KIND)
  if (kind == CONSTANT) {
    const code = <usize>load<u8>(bankCodes + candidate)
    const table = placeOf(value, BLOCK) + (<usize>bank * 6 + code) * size(value, BLOCK_BYTES)
    return table - <usize>(candidate + field(value, SHIFT)) * rowBytes
  }
  if (kind == KEPT) {
    return keptOf(value, candidate) - <usize>low(value, candidate) * rowBytes
  }
  return changesOf(value, candidate, slot)
}

/** The row of position 0 of what changed of a block. */
export function changesOf(value: usize, candidate: i32, slot: i32): usize {
  const changes = placeOf(value, CHANGES) + <usize>slot * size(value, CHANGE_BYTES)
  return changes - <usize>low(value, candidate) * (size(value, WIDTH) << 2)
}

@inline export function hullAt(value: usize, slot: i32): usize {
  return placeOf(value, HULL) + (<usize>slot << 3)
}

/** What an operation receives of a value for a candidate: rows, first and last position. */
export let rows: usize = 0
export let first: i32 = 0
export let last: i32 = -1

export function receive(operation: usize, value: usize, slot: i32, afresh: bool): void {
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
export function openOutput(output: usize, slot: i32, from: i32, to: i32): usize {
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
export function closeOutput(output: usize, slot: i32): void {
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
