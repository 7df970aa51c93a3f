/** How far the top of a ranking carries a decision by itself: sufficient lengths, kept scores, insertion and deletion curves. */
import type { Predictor } from '../predict/predictor.ts'
import { decisionHolds, type Decision } from '../sis/decision.ts'
import { scoreSubsets } from '../sis/scoreSubsets.ts'

/** A sequence and its bases, those first that are said to matter most. */
export interface Ranked {
  /** Names the sequence in errors. */
  readonly name: string
  readonly codes: Uint8Array // [L]
  readonly ranking: Int32Array // [L]
  /** Bases whose score alone is asked for: as many as the SIS has. */
  readonly kept: number
}

export interface Sufficiency {
  /** Fewest top-ranked bases that give the decision with all else masked; undefined where none do, 0 where none are needed. */
  readonly length: number | undefined
  /** Score of the top `kept` bases, all else masked. */
  readonly keptScore: number
  /** Mean score while bases are put into the masked sequence from the top, in [0, 1] for scores in [0, 1]. */
  readonly insertionArea: number
  /** Mean score while bases are masked from the top. */
  readonly deletionArea: number
}

/** Points of a curve, the ends among them, at most; the area between them is that of straight lines. */
const curvePoints = 101

/** Prefixes of one ranking scored at once: a sufficient length is short as a rule. */
const prefixesAtOnce = 16

/**
 * @returns one for each sequence
 * @throws DataError naming the sequence where a score is NaN
 */
export async function sufficiencyOf(
  predictor: Predictor,
  decision: Decision,
  sequences: readonly Ranked[],
  signal?: AbortSignal,
): Promise<Sufficiency[]> {
  const score = scorerOf(predictor, decision.output, signal)
  const lengths = await sufficientLengths(score, decision, sequences)
  const { width } = predictor
  const grid = gridOf(width)
  const asked: Prefix[] = sequences.flatMap(({ kept }, sequence) => [
    { sequence, size: kept, inserts: true },
    ...grid.map((size) => ({ sequence, size, inserts: true })),
    ...grid.map((size) => ({ sequence, size, inserts: false })),
  ])
  const scores = await score(sequences, asked)
  const each = 1 + 2 * grid.length
  return sequences.map((_, i) => {
    const own = scores.subarray(i * each, (i + 1) * each)
    return {
      length: lengths[i],
      keptScore: own[0]!,
      insertionArea: area(grid, own.subarray(1, 1 + grid.length)),
      deletionArea: area(grid, own.subarray(1 + grid.length)),
    }
  })
}

/** So many top-ranked bases alone, or all but these. */
interface Prefix {
  readonly sequence: number
  readonly size: number
  readonly inserts: boolean
}

type ScorePrefixes = (sequences: readonly Ranked[], prefixes: readonly Prefix[]) => Promise<Float32Array>

function scorerOf(predictor: Predictor, output: number, signal: AbortSignal | undefined): ScorePrefixes {
  return (sequences, prefixes) => {
    const subsets = prefixes.map(({ sequence, size, inserts }) => {
      const { name, codes, ranking } = sequences[sequence]!
      const positions = inserts ? ranking.subarray(0, size) : ranking.subarray(size)
      return { codes, positions, sequence: name }
    })
    return scoreSubsets(predictor, output, subsets, { signal })
  }
}

/** All rankings step by step, so that batches are full; those that are done are asked no more. */
async function sufficientLengths(
  score: ScorePrefixes,
  decision: Decision,
  sequences: readonly Ranked[],
): Promise<(number | undefined)[]> {
  const found: (number | undefined)[] = sequences.map(() => undefined)
  let open = sequences.map((_, i) => i)
  for (let from = 0; open.length > 0; from += prefixesAtOnce) {
    const prefixes = open.flatMap((sequence) => {
      const { length } = sequences[sequence]!.ranking
      const sizes = Math.min(prefixesAtOnce, length + 1 - from)
      return Array.from({ length: Math.max(0, sizes) }, (_, i): Prefix => ({
        sequence,
        size: from + i,
        inserts: true,
      }))
    })
    const scores = await score(sequences, prefixes)
    const asked = new Set<number>()
    for (const [i, { sequence, size }] of prefixes.entries()) {
      asked.add(sequence)
      if (found[sequence] === undefined && decisionHolds(decision, scores[i]!)) found[sequence] = size
    }
    open = [...asked].filter((sequence) => found[sequence] === undefined)
  }
  return found
}

/** Sizes from 0 to L, ascending, evenly spaced but for rounding. */
function gridOf(length: number): number[] {
  const points = Math.min(curvePoints, length + 1)
  return Array.from({ length: points }, (_, i) => Math.round((i * length) / (points - 1)))
}

function area(sizes: readonly number[], scores: Float32Array): number {
  let sum = 0
  for (let i = 1; i < sizes.length; i++) {
    sum += ((scores[i]! + scores[i - 1]!) / 2) * (sizes[i]! - sizes[i - 1]!)
  }
  return sum / sizes.at(-1)!
}
