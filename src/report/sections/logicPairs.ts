/** How two motifs of one SIS lie to each other, and what they score alone and together. */
import { count, counted, fixed, percent, score, significance } from '../../base/format.ts'
import { arrangementsOf } from '../../logic/pairs.ts'
import { spacingLevel } from '../../logic/spacing.ts'
import type { DistanceFacts, MotifRef, PairFacts } from '../logicFacts.ts'
import { markup, type Markup } from '../markup.ts'
import { motifName, motifStyle } from '../motifName.ts'
import { figure, motifLogo } from '../parts.ts'
import type { ModelFacts } from '../reportData.ts'
import type { Axis } from '../svg/axis.ts'
import { roundTicks } from '../svg/axis.ts'
import { boxPlot } from '../svg/boxPlot.ts'
import { spacingPlot } from '../svg/spacingPlot.ts'
import { table } from '../table.ts'

/** Bars of distances one by one, at most; and bars where no single distance matters. */
const mostBars = 140
const fewBars = 30
/** Preferred distances told in words. */
const told = 4

export function pairCard(pair: PairFacts, model: ModelFacts, colour: number): Markup {
  const [a, b] = pair.motifs
  const same = a.motifId === b.motifId
  const logos = (same ? [a] : [a, b]).map((motif) => logoOf(motif, model))
  return markup`<article class="pair">
    <h4>${
      same
        ? markup`Two sites of ${motifName(a)}`
        : markup`<span class="quiet">A:</span> ${motifName(a)} and <span class="quiet">B:</span> ${motifName(b)}`
    }</h4>
    <div class="logos">${logos}</div>
    <p>
      ${counted(pair.pairs, 'pair')} in ${counted(pair.sequences, 'sequence')}. ${arrangementWords(pair)}
      ${spacingWords(pair)}
    </p>
    <div class="row">
      <div>${arrangementTable(pair)}</div>
      ${spacingFigure(pair, colour)}${scoreFigure(pair, model)}
    </div>
  </article>`
}

function logoOf({ motifId, label }: MotifRef, { clustering }: ModelFacts): Markup | undefined {
  const motif = clustering?.motifs.find((one) => one.motifId === motifId)
  return motif === undefined
    ? undefined
    : markup`<span class="named-logo">${motifLogo(motif)}<span class="quiet">${label}</span></span>`
}

function pText(value: number): string {
  return `p\u00a0${value < 1e-300 ? '<\u00a01e-300' : `=\u00a0${significance(value)}`}`
}

/** What two arrangements are called in words. */
const words: Readonly<Record<string, string>> = {
  'A> B>': 'same strand, A before B',
  'B> A>': 'same strand, B before A',
  'A> <B': 'opposite strands, reading towards each other',
  '<B A>': 'opposite strands, reading away from each other',
  'A> A>': 'same strand',
  'A> <A': 'opposite strands, reading towards each other',
  '<A A>': 'opposite strands, reading away from each other',
  'A B>': 'A before B, as B reads',
  'B> A': 'A behind B, as B reads',
  'A> B': 'B behind A, as A reads',
  'B A>': 'B before A, as A reads',
}

function arrangementWords({ arrangement, arrangementP, arrangements, pairs }: PairFacts): string {
  const most = arrangements.find((one) => one.arrangement === arrangement)?.pairs ?? 0
  if (arrangementP >= spacingLevel) {
    return 'They lie in any order and orientation: none is more frequent than by chance.'
  }
  return `Most often (${percent(most, pairs)}, ${pText(arrangementP)}) they lie so: ${words[arrangement] ?? arrangement}.`
}

function spacingWords(pair: PairFacts): string {
  const { pairs, gapLeast, gapMost, gapMedian, spacing } = pair
  const span =
    gapLeast === gapMost
      ? `All are ${counted(gapLeast, 'base')} apart`
      : `They are ${count(gapLeast)} to ${count(gapMost)} bases apart, median ${String(gapMedian)}`
  const range = `${span.replace('-', '−')}${gapLeast < 0 ? ' (below 0 the sites overlap)' : ''}`
  const preferred = preferredOf(pair)
  const list = preferred
    .slice(0, told)
    .map(
      ({ gap, observed, expected, pValue }) =>
        `${gap} (${count(observed)} of ${count(pairs)}, ${fixed(expected, 1)} expected, ${pText(pValue)})`,
    )
    .join('; ')
  switch (spacing) {
    case 'fixed':
      return `${range}. One distance has half of the pairs or more: ${list}.`
    case 'preferred':
      return `${range}. Preferred distances: ${list}${preferred.length > told ? ` and ${count(preferred.length - told)} more` : ''}.`
    case 'periodic':
      return `${range}. Distances repeat with the helical turn of 10.5 bases (${pText(pair.periodP)}).`
    case 'close':
      return `${range}. That is closer than by chance (${pText(pair.closeP)}), at no distance in particular.`
    case 'free':
      return `${range}. No distance is preferred: the spacing is free.`
  }
}

