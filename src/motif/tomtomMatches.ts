/** What a comparison found, as matches that are made when they are read: of hundreds of targets few are. */
import { consensusOf } from './consensus.ts'
import { benjaminiHochberg } from './falseDiscovery.ts'
import { reverseComplementMatrix } from './motif.ts'
import type { ComparedMotif, MotifMatch } from './motifMatch.ts'
import type { Comparison } from './tomtomKernel.ts'

/** Consensus of the targets on either strand, made once, when first asked for. */
export class TargetTexts {
  readonly targets: readonly ComparedMotif[]
  readonly #texts: readonly [string[], string[]] = [[], []]

  constructor(targets: readonly ComparedMotif[]) {
    this.targets = targets
  }

  consensus(target: number, strand: 0 | 1): string {
    const { ppm } = this.targets[target]!
    return (this.#texts[strand][target] ??= consensusOf(strand === 0 ? ppm : reverseComplementMatrix(ppm)))
  }
}

/** All targets of a query, best first. */
export class RankedTargets {
  readonly query: ComparedMotif
  readonly #texts: TargetTexts
  readonly #comparison: Comparison
  readonly #qValues: Float64Array // by rank
  #queryConsensus: string | undefined

  constructor(query: ComparedMotif, texts: TargetTexts, comparison: Comparison) {
    this.query = query
    this.#texts = texts
    this.#comparison = comparison
    this.#qValues = benjaminiHochberg(comparison.pValues, comparison.order)
  }

  all(): MotifMatch[] {
    return Array.from(this.#comparison.order, (_, rank) => this.#match(rank))
  }

  /** The best target, and the further ones whose q-value is not above this. */
  best(maxQValue: number): MotifMatch[] {
    let end = 1
    while (end < this.#qValues.length && this.#qValues[end]! <= maxQValue) end++
    return Array.from({ length: end }, (_, rank) => this.#match(rank))
  }

  #match(matchRank: number): MotifMatch {
    const { order, pValues, offsets, overlaps, strands } = this.#comparison
    const target = order[matchRank]!
    const strand = strands[target] === 0 ? 0 : 1
    const { targets } = this.#texts
    const { id, name } = targets[target]!
    return {
      queryId: this.query.id,
      targetId: id,
      targetName: name,
      matchRank,
      pValue: pValues[target]!,
      eValue: pValues[target]! * targets.length,
      qValue: this.#qValues[matchRank]!,
      optimalOffset: offsets[target]!,
      overlap: overlaps[target]!,
      queryConsensus: (this.#queryConsensus ??= consensusOf(this.query.ppm)),
      targetConsensus: this.#texts.consensus(target, strand),
      orientation: strand === 0 ? '+' : '-',
    }
  }
}
