/** All that is known of one motif: logos of both strands, known motifs, places, margins, enrichment, instances. */
import { count, counted, fixed, percent, score, shortenRuns, significance } from '../../base/format.ts'
import { reverseComplementMatrix } from '../../motif/motif.ts'
import type { CardFacts, EnrichmentFacts, InstanceFacts, MarginFacts } from '../cardFacts.ts'
import { ucscAddress } from '../genomeBrowser.ts'
import { markup, type Markup } from '../markup.ts'
import { motifStyle } from '../motifName.ts'
import { factEntries, figure, scrolling } from '../parts.ts'
import type { MotifFacts, PlaceFacts } from '../reportData.ts'
import { axisFromZero, roundTicks } from '../svg/axis.ts'
import { bars } from '../svg/bars.ts'
import { logo, type LogoLane } from '../svg/logo.ts'
import { table } from '../table.ts'
import { filterLink, fullestBin, knownName, matchMarkup, pText } from './motifTable.ts'

/** What a card's shares and links are of. */
export interface CardSetting {
  readonly modelId: number
  readonly modelName: string
  /** Parts of the model's SIS. */
  readonly parts: number
  /** The model's SIS that keep a base. */
  readonly sis: number
  /** Colour of the model. */
  readonly colour: number
  /** Of the genome that coordinates are on, as UCSC calls it; undefined where it was not said. */
  readonly assembly: string | undefined
}

const height = 84
/** Pixels of a column of the large logos: more for short motifs, never so few that letters cannot be read. */
function columnWidth(columns: number): number {
  return Math.min(34, Math.max(18, 420 / columns))
}

export function motifCard(motif: MotifFacts, card: CardFacts, setting: CardSetting): Markup {
  const { motifId } = motif
  return markup`<article class="card" id="motif-${motifId}">
    <h4><i class="motif-key ${motifStyle(motif)}"></i>${cardTitle(motif)}</h4>
    <p class="share">
      <strong>${percent(motif.sis, setting.sis)}</strong> of the SIS of ${setting.modelName} have it:
      ${filterLink(motifId, setting.modelId, `${counted(motif.sis, 'SIS', 'SIS')} of ${counted(motif.sequences, 'sequence')}`)}
      <span class="quiet" data-count-motif="${motifId}"></span>
    </p>
    <div class="card-logos">
      ${strandFigure(motif, 'forward')}${strandFigure(motif, 'reverse')}
    </div>
    ${knownFigure(motif)}
    <div class="row">
      ${motif.places === undefined ? undefined : placesFigure(motif, motif.places)}
      ${card.margins === undefined ? undefined : marginsFigure(motif, card.margins, setting)}
    </div>
    ${factList(motif, setting)}
    ${card.instances.length === 0 ? undefined : instanceTable(motif, card.instances, setting)}
  </article>`
}

/** What names it, and its own name where that is another. */
export function cardTitle({ name, label }: MotifFacts): Markup {
  const title = shortenRuns(label)
  return markup`${title}${title === name ? undefined : markup` <span class="quiet">${name}</span>`}`
}

/** What the sequences have, and what the SIS keep of it, in the same columns. */
function strandFigure(motif: MotifFacts, strand: 'forward' | 'reverse'): Markup {
  const { name, ppm, sitePpm, siteOffset, siteConsensus, consensus } = motif
  const site: LogoLane = { ppm: sitePpm, at: siteOffset, name: 'the sequences at its sites' }
  const kept: LogoLane = { ppm, at: 0, name: 'kept by the SIS' }
  const lanes = [site, kept].map((lane) =>
    strand === 'forward'
      ? lane
      : { ...lane, ppm: reverseComplementMatrix(lane.ppm), at: ppm.length - lane.at - lane.ppm.length },
  )
  const title = strand === 'forward' ? 'Logos' : 'Reverse complement'
  return figure(
    title,
    strand === 'forward'
      ? markup`Sites <code>${shortenRuns(siteConsensus)}</code>, SIS <code>${shortenRuns(consensus)}</code>; heights in bits.`
      : 'The same on the other strand.',
    scrolling(
      `${title} of ${name}`,
      logo({
        label: `${title} of ${name}: sites ${siteConsensus}, kept ${consensus}`,
        lanes,
        columnWidth: columnWidth(Math.max(sitePpm.length, ppm.length)),
        height,
        axes: true,
      }),
    ),
  )
}

