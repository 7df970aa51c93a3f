/**
 * One sequence as text: under each model its kept bases large and in their motif's colour, all else small; below them the
 * motifs' letters, the ranks of several SIS and planted sites; then every SIS with its scores and parts.
 */
import { count, counted, fixed, score } from '../../base/format.ts'
import type { Sheet } from '../../terminal/sheet.ts'
import { fill } from '../../terminal/textWidth.ts'
import type { MotifRef } from '../../report/logicFacts.ts'
import type { ShownDecision, ShownPart, ShownSequence, ShownSis } from './loadSequence.ts'
import { motifKey, paintMotif } from './motifColours.ts'
import { placeText } from './place.ts'

/** Lines are broken after a multiple of this. */
const group = 10
/** Kept, and in no motif. */
const noMotif = '*'

export function sequenceText(sheet: Sheet, { sequence, planted, decisions }: ShownSequence): void {
  const { name, sequence: bases, label, labels, split } = sequence
  sheet.heading(name)
  const place = placeText(sequence, 0, bases.length)
  sheet.facts([
    ['length', counted(bases.length, 'base')],
    ['split', split],
    [
      'label',
      labels === null || labels.length < 2
        ? String(label ?? 'none')
        : labels.map((one) => one ?? '–').join(' '),
    ],
    ...(place === undefined ? [] : [['genome', `${place} (${sequence.strand ?? '+'})`] as const]),
    ...planted.map(
      ({ motif, strand, positions }) =>
        ['planted', `${motif} (${strand}) at ${positions[0]! + 1}-${positions.at(-1)! + 1}`] as const,
    ),
  ])
  for (const decision of decisions) {
    sheet.heading(decision.model)
    const sign = decision.direction === '<=' ? '≤' : '≥'
    const f = decision.score === null ? 'not scored' : `f(x) = ${score(decision.score)}`
    if (decision.sis.length === 0) {
      sheet.paragraph(
        `${f}, no SIS (a decision is f ${sign} ${score(decision.threshold)}, in the splits that were explained).`,
      )
      continue
    }
    sheet.paragraph(
      `${f} ${sign} τ = ${score(decision.threshold)}: ${counted(decision.sis.length, 'SIS', 'SIS')}`,
    )
    draw(sheet, bases, decision, new Set(planted.flatMap(({ positions }) => positions)))
    for (const sis of decision.sis) sisText(sheet, sis)
    if (decision.loss !== undefined) {
      const { positions, score_left, in_sis } = decision.loss
      sheet.blank()
      sheet.paragraph(
        `masking ${counted(positions.length, 'base')} ends the decision (each time the one whose loss costs most): ${positions.map((at) => at + 1).join(', ')}; ${in_sis} in an SIS, score left ${score(score_left)}`,
        '  ',
      )
    }
  }
}

interface Kept {
  readonly rank: number
  readonly motif: MotifRef | undefined
}

function draw(sheet: Sheet, bases: string, { sis }: ShownDecision, planted: ReadonlySet<number>): void {
  const kept = new Map<number, Kept>()
  for (const { rank, positions, parts } of sis) {
    for (const at of positions) {
      kept.set(at, { rank, motif: parts.find(({ first, last }) => first <= at && at <= last)?.motif })
    }
  }
  const margin = String(bases.length).length + 2
  const columns = Math.max(group, Math.floor((sheet.width - margin) / group) * group)
  const indent = ' '.repeat(margin)
  const several = sis.length > 1
  for (let from = 0; from < bases.length; from += columns) {
    const places = Array.from({ length: Math.min(columns, bases.length - from) }, (_, i) => from + i)
    const number = sheet.paint('dim', fill(String(from + 1), margin - 2, true))
    const letterAt = (at: number): string => {
      const one = kept.get(at)
      if (one === undefined) return bases[at]!.toLowerCase()
      return paintMotif(bases[at]!.toUpperCase(), one.motif, sheet.paint)
    }
    sheet.drawn(`${number}  ${places.map(letterAt).join('')}`)
    const below = (tell: (at: number) => string): void => {
      const line = places.map(tell).join('')
      if (line.trim() !== '') sheet.drawn(indent + line.trimEnd())
    }
    below((at) => {
      const one = kept.get(at)
      if (one === undefined) return ' '
      return one.motif === undefined ? noMotif : motifKey(one.motif)
    })
    if (several) below((at) => (kept.has(at) ? String(kept.get(at)!.rank % 10) : ' '))
    below((at) => (planted.has(at) ? '=' : ' '))
  }
  legend(sheet, kept, several, planted.size > 0)
}

function legend(sheet: Sheet, kept: ReadonlyMap<number, Kept>, several: boolean, isPlanted: boolean): void {
  const motifs = new Map<number, MotifRef>()
  let alone = false
  for (const { motif } of kept.values()) {
    if (motif === undefined) alone = true
    else motifs.set(motif.motifId, motif)
  }
  const keys = [...motifs.values()]
    .sort((a, b) => a.order - b.order)
    .map((motif) => `${motifKey(motif)} ${calledMotif(motif)}`)
  const others = [
    ...(alone ? [`${noMotif} in no motif`] : []),
    ...(several ? ['0 1 … rank of the SIS'] : []),
    ...(isPlanted ? ['= planted'] : []),
  ]
  if (keys.length + others.length > 0) sheet.quiet([...keys, ...others].join('; '))
}

function sisText(sheet: Sheet, sis: ShownSis): void {
  sheet.blank()
  if (sis.vacuous) {
    sheet.paragraph(`rank ${sis.rank}: empty, since all masked scores ${score(sis.score_masked)} already`)
    return
  }
  const proofs = [sis.certified ? 'certified' : 'not certified', sis.minimal ? '1-minimal' : 'not 1-minimal']
  if (sis.recomputed) proofs.push('recomputed')
  sheet.paragraph(
    `rank ${sis.rank}: ${counted(sis.size, 'base')}; f(x_S) = ${score(sis.score_sis)}, residual ${score(sis.score_residual)}, all masked ${score(sis.score_masked)}; ${proofs.join(', ')}`,
    '  ',
  )
  sheet.paragraph(`  ${sis.pattern}`, '  ')
  if (sis.contexts !== undefined) sheet.paragraph(`  in real contexts: ${contextsText(sis)}`, '  ')
  if (sis.parts.length > 0) sheet.paragraph(`  parts: ${sis.parts.map(partText).join('; ')}`, '  ')
}

function contextsText({ completions, contexts }: ShownSis): string {
  const shares = completions.map(
    ({ fill, held, completions: all, share_low, share_high }) =>
      `${fill} ${count(held)} of ${count(all)} (95 % ${fixed(share_low, 2)} to ${fixed(share_high, 2)})`,
  )
  const { proved, refuted, score_bound, score_worst } = contexts!
  const proof =
    proved === true
      ? `proved for every one (bound ${score(score_bound)})`
      : refuted
        ? `one is known that ends the decision (score ${score(score_worst)})`
        : 'neither proved for every one nor refuted'
  return `${shares.join(', ')}; ${proof}`
}

function partText({ first, last, size, motif, strand }: ShownPart): string {
  const at = first === last ? count(first + 1) : `${first + 1}-${last + 1}`
  if (motif !== undefined) return `${at} ${calledMotif(motif)} (${strand ?? '?'})`
  return size === 1 ? `${at} a single base` : `${at} in no motif`
}

function calledMotif({ name, label }: MotifRef): string {
  return label === name || label.includes(name) ? label : `${label} (${name})`
}
