/** What motifs are called in sentences: by the factor that names them, else by their consensus. */
import { shortenRuns } from '../base/format.ts'

/** A motif as far as its name goes. */
interface CalledMotif {
  readonly motif_id: number
  /** Null: of the joint clustering. */
  readonly model_id: number | null
  /** Unique, e.g. cnn_1. */
  readonly name: string
  /** `named`, or why it is not; see naming.ts. */
  readonly naming: string
  readonly consensus: string
}

/** The best known match of a motif. */
interface NamingMatch {
  readonly motif_id: number
  readonly target_id: string
  /** Empty where the file of known motifs gives none. */
  readonly target_name: string
}

/**
 * Two motifs of a model that would be called the same are told apart by their own names.
 * @param motifs all of every model that is told of
 * @param matches the best of each motif that was compared
 * @returns by motif_id
 */
export function motifLabels(
  motifs: readonly CalledMotif[],
  matches: readonly NamingMatch[],
): ReadonlyMap<number, string> {
  const factors = new Map(
    matches.map(({ motif_id, target_id, target_name }) => [
      motif_id,
      target_name === '' ? target_id : target_name,
    ]),
  )
  const called = motifs.map(({ motif_id, naming, consensus }) =>
    naming === 'named' ? factors.get(motif_id)! : shortenRuns(consensus),
  )
  const uses = new Map<string, number>()
  const useOf = (i: number): string => `${motifs[i]!.model_id} ${called[i]!}`
  for (const i of motifs.keys()) uses.set(useOf(i), (uses.get(useOf(i)) ?? 0) + 1)
  return new Map(
    motifs.map(({ motif_id, name }, i) => [
      motif_id,
      uses.get(useOf(i))! > 1 ? `${called[i]!} (${name})` : called[i]!,
    ]),
  )
}
