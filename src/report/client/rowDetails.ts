/** The details of one sequence under one model: bases, parts, planted sites, certificates in words, the ordering curve. */
import { count, counted, score, shortenRuns } from '../../base/format.ts'
import { decodeSequence, reverseComplement } from '../../sequence/alphabet.ts'
import { patternOf } from '../../sequence/pattern.ts'
import { decisionHolds } from '../../sis/decision.ts'
import { sisFlags, strandLetters } from '../columns/explorerIndex.ts'
import type { Block } from '../columns/unpackBlock.ts'
import { ensemblAddress, ucscAddress } from '../genomeBrowser.ts'
import { markup, type Markup } from '../markup.ts'
import { motifName } from '../motifName.ts'
import type { ExamplePart, TrackedSequence, ExampleSubset } from '../reportData.ts'
import { rankColours, sequenceTrack } from '../sequenceTrack.ts'
import { marginOf, starts, strandText, type ExplorerColumns } from './explorerData.ts'
import { placeOf, placeText, type Place } from './genomePlace.ts'
import { orderingPlot, type Ordering } from './orderingPlot.ts'
import type { SequenceLetters } from './sequenceLetters.ts'

/** What details need besides the columns; unpacked when the first are opened. */
export interface DetailColumns {
  readonly letters: SequenceLetters
  /** Kept positions of an SIS, ascending. */
  positions(sis: number): number[]
  planted(sequence: number): TrackedSequence['planted']
  /** Undefined where the page does not hold the row's. */
  ordering(row: number): Ordering | undefined
}

export function readDetails(
  columns: ExplorerColumns,
  letters: SequenceLetters,
  positions: Block,
  truth: Block,
  curves: Block,
): DetailColumns {
  const gaps = positions.column('gaps', 'count')
  const firstGap = starts(columns.sis.size)
  const firstSite = starts(truth.column('sites', 'count'))
  const factor = truth.column('factor', 'count')
  const turn = truth.column('turn', 'bytes')
  const firstPlace = starts(truth.column('size', 'count'))
  const place = truth.column('place', 'rising')
  const firstStep = starts(curves.column('steps', 'count'))
  const masked = curves.column('masked', 'count')
  const after = curves.column('after', 'real')
  return {
    letters,
    positions(sis) {
      const found: number[] = []
      let next = 0
      for (let i = firstGap[sis]!; i < firstGap[sis + 1]!; i++) {
        found.push(next + gaps[i]!)
        next += gaps[i]! + 1
      }
      return found
    },
    planted(sequence) {
      const sites: TrackedSequence['planted'][number][] = []
      for (let site = firstSite[sequence] ?? 0; site < (firstSite[sequence + 1] ?? 0); site++) {
        sites.push({
          motif: columns.index.planted[factor[site]!]!,
          strand: strandLetters[turn[site]!] ?? '',
          positions: [...place.subarray(firstPlace[site], firstPlace[site + 1])],
        })
      }
      return sites
    },
    ordering(row) {
      const from = firstStep[row] ?? 0
      const to = firstStep[row + 1] ?? 0
      if (from === to) return undefined
      return { positions: masked.subarray(from, to), scores: after.subarray(from, to) }
    },
  }
}

/** A motif's site as letters of the motif's strand. */
export function siteLetters(columns: ExplorerColumns, letters: SequenceLetters, part: number): string {
  const { index, rows, sis, parts } = columns
  const motif = index.motifs[parts.motif[part]! - 1]
  if (motif === undefined) return ''
  const sequence = rows.sequence[sis.row[parts.sis[part]!]!]!
  const from = parts.site[part]!
  const codes = letters.site(sequence, from, from + motif.width)
  return decodeSequence(strandLetters[parts.turn[part]!] === '-' ? reverseComplement(codes) : codes, '·')
}

/** The sequence as the page's tracks take it. */
export function exampleOf(columns: ExplorerColumns, details: DetailColumns, row: number): TrackedSequence {
  const { index, sequences, rows, sis } = columns
  const sequence = rows.sequence[row]!
  const codes = details.letters.codes(sequence)
  const label = rows.label[row]!
  const subsets: ExampleSubset[] = []
  for (let i = rows.first[row]!; i < rows.first[row + 1]!; i++) {
    const positions = details.positions(i)
    subsets.push({
      rank: sis.rank[i]!,
      positions,
      pattern: patternOf(codes, positions),
      scoreSis: sis.scoreSis[i]!,
      scoreResidual: sis.scoreResidual[i]!,
      minimal: (sis.flags[i]! & sisFlags.minimal) > 0,
      certified: (sis.flags[i]! & sisFlags.certified) > 0,
      parts: partsOf(columns, i),
    })
  }
  return {
    name: sequences.name[sequence]!,
    sequence: decodeSequence(codes),
    split: index.splits[sequences.split[sequence]!]!,
    label: label === 2 ? null : label,
    score: rows.score[row]!,
    subsets,
    planted: details.planted(sequence),
  }
}

