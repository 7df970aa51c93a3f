/**
 * SIScollection of the paper (Carter et al. 2019, algorithm 1): finds an SIS, masks it, and repeats on the residual
 * while that still gives the decision. Every SIS is certified by the full predictor before it is returned.
 */
import { DataError } from '../base/errors.ts'
import { createReferenceSelector, selectWith } from './backwardSelect.ts'
import { certify } from './certify.ts'
import { decisionHolds, type Decision } from './decision.ts'
import { findSis } from './findSis.ts'
import { featureCount, writeKept } from './masking.ts'
import type { ScoreQueue } from './queue/scoreQueue.ts'
import type {
  BackwardSelector,
  Certificate,
  MaskableInput,
  Ordering,
  SisCollection,
  SufficientInputSubset,
} from './types.ts'

export interface SisCollectionOptions {
  readonly queue: ScoreQueue
  readonly decision: Decision
  /** Finds the orderings; the reference selector unless given. */
  readonly selector?: BackwardSelector | undefined
  /** Stop after this many subsets. */
  readonly maxSis?: number | undefined
  /** Uint8Array [featureCount], 1 where the feature is masked from the start and never part of an SIS. */
  readonly initialMask?: Uint8Array | undefined
}

/**
 * Evaluations: 1 for f(x), p(p+1)/2 for the ordering of the p features present in each round, and 1 for each residual
 * on which the search may go on. A residual costs nothing where the SIS is all that was present, because the
 * ordering's last score is that of everything masked, nor once `maxSis` are found. An ordering of an engine counts the
 * same, an approximate one what it needed, an ordering that was recomputed counts twice, and certificates do not count.
 *
 * Where f(all masked) gives the decision, the collection is one empty SIS marked vacuous. An SIS that even the reference
 * selector cannot have certified (the predictor rounds differently from batch to batch) is returned with
 * `certificate.certified` false, and the search goes on without its members.
 *
 * @throws DataError naming the input where its width is not the predictor's or a score is NaN
 */
export async function sisCollection(
  input: MaskableInput,
  options: SisCollectionOptions,
): Promise<SisCollection> {
  const { queue, decision, maxSis = Infinity, initialMask } = options
  if (input.cells.length !== queue.width || input.maskedCells.length !== queue.width) {
    throw new DataError(`has ${input.cells.length} cells where the model reads ${queue.width}`, {
      sequence: input.name,
    })
  }
  const reference = createReferenceSelector(queue, decision.direction)
  const selector = options.selector ?? reference
  const full = new Uint8Array(featureCount(input)).fill(1)
  if (initialMask !== undefined) full.forEach((_, feature) => (full[feature] = 1 - initialMask[feature]!))

  const scores = await queue.score(input, 1, (target, offset) => {
    writeKept(input, full, target, offset)
  })
  const scoreFull = scores[0]!
  let evaluations = 1

  async function find(by: BackwardSelector, present: Uint8Array, score: number): Promise<Found> {
    const ordering = await selectWith(by, queue, input, present)
    checkOrdering(ordering, present)
    evaluations += ordering.evaluations ?? (ordering.features.length * (ordering.features.length + 1)) / 2
    const found = await read(ordering, present, score)
    if (found.certificate.certified || by.queued) return found
    // τ is often a score itself, and an engine's is off by rounding: the predictor says where the ordering meets τ.
    const scores = await scoresAlong(queue, input, present, ordering.features)
    const scale = scores.reduce((largest, exact) => Math.max(largest, Math.abs(exact)), 0)
    if (!scores.every((exact, i) => isRoundingOf(exact, ordering.scores[i]!, scale))) return found
    return read({ features: ordering.features, scores }, present, score)
  }

  async function read(ordering: Ordering, present: Uint8Array, score: number): Promise<Found> {
    const members = findSis(ordering, score, decision)!.sort()
    const residual = present.slice()
    for (const member of members) residual[member] = 0
    const certificate = await certify(queue, decision, input, { full, residual, members })
    return { members, residual, certificate, exhausted: members.length === ordering.features.length }
  }

  const subsets: SufficientInputSubset[] = []
  let present: Uint8Array = full
  let score = scoreFull
  while (decisionHolds(decision, score)) {
    let found = await find(selector, present, score)
    const recomputed = !found.certificate.certified && selector !== reference
    if (recomputed) found = await find(reference, present, score)

    const { members, residual, certificate, exhausted } = found
    const vacuous = members.length === 0
    subsets.push({ rank: subsets.length, features: members, certificate, vacuous, recomputed })
    if (vacuous || exhausted || subsets.length >= maxSis) break
    present = residual
    score = certificate.scoreResidual
    evaluations++
  }
  const { selection = 'exact' } = selector
  return { name: input.name, scoreFull, selection, subsets, evaluations }
}

interface Found {
  readonly members: Int32Array // ascending
  readonly residual: Uint8Array // [featureCount]
  readonly certificate: Certificate
  /** Nothing that was present is left in the residual. */
  readonly exhausted: boolean
}

/**
 * A selector whose scores are further off is not believed. Sums round by the size of what they add, not of what comes out:
 * beside scores of 10, one of 1e-6 is as good as 0.
 * @param scale the largest score of the ordering
 */
function isRoundingOf(exact: number, score: number, scale: number): boolean {
  return Math.abs(exact - score) <= 1e-5 * Math.max(Math.abs(exact), Math.abs(score)) + 1e-6 * scale
}

/** The predictor's scores after each masking of an ordering: Float32Array [p]. */
function scoresAlong(
  queue: ScoreQueue,
  input: MaskableInput,
  present: Uint8Array,
  features: Int32Array,
): Promise<Float32Array> {
  return queue.score(input, features.length, (target, offset, from, to) => {
    const kept = present.slice()
    for (let row = 0; row < to; row++) {
      kept[features[row]!] = 0
      if (row >= from) writeKept(input, kept, target, offset + (row - from) * queue.width)
    }
  })
}

/** A selector may err by rounding; one that does not order exactly the present features is broken. */
function checkOrdering({ features, scores }: Ordering, present: Uint8Array): void {
  const left = present.slice()
  for (const feature of features) {
    if (left[feature] !== 1) throw new Error(`the selector masked feature ${feature} twice or out of turn`)
    left[feature] = 0
  }
  if (left.includes(1)) throw new Error(`the selector left feature ${left.indexOf(1)} unmasked`)
  if (scores.length !== features.length)
    throw new Error('the selector returned an ordering without all scores')
}
