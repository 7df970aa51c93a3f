/** One sentence that says what a model's decision rests on, with the numbers in it. */
import { count, counted, listed, percent, score, significance } from '../base/format.ts'
import type { MotifPair } from './logicOfModel.ts'
import { spacingLevel, type Spacing } from './spacing.ts'

/** Sets of motifs told of, at most; and the share of the SIS that one needs to be told of. */
const mostSets = 3
const leastShare = 0.1
/** An arrangement with this share of the pairs, and not by chance, is the one. */
const oneArrangement = 0.8

export interface SummaryFacts {
  readonly model: string
  readonly direction: '>=' | '<='
  readonly threshold: number
  /** SIS but empty ones, and the sequences that have them. */
  readonly sis: number
  readonly sequences: number
  /** Sequences with several disjoint SIS. */
  readonly severalSis: number
  /** The most frequent first. */
  readonly sets: readonly { readonly motifs: readonly number[]; readonly sis: number }[]
  readonly pairs: readonly ScoredPair[]
  readonly labelOf: (motif: number) => string
}

export interface ScoredPair extends MotifPair {
  /** Medians: the first part alone, the second alone, both; and what both have over the better part alone. */
  readonly scores: { readonly a: number; readonly b: number; readonly pair: number; readonly gain: number }
}

/** Of a model whose SIS consist of parts that recur. */
export function summaryOfParts(facts: SummaryFacts): string {
  const { sets, pairs, sis, sequences, severalSis, labelOf } = facts
  if (sis === 0) return `${facts.model} has no SIS.`
  const told = sets
    .filter(({ motifs, sis: n }) => motifs.length > 0 && n >= leastShare * sis)
    .slice(0, mostSets)
  const clauses = told.map(
    ({ motifs, sis: n }) =>
      `${setText(motifs.map(labelOf))} (${count(n)} of ${count(sis)} SIS, ${percent(n, sis)})`,
  )
  if (clauses.length === 0)
    return `${opening(facts)} many different sets of motifs (${counted(sets.length, 'set')} in ${counted(sis, 'SIS', 'SIS')}), none of which has a tenth of the SIS.`
  const rest = sis - told.reduce((sum, { sis: n }) => sum + n, 0)
  let text = `${opening(facts)} ${clauses.join(', or ')}`
  if (rest > 0) text += `; the other ${count(rest)} have other sets`
  const pair = pairOfSets(told, pairs)
  if (pair !== undefined) text += `; ${pairText(pair, labelOf)}`
  if (severalSis > 0) {
    text += `; ${count(severalSis)} of ${counted(sequences, 'sequence')} ${severalSis === 1 ? 'has' : 'have'} several disjoint SIS, each enough by itself`
  }
  return `${text}.`
}

/** Of a model whose SIS are tied to positions. */
export function summaryOfPositions({
  inMotifs,
  positions,
  length,
  ...facts
}: Pick<SummaryFacts, 'model' | 'direction' | 'threshold' | 'sis' | 'sequences'> & {
  /** SIS with a part in a motif that says something. */
  readonly inMotifs: number
  /** Fewest positions that hold half of the kept bases, of `length`. */
  readonly positions: number
  readonly length: number
}): string {
  if (facts.sis === 0) return `${facts.model} has no SIS.`
  return `${facts.model} does not look for motifs that recur: ${count(inMotifs)} of its ${counted(facts.sis, 'SIS', 'SIS')} (${percent(inMotifs, facts.sis)}) have a part in one; half of the bases that they keep lie at ${count(positions)} of ${counted(length, 'position')}, so it is shown by the positions that it needs.`
}

function opening({
  model,
  direction,
  threshold,
}: Pick<SummaryFacts, 'model' | 'direction' | 'threshold'>): string {
  return `${model} scores a sequence ${direction === '>=' ? '≥' : '≤'} ${score(threshold)} where it has`
}

const numerals = ['no', 'one', 'two', 'three', 'four', 'five', 'six']

/** e.g. "TAL1 and GATA1 together", "two sites of ELK1", "CTCF alone" */
export function setText(labels: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const items = [...counts].map(([label, n]) =>
    n === 1 ? label : `${numerals[n] ?? count(n)} sites of ${label}`,
  )
  if (items.length > 1) return `${listed(items)} together`
  return labels.length === 1 ? `${items[0]!} alone` : items[0]!
}

/** The pair of the most frequent set that is one. */
function pairOfSets(
  sets: readonly { readonly motifs: readonly number[] }[],
  pairs: readonly ScoredPair[],
): ScoredPair | undefined {
  for (const { motifs } of sets) {
    const pair = motifs.length === 2 ? pairs.find((one) => one.motifs.join() === motifs.join()) : undefined
    if (pair !== undefined) return pair
  }
  return undefined
}

function pairText(pair: ScoredPair, labelOf: (motif: number) => string): string {
  const [a, b] = pair.motifs.map(labelOf) as [string, string]
  const { scores } = pair
  const names = a === b ? `the two sites of ${a}` : `${a} and ${b}`
  const alone =
    a === b
      ? `one alone scores ${score(scores.a)} or ${score(scores.b)}`
      : `alone they score ${score(scores.a)} and ${score(scores.b)}`
  return `${names} lie ${arrangementText(pair, a, b)} and ${spacingText(pair.spacing, pair.instances.length)}; ${alone} (medians), together ${score(scores.pair)}`
}

/** e.g. "in any order and orientation", "as GATA1> TAL1> (98 %)" */
function arrangementText(
  { arrangement, arrangementShare, arrangementPValue }: MotifPair,
  a: string,
  b: string,
): string {
  if (arrangementPValue >= spacingLevel) return 'in any order and orientation'
  const named = arrangement.replace(/[AB]/g, (letter) => (letter === 'A' ? a : b))
  const share = percent(arrangementShare, 1)
  return arrangementShare >= oneArrangement ? `as ${named} (${share})` : `mostly as ${named} (${share})`
}

/** e.g. "10 bases apart (96 % of 120 pairs)", "17 to 163 bases apart (median 60; no preferred distance)" */
function spacingText(
  { kind, preferred, distances, median, periodPValue, closePValue }: Spacing,
  pairs: number,
): string {
  const [top] = preferred
  const [least, most] = [distances[0]!.gap, distances.at(-1)!.gap]
  const range = `${least < 0 ? 'overlapping or up' : least} to ${most} bases apart (median ${median}`
  switch (kind) {
    case 'fixed':
      return `${counted(top!.gap, 'base')} apart (${percent(top!.observed, pairs)} of ${counted(pairs, 'pair')})`
    case 'preferred':
      return `${range}; ${preferred.length === 1 ? 'preferred' : 'most often'} ${top!.gap}: ${percent(top!.observed, pairs)}, p = ${significance(top!.pValue)})`
    case 'periodic':
      return `${range}; distances repeat with the helical turn, p = ${significance(periodPValue)})`
    case 'close':
      return `${range}; closer than by chance, p = ${significance(closePValue)})`
    case 'free':
      return `${range}; no preferred distance)`
  }
}
