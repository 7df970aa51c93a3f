/** The motifs of a clustering in one table: logos over those of the known motifs, places, shares, enrichment. */
import { count, percent, shortenRuns, significance } from '../../base/format.ts'
import { namingLevel, qText } from '../../motif/naming.ts'
import type { EnrichmentFacts, KnownMatch } from '../cardFacts.ts'
import { markup, type Markup } from '../markup.ts'
import { motifStyle } from '../motifName.ts'
import type { MotifFacts, PlaceFacts } from '../reportData.ts'
import { sparkline } from '../svg/bars.ts'
import { logo } from '../svg/logo.ts'
import { table } from '../table.ts'

export interface MotifTableOptions {
  readonly caption: string | Markup
  /** Of the files that it is saved to. */
  readonly name: string
  readonly motifs: readonly MotifFacts[]
  /** What shares are of. */
  readonly sis: number
  /** Whose sequences a row's number leads to. */
  readonly modelId: number
}

/** Rows with a logo; further motifs show their consensus, which keeps the page of many small. */
const rowsWithLogo = 25
/** Pixels of a logo in the table, at most; columns get narrower. */
const logoWidth = 165

export function motifTable({ caption, name, motifs, sis, modelId }: MotifTableOptions): Markup {
  const scanned = motifs.find(({ enrichment }) => enrichment !== undefined)?.enrichment
  return table({
    caption,
    save: { formats: 'tsv meme', name, motifs: motifs.map(({ motifId }) => motifId) },
    className: 'motif-table',
    columns: [
      { title: 'Motif', heads: true },
      { title: markup`Sites, above the<br>known motif` },
      { title: 'Known motif' },
      { title: 'q', numeric: true },
      { title: 'Sites', numeric: true, hint: 'Parts of SIS in it' },
      { title: 'Sequences', numeric: true },
      { title: markup`% of<br>SIS`, numeric: true },
      { title: markup`Where in the<br>sequence` },
      ...(scanned === undefined
        ? []
        : [
            {
              title: markup`In positives /<br>negatives`,
              numeric: true,
              hint: `Sequences of split ${scanned.splits} with a site by a scan`,
            },
            { title: 'p', numeric: true, hint: 'Fisher’s exact test, one-sided' },
          ]),
    ],
    rows: motifs.map((motif, row) => [
      { content: motifLink(motif), sort: motif.order },
      {
        content:
          row < rowsWithLogo ? tableLogo(motif) : markup`<code>${shortenRuns(motif.siteConsensus)}</code>`,
        sort: motif.siteConsensus,
      },
      matchName(motif),
      qCell(motif),
      { content: count(motif.size), sort: motif.size },
      { content: filterLink(motif.motifId, modelId, count(motif.sequences)), sort: motif.sequences },
      { content: percent(motif.sis, sis), sort: (100 * motif.sis) / Math.max(1, sis) },
      { content: placesLine(motif), sort: spread(motif) },
      ...(scanned === undefined ? [] : enrichmentCells(motif.enrichment)),
    ]),
  })
}

/** Its name, which leads to its card. */
export function motifLink(motif: MotifFacts, hasCard = motif.card !== undefined): Markup {
  const { motifId, label, name } = motif
  const own = label === name ? undefined : markup`<span class="quiet">${name}</span>`
  const title = !hasCard
    ? markup`${shortLabel(label)}`
    : markup`<a href="#motif-${motifId}">${shortLabel(label)}</a>`
  return markup`<span class="motif-cell"><span><i class="motif-key ${motifStyle(motif)}"></i>${title}</span>${own}</span>`
}

function shortLabel(label: string): string {
  const short = shortenRuns(label)
  return short.length > 24 ? `${short.slice(0, 23)}…` : short
}

