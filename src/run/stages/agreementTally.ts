/** How far methods, and seeds of one method, say the same of the same sequences: sums while sequences stream. */
import { jaccard, meanRanks, rankCorrelation, rankingOf } from '../../compare/rankings.ts'
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
    const asked = [...found.keys()].sort().map((key) => {
      const [method, replicate] = key.split(' ') as [string, string]
      return { method, isFirst: replicate === '0', importances: found.get(key)! }
    })
    for (const { id, first } of sequences) {
      const kept = new Set(first)
      const said = asked.flatMap(({ method, isFirst, importances }) => {
        const importance = importances.get(id)
        if (importance === undefined) return []
        const top = new Set(rankingOf(importance, this.#direction).subarray(0, first.length))
        return [{ method, isFirst, top, ranks: meanRanks(importance) }]
      })
      for (const [i, a] of said.entries()) {
        if (a.isFirst) this.#count('sis', a.method, undefined, jaccard(kept, a.top))
        for (const b of said.slice(i + 1)) {
          if (a.method !== b.method && !(a.isFirst && b.isFirst)) continue
          this.#count(a.method, b.method, rankCorrelation(a.ranks, b.ranks), jaccard(a.top, b.top))
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
