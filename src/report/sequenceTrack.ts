/**
 * A sequence as letters, ten to a group so that it wraps at any width: kept bases boxed in the colour of their part's motif,
 * or of their SIS, with the number of the SIS beneath, masked bases grey, planted sites as a bar under them.
 */
import { count } from '../base/format.ts'
import { markup, type Markup } from './markup.ts'
import { motifStyle } from './motifName.ts'
import type { TrackedSequence, ExampleSubset } from './reportData.ts'

/** Colours of the style sheet that tell the SIS of a sequence apart. */
export const rankColours = 6

const group = 10
/** Longer sequences are cut where this many groups in a row have nothing to show. */
const emptyGroups = 4

/**
 * @param byParts whether colours are those of motifs
 * @returns the track, its picture described for readers of text
 */
export function sequenceTrack(
  { name, sequence, subsets, planted }: TrackedSequence,
  byParts: boolean,
): Markup {
  const { length } = sequence
  const ranks = new Int16Array(length).fill(-1)
  const styles = new Array<string>(length).fill('')
  for (const subset of subsets) {
    for (const position of subset.positions) {
      ranks[position] = subset.rank
      styles[position] = byParts ? partStyle(subset, position) : `s${subset.rank % rankColours}`
    }
  }
  const truth = new Int16Array(length).fill(-1)
  for (const [site, { positions }] of planted.entries())
    for (const position of positions) truth[position] = site

  const groups = Math.ceil(length / group)
  const shown = shownGroups(groups, (i) => {
    for (let p = i * group; p < Math.min(length, (i + 1) * group); p++) {
      if (ranks[p]! >= 0 || truth[p]! >= 0) return true
    }
    return false
  })
  const parts: Markup[] = []
  for (let i = 0; i < groups; i++) {
    if (shown[i] === true) {
      parts.push(groupOf(i * group, Math.min(length, (i + 1) * group)))
    } else {
      let skipped = i
      while (skipped < groups && shown[skipped] !== true) skipped++
      parts.push(
        markup`<span class="skip">${count(Math.min(length, skipped * group) - i * group)} masked bases</span>`,
      )
      i = skipped - 1
    }
  }

  function groupOf(from: number, to: number): Markup {
    const letters: Markup[] = []
    const bars: Markup[] = []
    let numbers = ''
    for (let p = from; p < to; p++) {
      const rank = ranks[p]!
      const letter = sequence[p]
      letters.push(rank < 0 ? markup`${letter}` : markup`<b class="${styles[p]}">${letter}</b>`)
      numbers += rank < 0 ? ' ' : rank < 9 ? String(rank + 1) : '+'
      const site = planted[truth[p]!]
      bars.push(site === undefined ? markup` ` : markup`<i title="${site.motif} (${site.strand})"> </i>`)
    }
    const rows = [
      markup`<span class="at">${from}</span>`,
      markup`<span class="letters">${letters}</span>`,
      markup`<span class="ranks">${numbers}</span>`,
      ...(planted.length > 0 ? [markup`<span class="planted">${bars}</span>`] : []),
    ]
    return markup`<span class="ten">${rows}</span>`
  }

  const spoken = `${name}, ${count(length)} bases; ${subsets.length} SIS keep ${subsets.map(({ positions }) => positions.length).join(', ')} bases`
  return markup`<div class="track" role="img" aria-label="${spoken}">${parts}</div>`
}

/** The style of a kept base: of its part's motif, or what it is without one. */
function partStyle({ parts }: ExampleSubset, position: number): string {
  const part = parts.find(({ first, last }) => position >= first && position <= last)
  return part?.size === 1 ? 'single' : motifStyle(part?.motif)
}

/** Every group with something to show and its neighbours; the gaps between them too where they are short. */
function shownGroups(groups: number, marked: (group: number) => boolean): boolean[] {
  const shown = new Array<boolean>(groups).fill(groups * group <= 250)
  for (let i = 0; i < groups; i++) {
    if (marked(i)) for (let j = Math.max(0, i - 1); j <= Math.min(groups - 1, i + 1); j++) shown[j] = true
  }
  let i = 0
  while (i < groups) {
    let end = i
    while (end < groups && shown[end] !== true) end++
    if (end - i < emptyGroups) shown.fill(true, i, end)
    i = end + 1
  }
  return shown
}