/** More frequent than by chance, the most frequent first. */
function preferredOf({ distances }: PairFacts): DistanceFacts[] {
  return distances
    .filter(({ pValue }) => pValue < spacingLevel)
    .sort((a, b) => b.observed - a.observed || a.gap - b.gap)
}

function arrangementTable({ motifs, palindromes, arrangements, pairs }: PairFacts): Markup {
  const [a, b] = motifs
  const expected = arrangementsOf({ same: a.motifId === b.motifId, palindromes })
  const counts = new Map(arrangements.map(({ arrangement, pairs: n }) => [arrangement, n]))
  const rows = [...expected].map(([arrangement, share]) => ({
    arrangement,
    n: counts.get(arrangement) ?? 0,
    share,
  }))
  return table({
    caption: 'Order and orientation, as A reads; arrows show the strand.',
    sortable: false,
    columns: [
      { title: 'Arrangement', heads: true },
      { title: 'Pairs', numeric: true },
      { title: 'Share', numeric: true },
      { title: markup`By<br>chance`, numeric: true },
    ],
    rows: rows.map(({ arrangement, n, share }) => [
      markup`${arrangementMarkup(arrangement, [a, b])}<br><span class="quiet">${words[arrangement] ?? 'either strand reads the same'}</span>`,
      count(n),
      percent(n, pairs),
      percent(share, 1),
    ]),
  })
}

/** `A> <B` as coloured boxes with arrows. */
function arrangementMarkup(arrangement: string, [a, b]: readonly [MotifRef, MotifRef]): Markup {
  const sites = arrangement.split(' ').map((site) => {
    const letter = site.replace(/[<>]/g, '')
    const text = site.startsWith('<') ? `← ${letter}` : site.endsWith('>') ? `${letter} →` : letter
    return markup`<b class="key ${motifStyle(letter === 'A' ? a : b)}">${text}</b>`
  })
  return markup`<span class="arrangement">${sites[0]} ${sites[1]}</span>`
}

function spacingFigure(pair: PairFacts, colour: number): Markup {
  const { distances, spacing, motifs, gapLeast, gapMost, pairs } = pair
  const isSingle = spacing !== 'free' && spacing !== 'close'
  const bars = isSingle || distances.length <= 2 * fewBars ? mostBars : fewBars
  const preferred = preferredOf(pair)
  return figure(
    'Spacing',
    `Bars: pairs by the bases between the two sites. Line: what sites placed at random in the same sequences would have.${
      preferred.length === 0
        ? ''
        : ' Triangles: distances more frequent than by chance, corrected for all distances tried.'
    }`,
    spacingPlot({
      label: `Spacing of ${motifs[0].label} and ${motifs[1].label}: ${counted(pairs, 'pair')}, ${gapLeast} to ${gapMost} bases apart${
        preferred.length === 0
          ? '; no preferred distance'
          : `; preferred: ${preferred.map(({ gap }) => gap).join(', ')}`
      }`,
      distances,
      preferred: preferred.map(({ gap }) => gap),
      binWidth: Math.ceil(distances.length / bars),
      colour,
    }),
  )
}

function scoreFigure({ motifs, scores, gain }: PairFacts, model: ModelFacts): Markup {
  const { threshold, scoreMasked, direction } = model
  const [a, b] = motifs
  const same = a.motifId === b.motifId
  const names = same ? ['left', 'right', 'both'] : ['A', 'B', 'A + B']
  const values = [
    threshold,
    scoreMasked,
    ...Object.values(scores).flatMap(({ least, most }) => [least, most]),
  ]
  const low = Math.min(...values)
  const high = Math.max(...values)
  const pad = (high - low || 1) * 0.05
  const x: Axis = {
    label: 'Score of the model',
    low: low - pad,
    high: high + pad,
    ticks: roundTicks(low - pad, high + pad, 4),
    format: score,
  }
  const medians = [scores.a.median, scores.b.median, scores.both.median]
  return figure(
    'Alone and together',
    `Scores of each part with all else masked, and of both: boxes hold half of them, lines all. Medians: ${names.map((name, i) => `${name} ${score(medians[i]!)}`).join(', ')}. Both have ${score(Math.abs(gain))} ${gain < 0 ? 'less' : 'more'} than the better one alone (median). The decision holds from τ ${direction === '>=' ? 'up' : 'down'}.`,
    boxPlot({
      label: `Scores of ${a.label} and ${b.label} alone and together: medians ${medians.map(score).join(', ')}; τ ${score(threshold)}`,
      x,
      boxes: (['a', 'b', 'both'] as const).map((key, i) => ({
        name: names[i]!,
        style: key === 'both' ? 'both' : motifStyle(key === 'a' ? a : b),
        ...scores[key],
      })),
      markers: [
        { value: threshold, name: `τ = ${score(threshold)}` },
        { value: scoreMasked, name: 'all masked', faint: true },
      ],
    }),
  )
}
