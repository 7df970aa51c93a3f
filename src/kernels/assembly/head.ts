/**
 * The end of a network that both kernels of shallow nets share: an activation, dense layers, a last activation. A
 * candidate's inputs of it are h + c: the reference's, and what masking the candidate would add.
 */
import { EXP, LINEAR, RELU, SOFTMAX } from '../layout/activationCodes'
import { FINAL_ACTIVATION, FIRST_ACTIVATION, LAYERS, OUTPUT, SIGN, UNITS, WIDTH } from '../layout/head'
import {
  LAYER_ACTIVATION,
  LAYER_BIAS,
  LAYER_INPUTS,
  LAYER_PADDED_UNITS,
  LAYER_UNITS,
  LAYER_WEIGHTS,
} from '../layout/headLayer'
import { HEAD_BYTES, LAYER_BYTES } from '../layout/recordSizes'
import { activate, isRising } from './activations'

/** Bytes of the head's inputs. */
export let units: usize = 0

let plan: usize = 0
let first: i32 = 0
let layers: i32 = 0
let last: i32 = 0
let output: i32 = 0
let width: usize = 0
let sign: f32 = 1
let layerAt: usize = 0
let scratch: usize = 0
let logits: usize = 0

/** Reads the head at `at`. @returns bytes of work space that it needs for so many candidates */
export function openHead(planAt: usize, at: usize, candidates: i32): usize {
  plan = planAt
  units = <usize>load<i32>(at + UNITS * 4) << 2
  first = load<i32>(at + FIRST_ACTIVATION * 4)
  layers = load<i32>(at + LAYERS * 4)
  last = load<i32>(at + FINAL_ACTIVATION * 4)
  output = load<i32>(at + OUTPUT * 4)
  width = <usize>load<i32>(at + WIDTH * 4)
  sign = <f32>load<i32>(at + SIGN * 4)
  layerAt = at + HEAD_BYTES
  return layerBytes() * 2 + (<usize>(candidates + 3) << 2)
}

export function placeHead(work: usize): void {
  scratch = work
  logits = work + layerBytes() * 2
}

/** Of the longest layer, in whole vectors. */
@inline function layerBytes(): usize {
  return ((width + 3) & ~3) << 2
}

@inline function sum(x: v128): f32 {
  const y = f32x4.add(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return f32x4.extract_lane(y, 0) + f32x4.extract_lane(y, 1)
}

/** The score before the last activation; after it where that is a softmax or not increasing. */
export function score(h: usize, c: usize): f32 {
  if (layers == 0) {
    if (last == SOFTMAX) {
      for (let at: usize = 0; at < units; at += 16) {
        v128.store(scratch + at, f32x4.add(v128.load(h + at), v128.load(c + at)))
      }
      return softmax(scratch, <i32>width, output)
    }
    const z = load<f32>(h) + load<f32>(c)
    return isRising(last) ? z : activate(last, z)
  }
  if (layers == 1 && load<i32>(layerAt, LAYER_UNITS * 4) == 1 && (first == RELU || first == LINEAR) && last != SOFTMAX) {
    const weights = plan + <usize>load<i32>(layerAt, LAYER_WEIGHTS * 4)
    const floor = f32x4.splat(first == RELU ? 0 : -Infinity)
    let s0 = f32x4.splat(0)
    let s1 = s0
    let at: usize = 0
    for (; at + 32 <= units; at += 32) {
      const x = f32x4.pmax(floor, f32x4.add(v128.load(h + at), v128.load(c + at)))
      const y = f32x4.pmax(floor, f32x4.add(v128.load(h + at, 16), v128.load(c + at, 16)))
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(weights + at)))
      s1 = f32x4.add(s1, f32x4.mul(y, v128.load(weights + at, 16)))
    }
    if (at < units) {
      const x = f32x4.pmax(floor, f32x4.add(v128.load(h + at), v128.load(c + at)))
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(weights + at)))
    }
    const z = sum(f32x4.add(s0, s1)) + load<f32>(plan + <usize>load<i32>(layerAt, LAYER_BIAS * 4))
    return isRising(last) ? z : activate(last, z)
  }
  return scoreOfLayers(h, c)
}

/** Scores of four candidates, before the last activation as `score` tells it. */
export function scoreFour(h: usize, c0: usize, c1: usize, c2: usize, c3: usize): v128 {
  const isPlain = (first == RELU || first == LINEAR) && last != SOFTMAX && isRising(last)
  if (layers == 1 && load<i32>(layerAt, LAYER_UNITS * 4) == 1 && isPlain) {
    const weights = plan + <usize>load<i32>(layerAt, LAYER_WEIGHTS * 4)
    const floor = f32x4.splat(first == RELU ? 0 : -Infinity)
    const end = units
    let s0 = f32x4.splat(0)
    let s1 = s0
    let s2 = s0
    let s3 = s0
    for (let at: usize = 0; at < end; at += 16) {
      const x = v128.load(h + at)
      const w = v128.load(weights + at)
      s0 = f32x4.add(s0, f32x4.mul(w, f32x4.pmax(floor, f32x4.add(x, v128.load(c0 + at)))))
      s1 = f32x4.add(s1, f32x4.mul(w, f32x4.pmax(floor, f32x4.add(x, v128.load(c1 + at)))))
      s2 = f32x4.add(s2, f32x4.mul(w, f32x4.pmax(floor, f32x4.add(x, v128.load(c2 + at)))))
      s3 = f32x4.add(s3, f32x4.mul(w, f32x4.pmax(floor, f32x4.add(x, v128.load(c3 + at)))))
    }
    // Transposed: the sum of each, in its lane.
    const a = f32x4.add(unpackLow(s0, s1), unpackHigh(s0, s1))
    const b = f32x4.add(unpackLow(s2, s3), unpackHigh(s2, s3))
    const low = i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
    const high = i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
    return f32x4.add(f32x4.add(low, high), v128.load32_splat(plan + <usize>load<i32>(layerAt, LAYER_BIAS * 4)))
  }
  let z = f32x4.splat(score(h, c0))
  z = f32x4.replace_lane(z, 1, score(h, c1))
  z = f32x4.replace_lane(z, 2, score(h, c2))
  return f32x4.replace_lane(z, 3, score(h, c3))
}

