/** Which motifs of the joint clustering, and which sets of them in one SIS, each model's SIS have: what one has and another lacks. */

/** The SIS of a model that have these motifs, and no other motif. */
export interface SetOfModel {
  readonly model_id: number
  /** Joint motifs, ascending, each as often as an SIS has it; none where no part is in a motif. */
  readonly motifs: readonly number[]
  readonly sis: number
}

export interface MotifDifferences {
  /** By motif, ascending. */
  readonly motifs: readonly ModelShares<number>[]
  /** Those that differ most come first. */
  readonly sets: readonly ModelShares<readonly number[]>[]
}

export interface ModelShares<Of> {
  readonly of: Of
  /** Of each model's SIS, in the order of the models; in [0, 1]. */
  readonly shares: readonly number[]
  /** Index of the one model that has it at all; undefined where several do. */
  readonly only: number | undefined
  /** Largest less smallest share. */
  readonly range: number
}

/** @param models ids, and how many SIS each has that are not empty */
export function motifDifferences(
  sets: readonly SetOfModel[],
  models: readonly { readonly model_id: number; readonly sis: number }[],
): MotifDifferences {
  const bySet = new Map<string, { motifs: readonly number[]; counts: number[] }>()
  const byMotif = new Map<number, number[]>()
  for (const { model_id, motifs, sis } of sets) {
    const model = models.findIndex((one) => one.model_id === model_id)
    const key = motifs.join(' ')
    const set = bySet.get(key) ?? { motifs, counts: models.map(() => 0) }
    bySet.set(key, set)
    set.counts[model]! += sis
    for (const motif of new Set(motifs)) {
      const counts = byMotif.get(motif) ?? models.map(() => 0)
      byMotif.set(motif, counts)
      counts[model]! += sis
    }
  }
  const sharesOf = <Of>(of: Of, counts: readonly number[]): ModelShares<Of> => {
    const shares = counts.map((count, i) => (models[i]!.sis === 0 ? 0 : count / models[i]!.sis))
    const having = [...counts.keys()].filter((i) => counts[i]! > 0)
    return {
      of,
      shares,
      only: having.length === 1 ? having[0] : undefined,
      range: Math.max(...shares) - Math.min(...shares),
    }
  }
  return {
    motifs: [...byMotif].sort(([a], [b]) => a - b).map(([motif, counts]) => sharesOf(motif, counts)),
    sets: [...bySet.values()]
      .map(({ motifs, counts }) => sharesOf(motifs, counts))
      .sort((a, b) => b.range - a.range || compare(a.of, b.of)),
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((motif, i) => motif !== b[i])
  return at < 0 ? a.length - b.length : a[at]! - (b[at] ?? -1)
}
