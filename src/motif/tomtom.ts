/**
 * Motifs compared with known ones: Tomtom (Gupta, Stamatoyannopoulos, Bailey, Noble, Genome Biology 8:R24, 2007) with the
 * complete scores of Tanaka, Bailey, Grant, Noble, Keich (Bioinformatics 27:1603, 2011), as MEME's Tomtom has them today.
 */
import { baseCount } from '../sequence/alphabet.ts'
import { consensusOf } from './consensus.ts'
import { reverseComplementMatrix } from './motif.ts'
import type { Matrix } from '../sequence/matrix.ts'

/** A motif to compare; a known motif is one. */
export interface ComparedMotif {
  readonly id: string
  readonly name: string
  readonly ppm: Matrix // [width][4], rows sum to 1
  /** Columns of the motif as a query that score 0 against all: they say nothing. None unless given. */
  readonly silent?: readonly boolean[] | undefined // [width]
}

/** How well a known motif (the target) fits a motif (the query). */
export interface MotifMatch {
  readonly queryId: string
  readonly targetId: string
  readonly targetName: string
  /** 0 is the query's best match. */
  readonly matchRank: number
  /** Of a target of this width matching this well by chance, at its best offset on either strand. */
  readonly pValue: number
  /** p-value times the number of targets. */
  readonly eValue: number
  /** Benjamini and Hochberg (1995) over the targets of this query. */
  readonly qValue: number
  /** Target column of the query's first column; positive where the query is shifted right. */
  readonly optimalOffset: number
  /** Columns that lie on each other. */
  readonly overlap: number
  readonly queryConsensus: string
  /** Of the target as oriented. */
  readonly targetConsensus: string
  /** '-' where the target's reverse complement matches. */
  readonly orientation: '+' | '-'
}

/** Scores of a column are cut into this many integer steps, as in Tomtom. */
const scoreSteps = 100

/**
 * Column similarity is minus the Euclidean distance (Tomtom's default), less the query column's median over all target
 * columns: a query column that hangs over counts as median, so short overlaps have no edge over long ones. The null
 * draws target columns independently from all columns of all targets on both strands: the distribution of each span's
 * sum by dynamic programming, and of the best of all offsets and both strands as if offsets were independent,
 * P(best >= s) = 1 - prod over offsets of (1 - P(sum >= s))^2. With fewer than about 50 targets the null is poor; and it is
 * poor for columns of a query that say little: `matchMotifs` of compareMotifs.ts is for motifs from data.
 * @returns all targets of all queries, best first within each query
 */
export function tomtom(queries: readonly ComparedMotif[], targets: readonly ComparedMotif[]): MotifMatch[] {
  return [...tomtomOneByOne(queries, targets)].flat()
}

/** The same, one query after another, each computed when it is asked for. */
export function* tomtomOneByOne(
  queries: readonly ComparedMotif[],
  targets: readonly ComparedMotif[],
): Generator<MotifMatch[]> {
  if (targets.length === 0) return
  const database = new TargetColumns(targets)
  for (const query of queries) yield matchesOf(query, targets, database)
}

/** The columns of all targets one after another, then those of all their reverse complements. */
class TargetColumns {
  readonly columns: Float64Array // [columns, 4]
  readonly count: number
  /** Column at which target t begins, and its reverse complement. */
  readonly starts: readonly [Int32Array, Int32Array]
  readonly widths: Int32Array

  constructor(targets: readonly ComparedMotif[]) {
    this.widths = Int32Array.from(targets, ({ ppm }) => ppm.length)
    const total = this.widths.reduce((sum, width) => sum + width, 0)
    this.count = 2 * total
    this.columns = new Float64Array(this.count * baseCount)
    this.starts = [new Int32Array(targets.length), new Int32Array(targets.length)]
    let column = 0
    for (const [t, { ppm }] of targets.entries()) {
      this.starts[0][t] = column
      this.starts[1][t] = total + column
      this.columns.set(ppm.flat(), column * baseCount)
      this.columns.set(reverseComplementMatrix(ppm).flat(), (total + column) * baseCount)
      column += ppm.length
    }
  }
}

interface Best {
  score: number
  offset: number
  overlap: number
  strand: 0 | 1
}

