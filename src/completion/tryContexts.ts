/** What a model makes of one SIS in real contexts: under how many the decision holds, and the worst that was found. */
import { DataError } from '../base/errors.ts'
import type { Predictor } from '../predict/predictor.ts'
import { baseCount, masked } from '../sequence/alphabet.ts'
import { decisionHolds, directionSign, type Decision } from '../sis/decision.ts'
import { drawFills, freePositions, type FillKind, type FillSources } from './fills.ts'

export interface KeptBases {
  /** Names the sequence in errors, and its streams of random numbers. */
  readonly name: string
  readonly codes: Uint8Array // [L]
  /** The SIS: positions kept, 0-based. */
  readonly positions: readonly number[]
}

interface FillTally {
  readonly fill: FillKind
  readonly completions: number
  /** Completions under which the decision holds. */
  readonly held: number
  /** The same completions with the SIS masked: what the context gives by itself. */
  readonly heldWithout: number
  readonly scoreMean: number
  /** The furthest from the decision. */
  readonly scoreWorst: number
}

export interface TriedContexts {
  readonly tallies: readonly FillTally[]
  /** The completion furthest from the decision of all that were drawn or sought. */
  readonly worst: { readonly codes: Uint8Array; readonly score: number }
  /** Whether the decision ends under it: no proof can be. */
  readonly refuted: boolean
}

export interface ContextOptions {
  readonly decision: Decision
  readonly fills: readonly FillKind[]
  /** Of each kind. */
  readonly completions: number
  readonly sources: FillSources
  readonly signal?: AbortSignal | undefined
}

/** Bases changed one after the other, at most, where every completion drawn keeps the decision. */
const mostChanges = 12

/** @throws DataError naming the sequence where a score is NaN, what `drawFills` throws */
export async function tryContexts(
  predictor: Predictor,
  sis: KeptBases,
  options: ContextOptions,
): Promise<TriedContexts> {
  const { decision, fills, completions, sources, signal } = options
  const sign = directionSign(decision.direction)
  const { width } = predictor
  const free = freePositions(width, sis.positions)
  const tallies: FillTally[] = []
  let worst = { codes: sis.codes, score: sign * Infinity }
  for (const fill of fills) {
    signal?.throwIfAborted()
    const rows = new Uint8Array(2 * completions * width)
    rows.set(drawFills(fill, completions, { ...sis, free }, sources))
    rows.copyWithin(completions * width, 0, completions * width)
    for (let row = completions; row < 2 * completions; row++) {
      for (const position of sis.positions) rows[row * width + position] = masked
    }
    const scores = await scoresOf(predictor, decision.output, rows, sis.name)
    const [own, without] = [scores.subarray(0, completions), scores.subarray(completions)]
    const holding = (some: Float32Array): number =>
      some.reduce((count, score) => count + Number(decisionHolds(decision, score)), 0)
    const last = furthest(own, sign)
    if (sign * own[last]! < sign * worst.score) {
      worst = { codes: rows.slice(last * width, (last + 1) * width), score: own[last]! }
    }
    tallies.push({
      fill,
      completions,
      held: holding(own),
      heldWithout: holding(without),
      scoreMean: own.reduce((sum, score) => sum + score, 0) / completions,
      scoreWorst: own[last]!,
    })
  }
  if (decisionHolds(decision, worst.score)) worst = await seekWorse(predictor, sis, free, worst, options)
  return { tallies, worst, refuted: !decisionHolds(decision, worst.score) }
}

/** Changes the free base that takes the score furthest from the decision, until it ends or no change does. */
async function seekWorse(
  predictor: Predictor,
  { name }: KeptBases,
  free: Int32Array,
  from: TriedContexts['worst'],
  { decision, signal }: ContextOptions,
): Promise<TriedContexts['worst']> {
  const sign = directionSign(decision.direction)
  const { width } = predictor
  const rows = new Uint8Array(free.length * (baseCount - 1) * width)
  let worst = from
  for (let change = 0; change < mostChanges && decisionHolds(decision, worst.score); change++) {
    signal?.throwIfAborted()
    let at = 0
    for (const position of free) {
      for (let step = 1; step < baseCount; step++) {
        rows.set(worst.codes, at)
        rows[at + position] = (worst.codes[position]! + step) % baseCount
        at += width
      }
    }
    if (at === 0) break // all is kept
    const scores = await scoresOf(predictor, decision.output, rows, name)
    const best = furthest(scores, sign)
    if (sign * scores[best]! >= sign * worst.score) break
    worst = { codes: rows.slice(best * width, (best + 1) * width), score: scores[best]! }
  }
  return worst
}

/** The index of the score that is furthest from the decision; the first of equals. */
function furthest(scores: Float32Array, sign: 1 | -1): number {
  let last = 0
  for (let i = 1; i < scores.length; i++) if (sign * scores[i]! < sign * scores[last]!) last = i
  return last
}

async function scoresOf(
  predictor: Predictor,
  output: number,
  rows: Uint8Array, // [n, L]
  sequence: string,
): Promise<Float32Array> {
  const count = rows.length / predictor.width
  const numbers = await predictor.predict(rows, count)
  const outputs = predictor.outputs.length
  const scores = Float32Array.from({ length: count }, (_, row) => numbers[row * outputs + output]!)
  if (scores.some(Number.isNaN)) throw new DataError('a completion of it is scored as NaN', { sequence })
  return scores
}
