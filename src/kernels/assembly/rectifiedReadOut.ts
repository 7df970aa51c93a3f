/**
 * A convolution behind a rectifier that only the read-out reads. Where a candidate leaves the sign of a sum as it is, the
 * score changes by the gradient times what it changes of the input; what remains are the sums whose sign may turn: by
 * Cauchy and Schwarz, those nearer to zero than the lengths of the rows that reach them allow. With wide windows they
 * are few, and the widest layer costs little.
 */
import { ENTRIES, FINAL_BIAS, LISTS, NOTHING, REFERENCE_LOGIT } from '../layout/differencesHeader'
import {
  DIFFERENCES,
  DILATION,
  GRADIENT,
  INPUT,
  LENGTHS,
  MET,
  NORMS,
  OUTPUT,
  PADDING,
  PASSED,
  READOUT,
  TAPS,
  TRANSPOSED,
  WEIGHTS,
} from '../layout/differencesOperation'
import { FORWARD, POSITION_COUNT, REFERENCE, WIDTH } from '../layout/differencesValue'
import { rectifiedSum } from './bentDifferences'
import {
  blockOf,
  candidateAt,
  field,
  header,
  high,
  logits,
  low,
  place,
  placeOf,
  plan,
  size,
  state,
  sum,
  valueAt,
} from './differencesMemory'
import { readRow } from './linearDifferences'
import { addList, addProducts, beginLists } from './sparseProducts'

export function readAllRectified(operation: usize): void {
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
export function computeGradient(operation: usize): void {
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
export function settleRectified(operation: usize, masked: i32): void {
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

export function readRectified(operation: usize, count: i32): void {
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
