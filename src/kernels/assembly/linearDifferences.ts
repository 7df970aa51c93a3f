/**
 * Linear operations of the differences kernel: what changed of their inputs, times their weights, is what changes of their
 * outputs.
 */
import { CONSTANT } from '../layout/blockKinds'
import { ENTRIES, LISTS } from '../layout/differencesHeader'
import {
  BIAS,
  CHANNELS,
  DILATION,
  INPUT,
  OTHER,
  OUTPUT,
  PADDING,
  PER_POSITION,
  SIZE,
  STRIDE,
  TAPS,
  WEIGHTS,
} from '../layout/differencesOperation'
import { KIND, POSITION_COUNT, REFERENCE, WIDTH } from '../layout/differencesValue'
import {
  blockOf,
  candidateAt,
  closeOutput,
  field,
  first,
  high,
  hullAt,
  isTransient,
  last,
  logits,
  low,
  openOutput,
  place,
  placeOf,
  receive,
  rows,
  size,
  state,
  sum,
  valueAt,
} from './differencesMemory'
import { addList, addProducts, beginLists } from './sparseProducts'

export function multiply(operation: usize, count: i32, afresh: bool): void {
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
@inline export function poolLow(operation: usize, position: i32): i32 {
  const behind = position + field(operation, PADDING) - field(operation, SIZE) + 1
  const stride = field(operation, STRIDE)
  return behind <= 0 ? 0 : (behind + stride - 1) / stride
}

@inline export function poolHigh(operation: usize, position: i32): i32 {
  const at = position + field(operation, PADDING)
  // Division rounds towards 0; positions that are cut off are below it.
  return at < 0 ? -1 : at / field(operation, STRIDE)
}

export function scale(operation: usize, count: i32, afresh: bool): void {
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
export function addScaled(operation: usize, input: usize, first: i32, last: i32, output: usize, from: i32, to: i32): void {
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

export function add(operation: usize, count: i32, afresh: bool): void {
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

export function regroup(operation: usize, count: i32, afresh: bool): void {
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

export function read(operation: usize, count: i32, afresh: bool): void {
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

export function readRow(row: usize, weights: usize, rowBytes: usize): f32 {
  let total = f32x4.splat(0)
  for (let k: usize = 0; k < rowBytes; k += 16) {
    total = f32x4.add(total, f32x4.mul(v128.load(row + k), v128.load(weights + k)))
  }
  return sum(total)
}

/** The softmax of the outputs, of which BIAS is the one explained. */
export function readSoftmax(operation: usize, count: i32): void {
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