function matchesOf(
  query: ComparedMotif,
  targets: readonly ComparedMotif[],
  database: TargetColumns,
): MotifMatch[] {
  const width = query.ppm.length
  const scores = new ColumnScores(query, database)
  const best = targets.map((_, t) => bestAlignment(scores, width, database, t))
  const pValueOf = new BestScoreTails(scores, width, Math.max(...database.widths))
  const pValues = best.map(({ score }, t) => pValueOf.tail(score, database.widths[t]!))
  const qValues = benjaminiHochberg(pValues)
  const queryConsensus = consensusOf(query.ppm)
  return [...targets.keys()]
    .sort((a, b) => pValues[a]! - pValues[b]! || best[b]!.score - best[a]!.score || a - b)
    .map((t, matchRank) => {
      const { id, name, ppm } = targets[t]!
      const { offset, overlap, strand } = best[t]!
      return {
        queryId: query.id,
        targetId: id,
        targetName: name,
        matchRank,
        pValue: pValues[t]!,
        eValue: pValues[t]! * targets.length,
        qValue: qValues[t]!,
        optimalOffset: offset,
        overlap,
        queryConsensus,
        targetConsensus: consensusOf(strand === 0 ? ppm : reverseComplementMatrix(ppm)),
        orientation: strand === 0 ? '+' : '-',
      }
    })
}

/** Integer scores of each query column against each target column (0 of a silent one), and their null distribution. */
class ColumnScores {
  readonly scores: Int16Array // [width, columns]; the column's median is 0
  /** Least score of any query column. */
  readonly least: number
  readonly most: number
  /** Share of target columns with score `least + i`, for each query column. */
  readonly shares: readonly Float64Array[] // [width][most - least + 1]

  constructor({ ppm, silent }: ComparedMotif, { columns, count }: TargetColumns) {
    let lowest = 0
    let highest = 0
    const similarity = ppm.map((row, i) => {
      const values = new Float64Array(count)
      if (silent?.[i] === true) return values
      for (let column = 0; column < count; column++) {
        let sum = 0
        for (let base = 0; base < baseCount; base++) {
          sum += (row[base]! - columns[column * baseCount + base]!) ** 2
        }
        values[column] = -Math.sqrt(sum)
      }
      const middle = -medianDistance(values)
      for (let column = 0; column < count; column++) {
        values[column]! -= middle
        lowest = Math.min(lowest, values[column]!)
        highest = Math.max(highest, values[column]!)
      }
      return values
    })
    const step = (highest - lowest) / scoreSteps || 1
    this.scores = new Int16Array(ppm.length * count)
    for (const [i, values] of similarity.entries()) {
      for (let column = 0; column < count; column++) {
        this.scores[i * count + column] = Math.round(values[column]! / step)
      }
    }
    this.least = Math.round(lowest / step)
    this.most = Math.round(highest / step)
    this.shares = ppm.map((_, i) => {
      const shares = new Float64Array(this.most - this.least + 1)
      for (let column = 0; column < count; column++)
        shares[this.scores[i * count + column]! - this.least]! += 1 / count
      return shares
    })
  }
}

/** The offset and strand with the highest sum; of equals the one with more overlap, then the first. */
function bestAlignment(
  { scores }: ColumnScores,
  width: number,
  database: TargetColumns,
  target: number,
): Best {
  const targetWidth = database.widths[target]!
  let best: Best = { score: -Infinity, offset: 0, overlap: 0, strand: 0 }
  for (const strand of [0, 1] as const) {
    const start = database.starts[strand][target]!
    for (let offset = 1 - width; offset < targetWidth; offset++) {
      const from = Math.max(0, -offset)
      const to = Math.min(width, targetWidth - offset)
      let score = 0
      for (let i = from; i < to; i++) score += scores[i * database.count + start + offset + i]!
      const overlap = to - from
      if (score > best.score || (score === best.score && overlap > best.overlap)) {
        best = { score, offset, overlap, strand }
      }
    }
  }
  return best
}

/** Tail probabilities of the best score over all offsets and both strands, for targets of any width. */
class BestScoreTails {
  readonly #width: number
  readonly #least: number
  readonly #scores: number
  /** Log of P(sum < s) summed over the spans that a target of this width makes, by score; filled when asked for. */
  readonly #logBelow = new Map<number, Float64Array>()
  /** Log of P(sum < s) of spans [i, i + n): of the prefix, of the suffix, and summed over all starts, by n. */
  readonly #prefixes: Float64Array[] = []
  readonly #suffixes: Float64Array[] = []
  readonly #windows: Float64Array[] = []

