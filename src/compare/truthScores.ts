/** SIS positions against planted ones, where the truth is known: precision, recall and F1, micro-averaged. */
import { ascending, countIn, unionPositions, valueOf, type SisPositions } from './rows.ts'

/** One planted site. */
export interface PlantedSite {
  readonly sequence_id: number
  readonly motif: string
  readonly positions: readonly number[]
}

export interface TruthScore {
  readonly model_id: number
  /** Explained sequences with planted sites. */
  readonly sequences: number
  /** Of the SIS positions, those that were planted. */
  readonly precision: number
  /** Of the planted positions, those that are in an SIS. */
  readonly recall: number
  readonly f1: number
}

export interface MotifRecall {
  readonly model_id: number
  readonly motif: string
  /** Planted sites of the motif in explained sequences. */
  readonly sites: number
  /** Planted positions of those sites, and how many of them are in an SIS. */
  readonly positions: number
  readonly recovered: number
  readonly recall: number
}

/**
 * Positions are counted over all sequences that a model explains and that have planted sites: the union over the SIS of
 * a sequence against the union over its sites. A model that explains no such sequence has no row.
 * @returns scores by model; recall by model and motif name
 */
export function truthScores(
  sis: Iterable<SisPositions>,
  truth: Iterable<PlantedSite>,
): { scores: TruthScore[]; motifs: MotifRecall[] } {
  const sitesOf = new Map<number, PlantedSite[]>()
  for (const site of truth) valueOf(sitesOf, site.sequence_id, () => [] as PlantedSite[]).push(site)
  const unions = unionPositions(sis)
  const scores: TruthScore[] = []
  const motifs: MotifRecall[] = []
  for (const model_id of ascending(unions.keys())) {
    const tallies = new Map<string, { sites: number; positions: number; recovered: number }>()
    let sequences = 0
    let kept = 0
    let planted = 0
    let shared = 0
    for (const [sequence_id, positions] of unions.get(model_id)!) {
      const sites = sitesOf.get(sequence_id)
      if (sites === undefined) continue
      const union = new Set(sites.flatMap((site) => site.positions))
      sequences++
      kept += positions.size
      planted += union.size
      shared += countIn(union, positions)
      for (const site of sites) {
        const tally = valueOf(tallies, site.motif, () => ({ sites: 0, positions: 0, recovered: 0 }))
        tally.sites++
        tally.positions += site.positions.length
        tally.recovered += countIn(site.positions, positions)
      }
    }
    if (sequences === 0) continue
    const precision = shared / kept
    const recall = ratio(shared, planted)
    scores.push({ model_id, sequences, precision, recall, f1: ratio(2 * shared, kept + planted) })
    for (const motif of [...tallies.keys()].sort()) {
      const tally = tallies.get(motif)!
      motifs.push({ model_id, motif, ...tally, recall: ratio(tally.recovered, tally.positions) })
    }
  }
  return { scores, motifs }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