@inline function unpackLow(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23)
}

@inline function unpackHigh(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31)
}

/** Any dense layers. */
function scoreOfLayers(h: usize, c: usize): f32 {
  let from = scratch
  let to = scratch + layerBytes()
  for (let at: usize = 0; at < units; at += 4) {
    store<f32>(from + at, activate(first, load<f32>(h + at) + load<f32>(c + at)))
  }
  let layer = layerAt
  let count = 0
  for (let i = 0; i < layers; i++, layer += LAYER_BYTES) {
    const inputs = load<i32>(layer, LAYER_INPUTS * 4)
    count = load<i32>(layer, LAYER_UNITS * 4)
    const padded = <usize>load<i32>(layer, LAYER_PADDED_UNITS * 4) << 2
    const activation = load<i32>(layer, LAYER_ACTIVATION * 4)
    const weights = plan + <usize>load<i32>(layer, LAYER_WEIGHTS * 4)
    const bias = plan + <usize>load<i32>(layer, LAYER_BIAS * 4)
    if (count == 1) {
      let z: f32 = 0
      for (let k = 0; k < inputs; k++) z += load<f32>(from + (<usize>k << 2)) * load<f32>(weights + (<usize>k << 2))
      store<f32>(to, z + load<f32>(bias))
    } else {
      for (let at: usize = 0; at < padded; at += 16) {
        let x = f32x4.splat(0)
        for (let k = 0; k < inputs; k++) {
          const w = weights + <usize>k * padded + at
          x = f32x4.add(x, f32x4.mul(v128.load32_splat(from + (<usize>k << 2)), v128.load(w)))
        }
        v128.store(to + at, f32x4.add(x, v128.load(bias + at)))
      }
    }
    if (i < layers - 1) {
      for (let k = 0; k < count; k++) {
        const at = to + (<usize>k << 2)
        store<f32>(at, activate(activation, load<f32>(at)))
      }
    }
    const done = from
    from = to
    to = done
  }
  if (last == SOFTMAX) return softmax(from, count, output)
  return isRising(last) ? load<f32>(from) : activate(last, load<f32>(from))
}

function softmax(values: usize, count: i32, output: i32): f32 {
  let highest = load<f32>(values)
  for (let k = 1; k < count; k++) highest = max(highest, load<f32>(values + (<usize>k << 2)))
  let total: f64 = 0
  for (let k = 0; k < count; k++) total += Math.exp(<f64>(load<f32>(values + (<usize>k << 2)) - highest))
  return <f32>(Math.exp(<f64>(load<f32>(values + (<usize>output << 2)) - highest)) / total)
}

/** Keeps the score of a candidate, before its last activation, for `chooseBest`. */
@inline export function keepScore(index: i32, z: f32): void {
  store<f32>(logits + (<usize>index << 2), z * sign)
}

/** Keeps the scores of four candidates from `index` on. */
@inline export function keepFourScores(index: i32, z: v128): void {
  v128.store(logits + (<usize>index << 2), f32x4.mul(z, f32x4.splat(sign)))
}

/** Writes the scores kept of so many candidates. */
export function storeScores(count: i32, to: usize): void {
  const isBefore = last != SOFTMAX && isRising(last)
  for (let at: usize = 0; at < <usize>count << 2; at += 4) {
    const z = load<f32>(logits + at) * sign
    store<f32>(to + at, isBefore ? activate(last, z) : z)
  }
}

/** Index of the candidate with the best score kept, ties to the lowest. The score goes to `scoreAt`. */
export function chooseBest(count: i32, scoreAt: usize): i32 {
  let best = 0
  let z = load<f32>(logits)
  for (let index = 1; index < count; index++) {
    const other = load<f32>(logits + (<usize>index << 2))
    if (other > z) {
      best = index
      z = other
    }
  }
  const increasing = last != SOFTMAX && isRising(last)
  const top = increasing ? activate(last, z * sign) : z * sign
  store<f32>(scoreAt, top)
  if (!increasing || last == LINEAR) return best
  // Different inputs of the last activation can give the same float32 score, which is a tie. What lies farther from the
  // best than one that is none is none.
  let different: f32 = -Infinity
  for (let index = 0; index < best; index++) {
    const other = load<f32>(logits + (<usize>index << 2))
    if (other <= different || !mayTie(last, z * sign, other * sign)) continue
    if (activate(last, other * sign) == top) return index
    different = other
  }
  return best
}

/** False only where two inputs surely give different float32 results: activations are evaluated for few candidates. */
@inline function mayTie(activation: i32, a: f32, b: f32): bool {
  if (activation == RELU) return a <= 0 && b <= 0
  const gap = abs(a - b)
  if (activation == EXP) return gap < 1e-6 || a < -80
  // The slope of sigmoid and tanh is at least e^(-2|z|) / 4, and a float32 step at most 2^-24 of the result.
  const z = max(abs(a), abs(b))
  return z > 4 || gap < <f32>(z > 2 ? 1e-3 : z > 1 ? 1e-4 : 1e-5)
}
