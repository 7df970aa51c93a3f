/** What the page and the terminal tell of SIS in real contexts, and the sentences that tell it. */
import { count, counted, fixed, listed, percent } from '../base/format.ts'

export interface ReachFacts {
  /** In the order asked for. */
  readonly fills: readonly FillFacts[]
  /** SIS that were tried. */
  readonly sis: number
  /** Proved for every completion; undefined where no bound is known of the network. */
  readonly proved: number | undefined
  /** A completion is known that ends the decision. */
  readonly refuted: number
  /** Undefined where no decision ended. */
  readonly losses: LossFacts | undefined
}

export interface FillFacts {
  readonly fill: string
  /** Of each SIS. */
  readonly completions: number
  /** Of all completions of all SIS, those under which the decision holds. */
  readonly share: number
  /** The same completions with the SIS masked. */
  readonly shareWithout: number
  readonly medianShare: number
  /** SIS under which the decision holds in more than half of their completions, and in all. */
  readonly robust: number
  readonly always: number
  /** [bins] SIS by their share, over [0, 1]. */
  readonly histogram: readonly number[]
}

export interface LossFacts {
  readonly sequences: number
  readonly least: number
  readonly median: number
  readonly most: number
  /** Of all bases that were masked, those in an SIS of their sequence. */
  readonly inSis: number
}

/** What each kind of completion is, for people. */
export const fillNames: Readonly<Record<string, string>> = {
  shuffled: 'the sequence’s own other bases, shuffled',
  others: 'bases of sequences that the model does not call',
  background: 'bases drawn by the background',
}

/** Sentences about one model; the first names it. */
export function reachSentences(name: string, { fills, sis, proved, refuted, losses }: ReachFacts): string[] {
  const kinds = fills.map(
    ({ fill, share, shareWithout }) =>
      `${percent(share, 1)} of contexts of ${fillNames[fill] ?? fill} (${percent(shareWithout, 1)} without the SIS)`,
  )
  return [
    `${name}: with real bases in the place of the mask, SIS keep the decision in ${listed(kinds)}.`,
    proofSentence(sis, proved, refuted),
    ...(losses === undefined ? [] : [lossSentence(losses)]),
  ]
}

function proofSentence(sis: number, proved: number | undefined, refuted: number): string {
  const against =
    refuted === sis
      ? `for ${sis === 1 ? 'it' : 'each of them'} a context is known that ends the decision`
      : `for ${count(refuted)} a context is known that ends the decision`
  if (proved === undefined) {
    return `Of ${counted(sis, 'SIS', 'SIS')} none can be proved for every context, since no bound is known of such a network; ${against}.`
  }
  return `${proved === 0 ? 'None' : count(proved)} of ${counted(sis, 'SIS', 'SIS')} ${proved === 1 ? 'is' : 'are'} proved to keep the decision in every context there is; ${against}.`
}

function lossSentence({ sequences, least, median, most, inSis }: LossFacts): string {
  return `Masking ${fixed(median, 0)} ${median === 1 ? 'base' : 'bases'} ends the decision (median of ${counted(sequences, 'sequence')}, ${count(least)} to ${count(most)}; each time the base whose loss costs most, so fewer may do); ${percent(inSis, 1)} of these bases lie in an SIS.`
}