function partsOf({ index, sis, parts }: ExplorerColumns, subset: number): ExamplePart[] {
  const found: ExamplePart[] = []
  for (let i = sis.first[subset]!; i < sis.first[subset + 1]!; i++) {
    const motif = index.motifs[parts.motif[i]! - 1]
    found.push({
      first: parts.first[i]!,
      last: parts.first[i]! + parts.span[i]!,
      size: parts.kept[i]!,
      motif,
      strand: strandLetters[parts.turn[i]!] ?? null,
    })
  }
  return found
}

export function detailsOf(columns: ExplorerColumns, details: DetailColumns, row: number): Markup {
  const { index, sequences, rows, sis } = columns
  const model = index.models[rows.model[row]!]!
  const sequence = rows.sequence[row]!
  const example = exampleOf(columns, details, row)
  const place = placeOf(columns, sequence, 0, sequences.length[sequence]!, sequences.strand[sequence]!)
  const ordering = details.ordering(row)
  return markup`<article class="example">
    <h4 tabindex="-1">${example.name}</h4>
    <p class="quiet">
      ${index.models.length > 1 ? `${model.name}: ` : ''}f(x) = ${score(example.score)}, which is
      ${model.direction === '>=' ? '≥' : '≤'} τ = ${score(model.threshold)} by
      ${score(marginOf(columns, row))}; ${example.split} split${example.label === null ? ', no label' : `, label ${example.label}`}
    </p>
    ${place === undefined ? undefined : placeMarkup(place, index.genome)}
    ${sequenceTrack(example, model.byParts)}${plantedMarkup(example)}
    <ol class="subsets">
      ${example.subsets.map(
        (subset, i) => markup`<li>
          ${subsetMarkup(subset, {
            ...model,
            recomputed: (sis.flags[rows.first[row]! + i]! & sisFlags.recomputed) > 0,
          })}
        </li>`,
      )}
    </ol>
    ${
      ordering === undefined
        ? markup`<p class="quiet">The page does not hold this sequence’s ordering.</p>`
        : orderingPlot(ordering, { example, model })
    }
  </article>`
}

function placeMarkup(place: Place, genome: string | null): Markup {
  const ensembl = genome === null ? undefined : ensemblAddress(genome, place)
  const link = (address: string, text: string): Markup =>
    markup` · <a href="${address}" target="_blank" rel="noopener noreferrer">${text}</a>`
  return markup`<p class="quiet">
    ${placeText(place)}${genome === null ? undefined : link(ucscAddress(genome, place), `UCSC (${genome})`)}${
      ensembl === undefined ? undefined : link(ensembl, 'Ensembl')
    }
  </p>`
}

function plantedMarkup({ planted }: TrackedSequence): Markup | undefined {
  if (planted.length === 0) return undefined
  const sites = planted.map(
    ({ motif, strand, positions }) =>
      `${motif} (${strand.replace('-', '−')}) at ${positions[0] ?? '–'}–${positions.at(-1) ?? '–'}`,
  )
  return markup`<p class="quiet">Planted: ${sites.join('; ')}</p>`
}

interface Decided {
  readonly direction: '>=' | '<='
  readonly threshold: number
  readonly byParts: boolean
  readonly recomputed: boolean
}

/** A certificate in words. */
function subsetMarkup(subset: ExampleSubset, model: Decided): Markup {
  const { rank, positions, pattern, parts, scoreSis, scoreResidual, minimal, certified } = subset
  const sign = model.direction === '>=' ? '≥' : '≤'
  const holds = decisionHolds(model, scoreResidual)
  return markup`<strong class="${model.byParts ? '' : `key s${rank % rankColours}`}">SIS ${rank + 1}</strong>
    keeps ${counted(positions.length, 'base')}: <code>${shortenRuns(pattern)}</code>
    ${model.byParts ? markup`<span class="in-parts">${parts.map(partMarkup)}</span>` : undefined}
    Alone, all else masked, it scores f(x<sub>S</sub>) = ${score(scoreSis)} ${sign} τ: enough.
    ${minimal ? 'Without any one of its bases the decision is lost.' : markup`<strong>It is not minimal:</strong> a base of it can be dropped.`}
    What is left without ${rank === 0 ? 'it' : 'it and those before it'} scores ${score(scoreResidual)}:
    ${holds ? 'the decision still holds.' : 'the decision is lost.'}
    ${
      certified
        ? 'Certified by the whole model.'
        : markup`<strong>The whole model did not certify it.</strong>`
    }${model.recomputed ? ' It was recomputed by the reference method.' : ''}`
}

function partMarkup({ first, last, size, motif, strand }: ExamplePart): Markup {
  const at = first === last ? count(first) : `${count(first)}–${count(last)}`
  if (motif !== undefined) {
    const turn = strandText(strandLetters.findIndex((letter) => letter === strand))
    return markup`<span class="part">${motifName(motif)} ${at} ${turn}</span> `
  }
  return size === 1
    ? markup`<span class="part"><b class="key single">single base</b> ${at}</span> `
    : markup`<span class="part"><b class="key no-motif">no motif</b> ${at}</span> `
}