/** The sites of the motif over the known motif that names it, in the same columns. */
export function tableLogo({ name, siteConsensus, sitePpm, naming, known }: MotifFacts): Markup {
  const match = naming === 'named' ? known[0] : undefined
  const lanes = [
    { ppm: sitePpm, at: 0 },
    ...(match === undefined ? [] : [{ ppm: match.ppm, at: -match.offset }]),
  ]
  const columns =
    Math.max(...lanes.map(({ at, ppm }) => at + ppm.length)) - Math.min(...lanes.map(({ at }) => at))
  return logo({
    label: `Sites of ${name}: ${siteConsensus}${match === undefined ? '' : `; beneath them ${knownName(match)}`}`,
    lanes,
    columnWidth: Math.min(12, logoWidth / columns),
    height: 32,
  })
}

export function knownName({ targetName, targetId }: KnownMatch): string {
  return targetName === '' ? targetId : targetName
}

export function matchName({ naming, match }: MotifFacts): Markup {
  if (match === undefined) return markup`<span class="quiet">not compared</span>`
  if (naming === 'named') return markup`<strong>${knownName(match)}</strong>`
  return markup`<span class="quiet">${naming === 'vague' ? 'too vague to name' : 'none'}<br>(nearest ${knownName(match)})</span>`
}

/** The best match in words. */
export function matchMarkup(motif: MotifFacts): Markup {
  const { match } = motif
  if (match === undefined) return markup`<span class="quiet">not compared</span>`
  const name = knownName(match)
  const id = name === match.targetId ? undefined : markup` <span class="quiet">${match.targetId}</span>`
  const details = `${qText(match.qValue)}${match.orientation === '-' ? ', reverse strand' : ''}`
  if (motif.naming === 'named') return markup`<strong>${name}</strong>${id}, ${details}`
  const reason = motif.naming === 'vague' ? 'too vague to name' : `none at q ≤ ${namingLevel}`
  return markup`<span class="quiet">${reason}; nearest ${name}, ${details}</span>`
}

/** Text that filters the page by the model's motif where script runs (client/filterLinks.ts). */
export function filterLink(motifId: number, modelId: number, text: string): Markup {
  return markup`<span data-filter-motif="${motifId}" data-filter-model="${modelId}" data-filter-jump=""><span data-filter-here="">${text}</span></span>`
}

function placesLine(motif: MotifFacts): Markup {
  const { places } = motif
  if (places === undefined) return markup`–`
  return sparkline(
    places.counts,
    `Sites of ${motif.name} along the ${places.length} bases: most at ${fullestBin(places)}`,
    motifStyle(motif),
  )
}

/** Where most sites lie, e.g. "40 to 44". */
export function fullestBin({ counts, binWidth, length }: PlaceFacts): string {
  const top = counts.indexOf(Math.max(...counts))
  return `${top * binWidth} to ${Math.min(length, (top + 1) * binWidth) - 1}`
}

/** Standard deviation of the places, in bases: small where the motif keeps to one. */
function spread({ places }: MotifFacts): number {
  if (places === undefined) return -1
  const { counts, binWidth } = places
  const n = counts.reduce((sum, each) => sum + each, 0)
  const mean = counts.reduce((sum, each, bin) => sum + each * bin, 0) / n
  return binWidth * Math.sqrt(counts.reduce((sum, each, bin) => sum + each * (bin - mean) ** 2, 0) / n)
}

/** Of the best match; none sorts behind all. */
export function qCell({ match }: MotifFacts) {
  return match === undefined
    ? { content: '–', sort: 2 }
    : { content: significance(match.qValue), sort: match.qValue }
}

/** The shares of positives and negatives with it, and whether they differ. */
export function enrichmentCells(facts: EnrichmentFacts | undefined) {
  if (facts === undefined)
    return [
      { content: '–', sort: -1 },
      { content: '–', sort: 2 },
    ]
  const { positives, positivesWith, negatives, negativesWith, pValue, oddsRatio } = facts
  return [
    {
      content: markup`${percent(positivesWith, positives)} / ${percent(negativesWith, negatives)}`,
      sort: oddsRatio,
    },
    { content: pText(pValue), sort: pValue },
  ]
}

/** A p-value that may be too small for a number. */
export function pText(pValue: number): string {
  return pValue === 0 ? '< 1e-300' : significance(pValue)
}
