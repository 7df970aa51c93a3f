/** Which candidate of the differences kernel is masked next. */
import { BANKS, FINAL, JOIN, REFERENCE_LOGIT, SIGN } from '../layout/differencesHeader'
import { MAXIMUM, MEAN } from '../layout/strandJoins'
import { activate, isRising } from './activations'
import { enter, header, length, logits, state } from './differencesMemory'

/**
 * The candidate whose masking leaves the best score, the lowest of equal ones; one whose score is not a number, if any.
 * @returns its index; its score goes to `at`
 */
export function choose(candidates: usize, left: i32, at: usize): i32 {
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

/** Writes the scores of so many candidates with each of them masked. */
export function storeScores(candidates: usize, count: i32, to: usize): void {
  for (let at: usize = 0; at < <usize>count << 2; at += 4) store<f32>(to + at, comparedOf(load<i32>(candidates + at), false))
}

/** What orders candidates: the logit, where the final activation never falls, else the score; the larger strand's. */
function comparedOf(candidate: i32, rising: bool): f32 {
  const banks = header(BANKS)
  if (banks == 2 && header(JOIN) != MAXIMUM) return meanOf(candidate, rising)
  let larger: f32 = 0
  for (let strand = 0; strand < banks; strand++) {
    enter(strand)
    const own = strand == 0 ? candidate : length - 1 - candidate
    const sum = load<f64>(state + <usize>header(REFERENCE_LOGIT)) + load<f64>(logits + (<usize>own << 3))
    const value = rising ? <f32>sum : activate(header(FINAL), <f32>sum)
    // Not a number stays so, whichever strand has it.
    if (strand == 0 || value > larger || value != value) larger = value
    if (larger != larger) break
  }
  return larger
}

/** As `comparedOf`, of a mean of both strands. */
function meanOf(candidate: i32, rising: bool): f32 {
  const final = header(FINAL)
  let total: f64 = 0
  for (let strand = 0; strand < 2; strand++) {
    enter(strand)
    const own = strand == 0 ? candidate : length - 1 - candidate
    const sum = load<f64>(state + <usize>header(REFERENCE_LOGIT)) + load<f64>(logits + (<usize>own << 3))
    total += header(JOIN) == MEAN ? <f64>activate(final, <f32>sum) : sum
  }
  const mean = <f32>(total / 2)
  return rising || header(JOIN) == MEAN ? mean : activate(final, mean)
}
