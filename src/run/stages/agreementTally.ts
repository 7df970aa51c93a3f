/** How far methods, and seeds of one method, say the same of the same sequences: sums while sequences stream. */
import { jaccard, rankCorrelation, rankingOf } from '../../compare/rankings.ts'
import type { Decision } from '../../sis/decision.ts'
import type { Row } from '../../store/tables.ts'
import type { JudgedSequence } from './scoredMethods.ts'

interface Tally {
  sequences: number
  correlations: number
  correlated: number
  overlaps: number
}

/** Importances by `METHOD REPLICATE`, then by sequence. */
export type Importances = ReadonlyMap<string, ReadonlyMap<number, readonly number[]>>

export class AgreementTally {
  readonly #direction: Decision['direction']
  readonly #pairs = new Map<string, Tally>()

  constructor(direction: Decision['direction']) {
    this.#direction = direction
  }

  add(sequences: readonly JudgedSequence[], found: Importances): void {
    const keys = [...found.keys()].sort()
    for (const { id, first } of sequences) {
      const tops = new Map<string, ReadonlySet<number>>()
      const topOf = (key: string, importance: readonly number[]): ReadonlySet<number> => {
        const known = tops.get(key)
        if (known !== undefined) return known
        const top = new Set(rankingOf(importance, this.#direction).subarray(0, first.length))
        tops.set(key, top)
        return top
      }
      for (const [i, a] of keys.entries()) {
        const own = found.get(a)!.get(id)
        if (own === undefined) continue
        const [method, replicate] = a.split(' ') as [string, string]
        if (replicate === '0') this.#count('sis', method, undefined, jaccard(new Set(first), topOf(a, own)))
        for (const b of keys.slice(i + 1)) {
          const other = found.get(b)!.get(id)
          if (other === undefined) continue
          const [otherMethod, otherReplicate] = b.split(' ') as [string, string]
          if (method !== otherMethod && (replicate !== '0' || otherReplicate !== '0')) continue
          this.#count(
            method,
            otherMethod,
            rankCorrelation(own, other),
            jaccard(topOf(a, own), topOf(b, other)),
          )
        }
      }
    }
  }

  /** @returns mean rank correlation between replicates, of methods that have several */
  seeds(): ReadonlyMap<string, number> {
    const seeds = new Map<string, number>()
    for (const [key, { correlations, correlated }] of this.#pairs) {
      const [a, b] = key.split(' ')
      if (a === b && correlated > 0) seeds.set(a!, correlations / correlated)
    }
    return seeds
  }

  /** Of pairs of methods. */
  rows(model: number): Row<'method_agreement'>[] {
    return [...this.#pairs].flatMap(([key, { sequences, correlations, correlated, overlaps }]) => {
      const [a, b] = key.split(' ') as [string, string]
      if (a === b) return []
      return [
        {
          model_id: model,
          method: a,
          other_method: b,
          sequences,
          correlation: correlated === 0 ? null : correlations / correlated,
          overlap: overlaps / sequences,
        },
      ]
    })
  }

  #count(a: string, b: string, correlation: number | undefined, overlap: number): void {
    const key = a < b ? `${a} ${b}` : `${b} ${a}`
    const tally = this.#pairs.get(key) ?? { sequences: 0, correlations: 0, correlated: 0, overlaps: 0 }
    this.#pairs.set(key, tally)
    tally.sequences++
    tally.overlaps += overlap
    if (correlation === undefined) return
    tally.correlations += correlation
    tally.correlated++
  }
}
