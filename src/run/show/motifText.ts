/** One motif as text: its logos, the known motifs like it, where it lies, and its best sites. */
import { count, counted, fixed, score, shortenRuns, significance } from '../../base/format.ts'
import { barOf, stackedLogo } from '../../motif/textLogo.ts'
import { nameClause } from '../../motif/naming.ts'
import type { Matrix } from '../../sequence/matrix.ts'
import { paintBases } from '../../terminal/palette.ts'
import type { Sheet } from '../../terminal/sheet.ts'
import { calledText } from './modelText.ts'
import type { ShownMotif, ShownSite } from './loadMotif.ts'
import { placeText } from './place.ts'

/** Lines to two bits. */
const logoHeight = 8
/** What stands left of a logo: the axis. */
const axisColumns = 4
/** Characters of a histogram at most, where the terminal has them. */
const mostBins = 80

export function motifText(sheet: Sheet, { motif, matches, length, positions, sites }: ShownMotif): void {
  sheet.heading(`${motif.name}  ${calledText(motif)}`)
  sheet.paragraph(`It ${nameClause(motif)}.`)
  sheet.facts([
    ['sites', `${shortenRuns(motif.siteConsensus)}, ${fixed(motif.siteInformation, 1)} bits`],
    ['kept', `${shortenRuns(motif.consensus)}, ${fixed(motif.information, 1)} bits`],
    [
      'parts',
      `${count(motif.size)} of ${count(motif.sis)} SIS in ${counted(motif.sequences, 'sequence')}; ${count(motif.adopted)} adopted`,
    ],
    ['stability', fixed(motif.stability, 2)],
    ...(motif.palindrome ? [['strand', 'a palindrome: its strand says nothing'] as const] : []),
    ...(motif.alone === undefined
      ? []
      : [
          [
            'alone',
            `its parts score ${score(motif.alone.median)} (median); ${count(motif.alone.sufficient)} are enough by themselves`,
          ] as const,
        ]),
  ])
  sheet.heading('What the sequences have at its sites')
  drawLogo(sheet, motif.sitePpm)
  sheet.heading('What the SIS keep of it')
  drawLogo(sheet, motif.ppm)
  if (matches.length > 0) {
    sheet.heading('Known motifs like it')
    sheet.table({
      names: ['known', 'id', 'q', 'p', 'offset', 'overlap', 'strand'],
      numeric: ['q', 'p', 'offset', 'overlap'],
      rows: matches.map((match) => [
        match.targetName || match.targetId,
        match.targetId,
        significance(match.qValue),
        significance(match.pValue),
        fixed(match.offset, 0),
        count(match.overlap),
        match.orientation,
      ]),
    })
  }
  drawPositions(sheet, positions, length)
  if (sites.length > 0) {
    sheet.heading(`Best sites (${count(sites.length)} of ${count(motif.size)})`)
    sitesTable(sheet, sites)
  }
}

/** In pieces as wide as the terminal. */
function drawLogo(sheet: Sheet, ppm: Matrix): void {
  const columns = sheet.width - axisColumns
  for (let from = 0; from < ppm.length; from += columns) {
    const piece = ppm.slice(from, from + columns)
    for (const [i, line] of stackedLogo(piece, logoHeight).entries()) {
      const axis = i === 0 ? '2 ┤' : i === logoHeight / 2 ? '1 ┤' : '  │'
      sheet.drawn(`${sheet.paint('dim', axis)} ${paintBases(line.trimEnd(), sheet.paint)}`)
    }
    sheet.drawn(sheet.paint('dim', `0 └${'─'.repeat(piece.length + 1)}`))
  }
}

function drawPositions(sheet: Sheet, positions: readonly number[], length: number): void {
  const total = positions.reduce((sum, n) => sum + n, 0)
  if (total === 0) return
  const bins = Math.min(length, sheet.width, mostBins)
  const counts = new Array<number>(bins).fill(0)
  for (const [position, n] of positions.entries()) counts[Math.floor((position * bins) / length)]! += n
  const most = Math.max(...counts)
  sheet.heading('Where in the sequences it lies')
  sheet.drawn(sheet.paint('cyan', counts.map((n) => barOf(n / most)).join('')))
  const last = String(length)
  sheet.drawn(sheet.paint('dim', `1${' '.repeat(Math.max(1, bins - 1 - last.length))}${last}`))
  sheet.quiet(
    `${counted(total, 'part')}; the highest bar is ${count(most)}, a bar is ${fixed(length / bins, 1)} bases.`,
  )
}

function sitesTable(sheet: Sheet, sites: readonly ShownSite[]): void {
  const onGenome = sites.some((site) => placeText(site, 0, 1) !== undefined)
  sheet.table({
    names: [
      'sequence',
      'at',
      ...(onGenome ? ['on the genome'] : []),
      'strand',
      'site',
      'bits',
      'split',
      'model',
    ],
    numeric: ['bits'],
    rows: sites.map((site) => [
      site.sequence,
      `${site.siteStart + 1}-${site.siteEnd}`,
      ...(onGenome ? [onGenomeText(site)] : []),
      site.siteStrand,
      site.letters,
      fixed(site.siteScore, 1),
      site.split,
      site.model,
    ]),
    paint: (cell, column) => (column === 'site' ? paintBases(cell, sheet.paint) : cell),
  })
}

/** With the strand there, which is the other one where the sequence itself is of the reverse strand. */
function onGenomeText(site: ShownSite): string {
  const place = placeText(site, site.siteStart, site.siteEnd)
  if (place === undefined) return '–'
  const isForward = (site.siteStrand === '-') === (site.strand === '-')
  return `${place} (${isForward ? '+' : '-'})`
}