/** The known motifs under the sites, where Tomtom's best offset lays them. */
function knownFigure(motif: MotifFacts): Markup {
  const { name, known, sitePpm } = motif
  if (known.length === 0) return markup``
  const lanes: LogoLane[] = [
    { ppm: sitePpm, at: 0, name: `${name}, sites` },
    ...known.map((match) => ({ ppm: match.ppm, at: -match.offset, name: knownName(match) })),
  ]
  return markup`<div class="known">${figure(
    'Known motifs',
    known.length === 1
      ? 'The nearest known motif, laid where it fits best; it is the only one within the q-value that is stored.'
      : `The ${known.length} nearest known motifs, each laid where it fits best.`,
    scrolling(
      `Known motifs aligned with ${name}`,
      logo({
        label: `Sites of ${name} and the known motifs ${known.map(knownName).join(', ')}, aligned`,
        lanes,
        columnWidth: laneWidth(lanes),
        height: 48,
      }),
    ),
  )}${table({
    caption: 'Offset: column of the known motif, as oriented, under the first site column.',
    sortable: false,
    columns: [
      { title: 'Known motif', heads: true },
      { title: 'q', numeric: true },
      { title: 'E', numeric: true },
      { title: 'Strand' },
      { title: 'Offset', numeric: true },
      { title: 'Overlap', numeric: true },
    ],
    rows: known.map((match) => [
      match.targetName === '' || match.targetName === match.targetId
        ? match.targetId
        : markup`${match.targetName}<br><span class="quiet">${match.targetId}</span>`,
      significance(match.qValue),
      significance(match.eValue),
      match.orientation === '-' ? '−' : '+',
      String(match.offset).replace('-', '−'),
      String(match.overlap),
    ]),
  })}</div>`
}

/** Pixels of a column where long known motifs hang over: all in view on a wide page, if that can be read. */
export function laneWidth(lanes: readonly LogoLane[]): number {
  const first = Math.min(...lanes.map(({ at }) => at))
  const end = Math.max(...lanes.map(({ at, ppm }) => at + ppm.length))
  return Math.max(10, Math.min(18, 440 / (end - first)))
}

function placesFigure(motif: MotifFacts, places: PlaceFacts): Markup {
  const { counts, binWidth, length, centreDistance } = places
  const sites = counts.reduce((sum, n) => sum + n, 0)
  const most = `${count(Math.max(...counts))} at ${fullestBin(places)}`
  return figure(
    'Where its sites lie',
    `Middles of ${counted(sites, 'site')} along the sequences; the dotted line is an even spread. Half lie within ${fixed(centreDistance, 1)} bases of the centre. Most: ${most}.`,
    bars({
      label: `Places of the sites of ${motif.name} along the sequence; most, ${most}`,
      x: { label: 'Position in the sequence', low: 0, high: length, ticks: roundTicks(0, length) },
      y: axisFromZero('Sites', Math.max(...counts)),
      from: 0,
      binWidth,
      series: [{ style: motifStyle(motif), heights: counts }],
      level: (sites * binWidth) / length,
    }),
  )
}

function marginsFigure(motif: MotifFacts, margins: MarginFacts, { colour }: CardSetting): Markup {
  const { low, high, sis, parts } = margins
  const share = (counts: readonly number[]): number[] => {
    const total = counts.reduce((sum, n) => sum + n, 0)
    return counts.map((n) => (100 * n) / Math.max(1, total))
  }
  const series = [
    { style: `c${colour}`, heights: share(sis) },
    ...(parts.length === 0 ? [] : [{ style: 'neutral', heights: share(parts) }]),
  ]
  return figure(
    'Score margins',
    `How far f(x_S) of the SIS with it (colour)${parts.length === 0 ? '' : ' and f of its parts alone (grey)'} lie beyond τ; left of the line the decision is lost.`,
    bars({
      label: `Margins over τ of the SIS with ${motif.name}${parts.length === 0 ? '' : ', and of its parts alone'}`,
      x: { label: 'Score beyond τ', low, high, ticks: roundTicks(low, high) },
      y: axisFromZero(
        '%',
        series.flatMap(({ heights }) => heights).reduce((a, b) => Math.max(a, b), 0),
      ),
      from: low,
      binWidth: (high - low) / sis.length,
      series,
      marker: low <= 0 && high >= 0 ? { value: 0, name: 'τ' } : undefined,
    }),
  )
}

