/**
 * The reference of the differences kernel: all numbers of the network with what has been masked so far, computed afresh
 * or brought up to date by the block of the base masked last.
 */
import { BASES, ENTRIES, FINAL_BIAS, LISTS, REFERENCE_LOGIT, VALUES, VALUE_COUNT } from '../layout/differencesHeader'
import {
  ACTIVATED,
  ACTIVATION,
  AFTER,
  BEFORE,
  BIAS,
  CHANNELS,
  CODE,
  DILATION,
  INDEX,
  INPUT,
  OTHER,
  OUTPUT,
  PADDING,
  PER_POSITION,
  READOUT,
  SIZE,
  STRIDE,
  TAPS,
  WEIGHTS,
} from '../layout/differencesOperation'
import { FORWARD, LAST_READER, POSITION_COUNT, REFERENCE, WIDTH } from '../layout/differencesValue'
import { BEND, PRODUCT, READ, RECTIFIED_READ, SCALE, SOFTMAX_READ, SUM } from '../layout/operationCodes'
import { OPERATION_BYTES, VALUE_BYTES } from '../layout/recordSizes'
import {
  bank,
  bankCodes,
  blockOf,
  field,
  header,
  high,
  length,
  low,
  LOWEST,
  operations,
  operationsEnd,
  place,
  placeOf,
  plan,
  size,
  state,
  valueAt,
} from './differencesMemory'
import { addScaled, readRow } from './linearDifferences'
import { computeGradient, readAllRectified } from './rectifiedReadOut'
import { addList, addProducts, beginLists } from './sparseProducts'
import { activateVector } from './vectorActivations'

/** All numbers of the reference from its codes. */
export function computeReference(): void {
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

/** Adds a block to the reference once the last operation that reads both is done. */
export function settle(operation: usize, value: usize, masked: i32): void {
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

export function updateReference(masked: i32): void {
  for (let operation = operations; operation < operationsEnd; operation += OPERATION_BYTES) {
    if (field(operation, CODE) == BEND) prepareBend(operation, masked)
  }
}
