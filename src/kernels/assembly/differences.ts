/**
 * Backward selection by propagating differences: for each base that could be masked next, what masking it would change at
 * each place of the network, kept from step to step. See ../../engine/README.md; differenceMemory.ts lays out the memory.
 *
 * Of a value (what lies between two operations) the *reference* is its numbers with what has been masked so far; the
 * *block* of a candidate is its difference from the reference if the candidate were masked too, on the positions where it
 * can differ (the window). A step changes blocks; *changes* of blocks are what runs from operation to operation.
 */
import { KEPT } from '../layout/blockKinds'
import {
  BANKS,
  BLOCK_STEPS,
  CANDIDATES,
  CODES,
  FEATURES,
  MEETS_HIGH,
  MEETS_LOW,
  PRESENT,
  REFERENCE_LOGIT,
  REFERENCE_STEPS,
  SCORES,
  VALUES,
  VALUE_COUNT,
} from '../layout/differencesHeader'
import { CODE, INPUT, OTHER } from '../layout/differencesOperation'
import { BLOCK_BYTES, KIND } from '../layout/differencesValue'
import { BEND, PRODUCT, READ, RECTIFIED_READ, SCALE, SOFTMAX_READ, SUM } from '../layout/operationCodes'
import { OPERATION_BYTES, VALUE_BYTES } from '../layout/recordSizes'
import { bend } from './bentDifferences'
import { choose, storeScores } from './bestCandidate'
import {
  bank,
  bankCodes,
  enter,
  field,
  header,
  isTransient,
  keptOf,
  length,
  logits,
  open,
  operations,
  operationsEnd,
  place,
  positions,
  rankAt,
  size,
  slots,
  state,
  valueAt,
} from './differencesMemory'
import { computeReference, settle, updateReference } from './differencesReference'
import { add, multiply, read, readSoftmax, regroup, scale } from './linearDifferences'
import { readRectified, settleRectified } from './rectifiedReadOut'

/** Backward selection of the input at CODES. @returns the number of features masked */
export function select(base: usize): i32 {
  open(base)
  const banks = header(BANKS)
  const candidates = place(CANDIDATES)
  const features = place(FEATURES)
  const scores = place(SCORES)
  let left = begin()
  const total = left
  followAll(left)
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
    for (let strand = 0; strand < banks; strand++) {
      enter(strand)
      const masked = strand == 0 ? chosen : length - 1 - chosen
      maskBase(masked)
      if (afresh || (step + 1) % header(REFERENCE_STEPS) == 0) computeReference()
      else updateReference(masked)
      follow(candidates, left, afresh, masked)
    }
  }
  return total
}

/** The score of the input at CODES with each present base masked alone, in their order. @returns how many there are */
export function scoreEach(base: usize): i32 {
  open(base)
  const count = begin()
  followAll(count)
  storeScores(place(CANDIDATES), count, place(SCORES))
  return count
}

/** The blocks and scores of all candidates, from nothing. */
function followAll(count: i32): void {
  for (let strand = 0; strand < header(BANKS); strand++) {
    enter(strand)
    computeReference()
    follow(place(CANDIDATES), count, true, -1)
  }
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
  for (let strand = 0; strand < header(BANKS); strand++) {
    enter(strand)
    for (let rank = 0; rank < count; rank++) {
      const base = load<i32>(candidates + (<usize>rank << 2))
      store<i32>(rankAt(strand == 0 ? base : length - 1 - base), rank)
    }
    for (let j = 0; j < length; j++) {
      let code = load<u8>(present + j) != 0 ? load<u8>(codes + j) : <u8>4
      if (strand == 0) store<u8>(bankCodes + j, code)
      else store<u8>(bankCodes + (length - 1 - j), code < 4 ? 3 - code : code)
    }
  }
  return count
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
    memory.fill(keptOf(value, candidate), 0, size(value, BLOCK_BYTES))
  }
  store<f64>(logits + (<usize>candidate << 3), 0)
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
