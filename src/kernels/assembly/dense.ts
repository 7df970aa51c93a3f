/**
 * Backward selection of fully connected nets. The first layer is linear: masking a base adds one row of the table to its
 * outputs, the same row whatever else is masked. ../../engine/README.md; planDense.ts lays out the memory.
 */
import { BANKS, BIAS, CODES, FEATURES, HEAD, LENGTH, PRESENT, SCORES, TABLE, WORK } from '../layout/denseHeader'
import { chooseBest, keepScore, openHead, placeHead, score, storeScores, units } from './head'

/** Steps between two sums of h from the table: adding changes drifts. */
const REFRESH: i32 = 32

let length: i32 = 0
let banks: i32 = 0
let candidates: usize = 0 // [L] present bases, ascending
let count: i32 = 0
let hidden: usize = 0 // [BANKS][units]
let changes: usize = 0 // [BANKS][L][units]

@inline function field(plan: usize, index: i32): i32 {
  return load<i32>(plan + (<usize>index << 2))
}

@inline function place(plan: usize, index: i32): usize {
  return plan + <usize>field(plan, index)
}

/** @returns the end of the work space */
function lay(plan: usize): usize {
  length = field(plan, LENGTH)
  banks = field(plan, BANKS)
  const headBytes = openHead(plan, place(plan, HEAD), length)
  const all = <usize>banks
  candidates = place(plan, WORK)
  hidden = (candidates + (<usize>length << 2) + 63) & ~63
  changes = hidden + all * units
  const head = changes + all * <usize>length * units
  placeHead(head)
  return head + headBytes
}

/** @returns bytes of work space that a plan needs */
export function workBytes(plan: usize): f64 {
  return <f64>(lay(plan) - place(plan, WORK))
}

/** Backward selection of the input at CODES. @returns the number of features masked */
export function select(plan: usize): i32 {
  lay(plan)
  const codes = place(plan, CODES)
  const features = place(plan, FEATURES)
  const scores = place(plan, SCORES)
  begin(plan, codes)
  const total = count
  for (let step = 0; step < total; step++) {
    if (step % REFRESH == 0) sumHidden(plan, codes)
    scoreCandidates()
    const index = chooseBest(count, scores + (<usize>step << 2))
    const hole = candidates + (<usize>index << 2)
    const base = load<i32>(hole)
    store<i32>(features + (<usize>step << 2), base)
    count--
    memory.copy(hole, hole + 4, <usize>(count - index) << 2)
    store<u8>(codes + base, 4)
    for (let bank = 0; bank < banks; bank++) {
      add(hidden + <usize>bank * units, changes + <usize>(bank * length + base) * units)
    }
  }
  return total
}

/** The score of the input at CODES with each present base masked alone, in their order. @returns how many there are */
export function scoreEach(plan: usize): i32 {
  lay(plan)
  const codes = place(plan, CODES)
  begin(plan, codes)
  sumHidden(plan, codes)
  scoreCandidates()
  storeScores(count, place(plan, SCORES))
  return count
}

/** Of both strands the larger score counts. */
function scoreCandidates(): void {
  for (let index = 0; index < count; index++) {
    const change = changes + <usize>load<i32>(candidates + (<usize>index << 2)) * units
    let z = score(hidden, change)
    if (banks > 1) z = max(z, score(hidden + units, change + <usize>length * units))
    keepScore(index, z)
  }
}

/** What masking each base changes. */
function begin(plan: usize, codes: usize): void {
  const present = place(plan, PRESENT)
  const table = place(plan, TABLE)
  count = 0
  for (let j = 0; j < length; j++) {
    if (load<u8>(present + j) == 0) {
      store<u8>(codes + j, 4)
      continue
    }
    store<i32>(candidates + (<usize>count << 2), j)
    count++
    const code = <usize>load<u8>(codes + j)
    for (let bank = 0; bank < banks; bank++) {
      const row = table + <usize>(bank * length + j) * 6 * units
      const to = changes + <usize>(bank * length + j) * units
      for (let at: usize = 0; at < units; at += 16) {
        v128.store(to + at, f32x4.sub(v128.load(row + 4 * units + at), v128.load(row + code * units + at)))
      }
    }
  }
}

function sumHidden(plan: usize, codes: usize): void {
  for (let bank = 0; bank < banks; bank++) {
    const h = hidden + <usize>bank * units
    memory.copy(h, place(plan, BIAS), units)
    let row = place(plan, TABLE) + <usize>(bank * length) * 6 * units
    for (let j = 0; j < length; j++, row += 6 * units) add(h, row + <usize>load<u8>(codes + j) * units)
  }
}

@inline function add(to: usize, row: usize): void {
  for (let at: usize = 0; at < units; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(row + at)))
  }
}