  /** Targets are at most `longest` wide, so no longer span is needed. */
  constructor({ least, most, shares }: ColumnScores, width: number, longest: number) {
    this.#width = width
    this.#least = Math.min(0, least * width)
    const highest = Math.max(0, most * width)
    this.#scores = highest - this.#least + 1
    for (let n = 1; n <= Math.min(width, longest); n++) this.#windows[n] = new Float64Array(this.#scores)
    for (let start = 0; start < width; start++) {
      let sums = Float64Array.of(1)
      for (let end = start + 1; end <= Math.min(width, start + longest); end++) {
        sums = convolve(sums, shares[end - 1]!)
        const n = end - start
        const logs = this.#logOfBelow(sums, n * least)
        if (start === 0) this.#prefixes[n] = logs
        if (end === width) this.#suffixes[n] = logs
        const window = this.#windows[n]!
        for (let s = 0; s < window.length; s++) window[s]! += logs[s]!
      }
    }
  }

  /** P(the best score of a random target of this width >= score). */
  tail(score: number, targetWidth: number): number {
    let logs = this.#logBelow.get(targetWidth)
    if (!logs) {
      logs = this.#ofWidth(targetWidth)
      this.#logBelow.set(targetWidth, logs)
    }
    // Twice for the two strands; expm1 keeps the tiny tails that 1 - p would lose.
    return -Math.expm1(2 * logs[score - this.#least]!)
  }

  #ofWidth(targetWidth: number): Float64Array {
    // Slid over the target, the query meets it first with a suffix, then with all its windows of the full overlap, then
    // with a prefix: width + targetWidth - 1 offsets in all.
    const full = Math.min(this.#width, targetWidth)
    const logs = new Float64Array(this.#scores)
    const add = (spans: Float64Array, times = 1): void => {
      for (let s = 0; s < logs.length; s++) logs[s]! += times * spans[s]!
    }
    for (let n = 1; n < full; n++) {
      add(this.#prefixes[n]!)
      add(this.#suffixes[n]!)
    }
    add(this.#windows[full]!, this.#width <= targetWidth ? targetWidth - this.#width + 1 : 1)
    return logs
  }

  /** @param shares probabilities of the sums from `first` on */
  #logOfBelow(shares: Float64Array, first: number): Float64Array {
    const logs = new Float64Array(this.#scores)
    let tail = 0
    for (let s = this.#scores - 1; s >= 0; s--) {
      tail = Math.min(1, tail + (shares[s + this.#least - first] ?? 0))
      logs[s] = Math.log1p(-tail)
    }
    return logs
  }
}

function convolve(sums: Float64Array, shares: Float64Array): Float64Array<ArrayBuffer> {
  const result = new Float64Array(sums.length + shares.length - 1)
  for (let step = 0; step < shares.length; step++) {
    const share = shares[step]!
    if (share === 0) continue
    for (let s = 0; s < sums.length; s++) result[s + step]! += sums[s]! * share
  }
  return result
}

/** The smallest false discovery rate at which each would be called (Benjamini, Hochberg, J. R. Stat. Soc. B 57:289, 1995). */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => pValues[b]! - pValues[a]!)
  const qValues = new Array<number>(pValues.length)
  let least = 1
  for (const [i, at] of order.entries()) {
    least = Math.min(least, (pValues[at]! * pValues.length) / (pValues.length - i))
    qValues[at] = least
  }
  return qValues
}

/** Euclidean distances of probability vectors are at most the square root of 2. */
const medianBins = 10_000

/** @param similarities minus the distances; @returns the median distance, to a ten-thousandth of the largest possible */
function medianDistance(similarities: Float64Array): number {
  const bins = new Int32Array(medianBins + 1)
  const scale = medianBins / Math.SQRT2
  for (let i = 0; i < similarities.length; i++)
    bins[Math.min(medianBins, Math.floor(-similarities[i]! * scale))]!++
  let below = 0
  const bin = bins.findIndex((inBin) => (below += inBin) >= similarities.length / 2)
  return (bin + 0.5) / scale
}