function factList(motif: MotifFacts, { parts }: CardSetting): Markup {
  const { enrichment, alone, size } = motif
  const rows: (readonly [string, string | Markup])[] = [
    ['Known motif', matchMarkup(motif)],
    [
      'Parts',
      `${count(size)}, ${percent(size, parts)} of all; ${fixed(motif.information, 1)} bits kept, ${fixed(motif.siteInformation, 1)} in the sequences`,
    ],
    ...(enrichment === undefined ? [] : [['Enrichment', enrichmentText(enrichment)] as const]),
    ...(alone === undefined
      ? []
      : [
          [
            'Alone',
            `scores ${score(alone.median)} (median); ${alone.sufficient === 0 ? 'none' : count(alone.sufficient)} of ${counted(size, 'part')} ${alone.sufficient === 1 ? 'keeps' : 'keep'} the decision`,
          ] as const,
        ]),
    ['Stability', `${fixed(motif.stability, 2)} of 1, over resamples of the parts`],
    ...originEntry(motif),
  ]
  return markup`<dl class="facts">
    ${factEntries(rows)}
  </dl>`
}

export function enrichmentText(facts: EnrichmentFacts): string {
  const { splits, siteP, positives, positivesWith, negatives, negativesWith, oddsRatio, pValue } = facts
  const p = pText(pValue)
  return `a scan of the sequences of split ${splits} (sites at p ≤ ${significance(siteP)}) finds it in ${percent(positivesWith, positives)} of ${count(positives)} positives and ${percent(negativesWith, negatives)} of ${count(negatives)} negatives; odds ratio ${score(oddsRatio)}, Fisher’s p ${p.startsWith('<') ? p : `= ${p}`}`
}

/** How it was made, where that is not from one cluster. */
function originEntry({
  clustersMerged,
  adopted,
  palindrome,
}: MotifFacts): readonly (readonly [string, string])[] {
  const facts = [
    clustersMerged > 1 ? `${count(clustersMerged)} clusters that are the same within noise` : '',
    adopted > 0
      ? `${counted(adopted, 'part')} ${adopted === 1 ? 'was' : 'were'} in no cluster but on a site of it`
      : '',
    palindrome ? 'a palindrome: its strand says nothing' : '',
  ].filter((fact) => fact !== '')
  return facts.length === 0 ? [] : [['Made of', facts.join('; ')]]
}

function instanceTable(
  motif: MotifFacts,
  instances: readonly InstanceFacts[],
  { assembly }: CardSetting,
): Markup {
  return table({
    caption: markup`Instances of ${motif.name} from the best site to the worst; bold bases are kept by the SIS. Coordinates count from 1, as genome browsers do${instances.some(({ genome }) => genome !== undefined) ? undefined : ', in the sequence'}.`,
    sortable: false,
    save: { formats: 'tsv bed', name: `instances of ${motif.name}` },
    columns: [
      { title: 'Quantile', numeric: true, heads: true, hint: 'Of all instances by the bits of their sites' },
      { title: 'Bits', numeric: true },
      { title: 'Site' },
      { title: 'Place' },
      { title: 'Sequence' },
      { title: 'SIS', numeric: true },
      { title: markup`f(x<sub>S</sub>)`, numeric: true },
    ],
    rows: instances.map((one) => [
      percent(Math.round(100 * one.quantile), 100),
      fixed(one.bits, 1),
      siteLetters(one),
      placeMarkup(one, assembly),
      markup`${one.name} <span class="quiet">${one.split}${one.label === null ? undefined : `, label ${one.label}`}</span>`,
      String(one.rank + 1),
      score(one.scoreSis),
    ]),
  })
}

function siteLetters({ letters, kept }: InstanceFacts): Markup {
  return markup`<code class="site">${Array.from(letters).map((letter, i) => (kept[i] === true ? markup`<b>${letter}</b>` : letter))}</code>`
}

/** Counted from 1, closed: what genome browsers read. */
function placeMarkup(
  { genome, start, end, strand, name }: InstanceFacts,
  assembly: string | undefined,
): Markup {
  const bed =
    genome === undefined
      ? [name, start, end, strand].join('\t')
      : [genome.chrom, genome.start, genome.end, genome.strand].join('\t')
  if (genome === undefined) {
    return markup`<span class="place" data-bed="${bed}">${start + 1}–${end} ${sign(strand)}</span>`
  }
  const position = `${genome.chrom}:${genome.start + 1}-${genome.end}`
  const text =
    assembly === undefined
      ? markup`${position}`
      : markup`<a href="${ucscAddress(assembly, genome)}" rel="noreferrer">${position}</a>`
  return markup`<span class="place" data-bed="${bed}">${text} ${sign(genome.strand)}</span>`
}

function sign(strand: '+' | '-'): string {
  return strand === '-' ? '−' : '+'
}
