/**
 * SIScollection of the paper (Carter et al. 2019, algorithm 1): finds an SIS, masks it, and repeats on the residual
 * while that still gives the decision. Every SIS is certified by the full predictor before it is returned.
 */
import { DataError } from '../base/errors.ts'
import { createReferenceSelector } from './backwardSelect.ts'
import { certify } from './certify.ts'
import { decisionHolds, type Decision } from './decision.ts'
import { findSis } from './findSis.ts'
import { featureCount, writeKept } from './masking.ts'
import { isRoundingOf } from './rounding.ts'
import type {
  BackwardSelector,
  Certificate,
  MaskableInput,
  Ordering,
  Scorer,
  SisCollection,
  SufficientInputSubset,
} from './types.ts'

export interface SisCollectionOptions {
  /** Of the predictor that is explained. */
  readonly scorer: Scorer
  readonly decision: Decision
  /** Finds the orderings; the reference selector unless given. */
  readonly selector?: BackwardSelector | undefined
  /** Stop after this many subsets. */
  readonly maxSis?: number | undefined
  /**
   * Uint8Array [featureCount], 1 where the feature may be part of an SIS; the others are masked from the start. All
   * unless given.
   */
  readonly present?: Uint8Array | undefined
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
  { scorer, decision, maxSis = Infinity, ...options }: SisCollectionOptions,
): Promise<SisCollection> {
  if (input.cells.length !== scorer.width || input.maskedCells.length !== scorer.width) {
    throw new DataError(`has ${input.cells.length} cells where the model reads ${scorer.width}`, {
      sequence: input.name,
    })
  }
  const reference = createReferenceSelector(scorer, decision.direction)
  const selector = options.selector ?? reference
  const full = options.present ?? new Uint8Array(featureCount(input)).fill(1)
  const scoreFull = await scoreOf(scorer, input, full)

  const subsets: SufficientInputSubset[] = []
  let evaluations = 1
  let present = full
  let score = scoreFull
  while (decisionHolds(decision, score)) {
    const round = { scorer, decision, input, full, present, score }
    let found = await findCertified(selector, round)
    evaluations += found.evaluations
    const recomputed = !found.certificate.certified && selector !== reference
    if (recomputed) {
      found = await findCertified(reference, round)
      evaluations += found.evaluations
    }

    const { members, certificate } = found
    const vacuous = members.length === 0
    subsets.push({ rank: subsets.length, features: members, certificate, vacuous, recomputed })
    if (vacuous || found.exhausted || subsets.length >= maxSis) break
    present = found.residual
    score = certificate.scoreResidual
    evaluations++
  }
  const { selection = 'exact' } = selector
  return { name: input.name, scoreFull, selection, subsets, evaluations }
}

/** One search for an SIS: in the input as explained, on what the SIS before have left. */
interface Round {
  readonly scorer: Scorer
  readonly decision: Decision
  readonly input: MaskableInput
  /** What was present at the start. */
  readonly full: Uint8Array // [featureCount]
  readonly present: Uint8Array // [featureCount]
  /** Of what is present; it gives the decision. */
  readonly score: number
}

interface Found {
  readonly members: Int32Array // ascending
  readonly residual: Uint8Array // [featureCount]
  readonly certificate: Certificate
  /** Nothing that was present is left in the residual. */
  readonly exhausted: boolean
}

/** Orders what is present, reads the SIS off and certifies it; scores that are off by rounding are given a second reading. */
async function findCertified(
  selector: BackwardSelector,
  round: Round,
): Promise<Found & { readonly evaluations: number }> {
  const ordering = await selector.select(round.input, round.present)
  checkOrdering(ordering, round.present)
  const { length } = ordering.features
  const evaluations = ordering.evaluations ?? (length * (length + 1)) / 2
  const found = await readCertified(ordering, round)
  if (found.certificate.certified || selector.scoredBy === 'predictor') return { ...found, evaluations }
  const rescored = await rescore(ordering, round)
  return { ...(rescored === undefined ? found : await readCertified(rescored, round)), evaluations }
}

/** FindSIS on an ordering, and the certificate of what it gives. */
async function readCertified(ordering: Ordering, round: Round): Promise<Found> {
  const { scorer, decision, input, full } = round
  const members = findSis(ordering, round.score, decision)!.sort()
  const residual = round.present.slice()
  for (const member of members) residual[member] = 0
  const certificate = await certify(scorer, decision, input, { full, residual, members })
  return { members, residual, certificate, exhausted: members.length === ordering.features.length }
}

/**
 * τ is often a score itself, and an engine's is off by rounding: the predictor says where the ordering meets τ.
 * @returns undefined where the scores differ by more than rounding: then the ordering is not believed
 */
async function rescore(ordering: Ordering, round: Round): Promise<Ordering | undefined> {
  const scores = await scoresAlong(ordering.features, round)
  const scale = scores.reduce((largest, exact) => Math.max(largest, Math.abs(exact)), 0)
  const rounded = scores.every((exact, i) => isRoundingOf(exact, ordering.scores[i]!, scale))
  return rounded ? { features: ordering.features, scores } : undefined
}

/** The predictor's scores after each masking of an ordering: Float32Array [p]. */
function scoresAlong(features: Int32Array, { scorer, input, present }: Round): Promise<Float32Array> {
  return scorer.score(input, features.length, (target, offset, from, to) => {
    const kept = present.slice()
    for (let row = 0; row < to; row++) {
      kept[features[row]!] = 0
      if (row >= from) writeKept(input, kept, target, offset + (row - from) * scorer.width)
    }
  })
}

async function scoreOf(scorer: Scorer, input: MaskableInput, kept: Uint8Array): Promise<number> {
  const scores = await scorer.score(input, 1, (target, offset) => {
    writeKept(input, kept, target, offset)
  })
  return scores[0]!
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
