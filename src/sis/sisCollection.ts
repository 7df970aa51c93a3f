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
import type { Scorer } from './scorer.ts'
import type {
  BackwardSelector,
  Certificate,
  MaskableInput,
  Ordering,
  SisCollection,
  SufficientInputSubset,
} from './types.ts'

export interface SisCollectionOptions {
  /** The full predictor. */
  readonly scorer: Scorer
  readonly decision: Decision
  /** Finds the orderings; the reference selector unless given. */
  readonly selector?: BackwardSelector | undefined
  /** Stop after this many subsets. */
  readonly maxSis?: number | undefined
  /** Uint8Array [featureCount], 0 where the feature is masked from the start and never part of an SIS; 1 unless given. */
  readonly present?: Uint8Array | undefined
}

/** What is explained, by which scores. */
interface Problem {
  readonly input: MaskableInput
  readonly scorer: Scorer
  readonly decision: Decision
  /** What may be in an SIS. */
  readonly full: Uint8Array // [featureCount]
}

/** Features that are not masked, and f of the input with them alone. */
interface Residual {
  readonly present: Uint8Array // [featureCount]
  readonly score: number
}

/** A subset of a residual. */
interface Found {
  readonly members: Int32Array // ascending
  readonly certificate: Certificate
  /** Without the members. */
  readonly residual: Residual
  /** Nothing that was present is left in the residual. */
  readonly exhausted: boolean
  readonly evaluations: number
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
  const { scorer, decision, maxSis = Infinity } = options
  checkWidth(input, scorer)
  const full = options.present ?? new Uint8Array(featureCount(input)).fill(1)
  const problem: Problem = { input, scorer, decision, full }
  const reference = createReferenceSelector(scorer, decision.direction)
  const selector = options.selector ?? reference
  const scoreFull = await scoreOf(problem, full)

  const subsets: SufficientInputSubset[] = []
  let residual: Residual = { present: full, score: scoreFull }
  let evaluations = 1
  while (decisionHolds(decision, residual.score)) {
    let found = await findCertified(problem, selector, residual)
    evaluations += found.evaluations
    const recomputed = !found.certificate.certified && selector !== reference
    if (recomputed) {
      found = await findCertified(problem, reference, residual)
      evaluations += found.evaluations
    }
    const { members, certificate } = found
    const vacuous = members.length === 0
    subsets.push({ rank: subsets.length, features: members, certificate, vacuous, recomputed })
    if (vacuous || found.exhausted || subsets.length >= maxSis) break
    residual = found.residual
    evaluations++
  }
  const { selection = 'exact' } = selector
  return { name: input.name, scoreFull, selection, subsets, evaluations }
}

/**
 * Orders, finds, certifies. τ is often a score itself, and an engine's is off by rounding: where the certificate fails, the
 * predictor's own scores say where the ordering meets τ.
 */
async function findCertified(
  problem: Problem,
  selector: BackwardSelector,
  residual: Residual,
): Promise<Found> {
  const ordering = await orderFeatures(problem, selector, residual)
  const found = await readSubset(problem, ordering, residual)
  if (found.certificate.certified || selector.scoredBy === 'predictor') return found
  const rescored = await rescore(problem, ordering, residual)
  return isRounded(ordering, rescored) ? readSubset(problem, rescored, residual) : found
}

/** BackSelect. @throws Error where the selector is broken: it may err by rounding, not by what it orders */
async function orderFeatures(
  { input }: Problem,
  selector: BackwardSelector,
  { present }: Residual,
): Promise<Ordering> {
  const ordering = await selector.select(input, present)
  const { features, scores } = ordering
  const left = present.slice()
  for (const feature of features) {
    if (left[feature] !== 1) throw new Error(`the selector masked feature ${feature} twice or out of turn`)
    left[feature] = 0
  }
  if (left.includes(1)) throw new Error(`the selector left feature ${left.indexOf(1)} unmasked`)
  if (scores.length !== features.length)
    throw new Error('the selector returned an ordering without all scores')
  return ordering
}

/** FindSIS on an ordering, and the certificate of what it finds. */
async function readSubset(
  { input, scorer, decision, full }: Problem,
  ordering: Ordering,
  { present, score }: Residual,
): Promise<Found> {
  const { length } = ordering.features
  const members = findSis(ordering, score, decision)!.sort()
  const left = present.slice()
  for (const member of members) left[member] = 0
  const certificate = await certify(scorer, decision, input, { full, residual: left, members })
  return {
    members,
    certificate,
    residual: { present: left, score: certificate.scoreResidual },
    exhausted: members.length === length,
    evaluations: ordering.evaluations ?? (length * (length + 1)) / 2,
  }
}

/** An ordering with the predictor's score after each masking. */
async function rescore(
  { input, scorer }: Problem,
  ordering: Ordering,
  { present }: Residual,
): Promise<Ordering> {
  const { features } = ordering
  const scores = await scorer.score(input, features.length, (target, offset, from, to) => {
    const kept = present.slice()
    for (let row = 0; row < to; row++) {
      kept[features[row]!] = 0
      if (row >= from) writeKept(input, kept, target, offset + (row - from) * scorer.width)
    }
  })
  return { ...ordering, scores }
}

/** Whether an ordering's scores are those of the predictor but for rounding; a selector further off is not believed. */
function isRounded({ scores }: Ordering, { scores: exact }: Ordering): boolean {
  const largest = exact.reduce((most, score) => Math.max(most, Math.abs(score)), 0)
  return exact.every((score, i) => isRoundingOf(score, scores[i]!, largest))
}

/**
 * Sums round by the size of what they add, not of what comes out: beside scores of 10, one of 1e-6 is as good as 0.
 * @param scale the largest score of the ordering
 */
function isRoundingOf(exact: number, score: number, scale: number): boolean {
  return Math.abs(exact - score) <= 1e-5 * Math.max(Math.abs(exact), Math.abs(score)) + 1e-6 * scale
}

async function scoreOf({ input, scorer }: Problem, present: Uint8Array): Promise<number> {
  const scores = await scorer.score(input, 1, (target, offset) => {
    writeKept(input, present, target, offset)
  })
  return scores[0]!
}

function checkWidth(input: MaskableInput, { width }: Scorer): void {
  if (input.cells.length !== width || input.maskedCells.length !== width) {
    throw new DataError(`has ${input.cells.length} cells where the model reads ${width}`, {
      sequence: input.name,
    })
  }
}
