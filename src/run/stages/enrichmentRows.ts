/** Whether positives have each motif more often than negatives: sequences scanned with its site matrix, and Fisher's exact test. */
import { setImmediate } from 'node:timers/promises'
import { fisherUpperTail } from '../../motif/fisher.ts'
import { compositionOf } from '../../motif/informativeColumns.ts'
import { ppmOf } from '../../motif/motif.ts'
import { bestHit, leastScore, pValueOf, scanMotif, scanSequence } from '../../motif/scan.ts'
import { splitNames, type SequenceSet, type Split } from '../../sequence/sequenceSet.ts'
import type { Row } from '../../store/tables.ts'

/** A site has at most this p-value: FIMO's default. */
const siteP = 1e-4
/** A motif so short or vague that even its best site is more frequent than this by chance is not counted. */
const mostSiteP = 1e-3

export interface EnrichmentOptions {
  /** Whose sequences are counted: those that are explained. */
  readonly splits: readonly Split[]
  /** The output that a motif's model explains. */
  readonly outputOf: (motif: Row<'motifs'>) => number
  readonly signal: AbortSignal
  readonly progress: (motifs: number) => void
}

/** @returns a row for each motif where the splits hold both classes; none for motifs without a site rare enough */
export async function enrichmentRows(
  motifs: readonly Row<'motifs'>[],
  set: SequenceSet,
  { splits, outputOf, signal, progress }: EnrichmentOptions,
): Promise<Row<'motif_enrichment'>[]> {
  const codes = splits.map((split) => splitNames.indexOf(split))
  const counted = Array.from({ length: set.count }, (_, row) => row).filter((row) =>
    codes.includes(set.splits[row]!),
  )
  const sequenceOf = (row: number): Uint8Array => set.codes.subarray(row * set.length, (row + 1) * set.length)
  const background = compositionOf(counted.map(sequenceOf))
  const sequences = counted.map((row) => ({ row, scanned: scanSequence(sequenceOf(row)) }))
  const rows: Row<'motif_enrichment'>[] = []
  for (const [done, motif] of motifs.entries()) {
    const labelled = sequences.map(({ row, scanned }) => ({
      scanned,
      label: labelOf(set, row, outputOf(motif)),
    }))
    const positives = labelled.filter(({ label }) => label > 0)
    const negatives = labelled.filter(({ label }) => label <= 0)
    const { nsites, site_pfm } = motif
    const weights = scanMotif(ppmOf(site_pfm, nsites, background), { nsites, background })
    const p = Math.max(siteP, pValueOf(weights, weights.highest))
    if (positives.length > 0 && negatives.length > 0 && p <= mostSiteP) {
      const least = leastScore(weights, p)
      const having = (sequence: (typeof labelled)[number]): boolean =>
        bestHit(weights, sequence.scanned, least) !== undefined
      const positivesWith = positives.filter(having).length
      const negativesWith = negatives.filter(having).length
      rows.push({
        motif_id: motif.motif_id,
        splits: splits.join(', '),
        site_p: p,
        positives: positives.length,
        positives_with: positivesWith,
        negatives: negatives.length,
        negatives_with: negativesWith,
        odds_ratio: oddsRatio(positivesWith, positives.length, negativesWith, negatives.length),
        p_value: fisherUpperTail(positivesWith, positives.length, negativesWith, negatives.length),
      })
    }
    progress(done + 1)
    await setImmediate() // lets signals through
    signal.throwIfAborted()
  }
  return rows
}

/** The output's own label where each output has one, the first otherwise; NaN where it is unknown. */
function labelOf({ labels, labelNames }: SequenceSet, row: number, output: number): number {
  const targets = labelNames.length
  return labels[row * targets + (output < targets ? output : 0)]!
}

/** Half a sequence is added to each count (Haldane 1955), so that it is finite. */
function oddsRatio(having: number, size: number, otherHaving: number, otherSize: number): number {
  return ((having + 0.5) * (otherSize - otherHaving + 0.5)) / ((size - having + 0.5) * (otherHaving + 0.5))
}
