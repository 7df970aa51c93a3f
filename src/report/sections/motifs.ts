/** The motifs that each model's SIS form, and the known motifs that they resemble. */
import { count, counted, fixed, percent, score, shortenRuns } from '../../base/format.ts'
import type { LogicFacts } from '../logicFacts.ts'
import { markup, type Markup } from '../markup.ts'
import { motifStyle } from '../motifName.ts'
import { leastSiteInformation, namingLevel, qText } from '../../motif/naming.ts'
import { modelName, motifLogo, noSisReason, nothing, siteLogo, skillBanner, type Section } from '../parts.ts'
import type { ClusteringFacts, ModelFacts, MotifFacts, ReportData } from '../reportData.ts'
import { table } from '../table.ts'

/** Motifs drawn for each model; the rest stand in a table. */
const drawn = 8

export function motifsSection({ run, models }: ReportData): Section {
  return {
    id: 'motifs',
    title: 'Motifs',
    body: markup`<p>
        An SIS splits into parts: kept bases with no wide gap between neighbours. Parts that are nearly equal
        are clustered and aligned; each motif’s logo shows how often each base was kept at each position, its
        height the information content in bits. That is what the model needs; the small logo below it is what
        the sequences have at these sites, and by that a known motif is recognised. A part of one base is a
        single base: counted, and in no motif.
        ${
          run.knownMotifs === undefined
            ? 'No known-motif file was given, so the motifs are not named.'
            : markup`Known motifs are those of <code>${run.knownMotifs}</code>; a q-value above ${namingLevel} is shown but is no match, and a motif whose sites hold less than ${leastSiteInformation} bits is too vague to be named.`
        }
      </p>
      ${models.map(
        (model) =>
          markup`<h3>${modelName(models, model.modelId)}</h3>
            ${skillBanner(models, model)}${modelMotifs(model, run.partGap)}`,
      )}`,
  }
}

function modelMotifs({ clustering, subsets, logic }: ModelFacts, partGap: number | undefined): Markup {
  if (subsets.stored === 0) return nothing(`No SIS, hence no motifs: ${noSisReason(subsets)}.`)
  if (clustering === undefined) return nothing('The SIS of this model were not clustered.')
  const { motifs } = clustering
  const gap = logic === undefined ? '' : ` ${partGapText(logic, partGap)}`
  if (motifs.length === 0) {
    return nothing(
      `None of the ${counted(clustering.parts, 'part')} of SIS has enough similar ones to form a motif; ${count(clustering.singleBases)} are single bases.${gap}`,
    )
  }
  const whole = { parts: clustering.parts, sis: subsets.stored }
  return markup`<p>${clusteringText(clustering)}${gap}</p>
    ${
      logic?.view === 'positions'
        ? markup`<p class="certificate wary">
            Parts say little of this model: <a href="#logic">its position profile</a> says what it needs.
          </p>`
        : undefined
    }
    <div class="motifs">${motifs.slice(0, drawn).map((motif) => motifCard(motif, whole))}</div>
    ${
      motifs.length > drawn
        ? markup`<details>
            <summary>${counted(motifs.length - drawn, 'smaller motif')}</summary>
            ${motifTable(motifs.slice(drawn), whole)}
          </details>`
        : undefined
    }`
}

/** What shares are of. */
interface Whole {
  readonly parts: number
  /** The model's, that keep a base. */
  readonly sis: number
}

/** e.g. "900 parts of SIS: 860 in 4 motifs (dbscan), 31 (3.4 %) in none, 9 (1 %) single bases." */
export function clusteringText({ method, parts, singleBases, noise, motifs }: ClusteringFacts): string {
  const inMotifs = parts - singleBases - noise
  return `${counted(parts, 'part')} of SIS: ${count(inMotifs)} in ${counted(motifs.length, 'motif')} (${method}), ${count(noise)} (${percent(noise, parts)}) in none, ${count(singleBases)} (${percent(singleBases, parts)}) ${singleBases === 1 ? 'a single base' : 'single bases'}.`
}

function partGapText({ partGap, partGapWithin }: LogicFacts, given: number | undefined): string {
  const rule = `More than ${counted(partGap, 'masked base')} between neighbours ${partGap === 1 ? 'begins' : 'begin'} a new part`
  if (given !== undefined) return `${rule}, as was asked for.`
  return partGapWithin >= 1
    ? `${rule}: the gaps between kept bases are of one kind.`
    : `${rule}: learnt from the gaps between kept bases, of which an estimated ${percent(partGapWithin, 1)} lie within parts.`
}

function motifCard(motif: MotifFacts, { parts, sis }: Whole): Markup {
  return markup`<article class="motif">
    <h4><i class="motif-key ${motifStyle(motif)}"></i>${motif.name}</h4>
    ${motifLogo(motif, 'large')}
    <p class="share">
      <strong>${percent(motif.sis, sis)}</strong> of SIS have it
      <span class="quiet">(${count(motif.sis)} SIS, ${counted(motif.sequences, 'sequence')})</span>
    </p>
    <dl>
      <div>
        <dt>Consensus</dt>
        <dd><code>${shortenRuns(motif.consensus)}</code></dd>
      </div>
      <div>
        <dt>Parts</dt>
        <dd>
          ${count(motif.size)}, ${percent(motif.size, parts)} of all; ${fixed(motif.information, 1)} bits kept,
          ${fixed(motif.siteInformation, 1)} in the sequences
        </dd>
      </div>
      <div>
        <dt>Stability</dt>
        <dd>${fixed(motif.stability, 2)} <span class="quiet">of 1, over resamples of the parts</span></dd>
      </div>
      ${aloneEntry(motif)}${originEntry(motif)}
      <div>
        <dt>Sequences there</dt>
        <dd>${sitesMarkup(motif)}</dd>
      </div>
      <div>
        <dt>Known motif</dt>
        <dd>${matchMarkup(motif)}</dd>
      </div>
    </dl>
  </article>`
}

/** Whether the motif is enough by itself. */
function aloneEntry({ alone, size }: MotifFacts): Markup | undefined {
  if (alone === undefined) return undefined
  return markup`<div>
    <dt>Alone</dt>
    <dd>
      scores ${score(alone.median)} (median); ${alone.sufficient === 0 ? 'none' : count(alone.sufficient)} of
      ${counted(size, 'part')} ${alone.sufficient === 1 ? 'keeps' : 'keep'} the decision
    </dd>
  </div>`
}

/** How it was made, where that is not from one cluster. */
function originEntry({ clustersMerged, adopted, palindrome }: MotifFacts): Markup | undefined {
  const facts = [
    clustersMerged > 1 ? `${count(clustersMerged)} clusters that are the same within noise` : '',
    adopted > 0
      ? `${counted(adopted, 'part')} ${adopted === 1 ? 'was' : 'were'} in no cluster but on a site of it`
      : '',
    palindrome ? 'a palindrome: its strand says nothing' : '',
  ].filter((fact) => fact !== '')
  if (facts.length === 0) return undefined
  return markup`<div>
    <dt>Made of</dt>
    <dd>${facts.join('; ')}</dd>
  </div>`
}

/** Drawn where the sequences say more than the motif does. */
function sitesMarkup(motif: MotifFacts): Markup {
  if (motif.siteConsensus === motif.consensus) return markup`<span class="quiet">the same</span>`
  return markup`${siteLogo(motif)}<code>${shortenRuns(motif.siteConsensus)}</code>`
}

export function matchMarkup(motif: MotifFacts): Markup {
  const { match } = motif
  if (match === undefined) return markup`<span class="quiet">not compared</span>`
  const name = match.targetName === '' ? match.targetId : match.targetName
  const id = name === match.targetId ? undefined : markup` <span class="quiet">${match.targetId}</span>`
  const details = `${qText(match.qValue)}${match.orientation === '-' ? ', reverse strand' : ''}`
  if (motif.naming === 'named') return markup`<strong>${name}</strong>${id}, ${details}`
  const reason = motif.naming === 'vague' ? 'too vague to name' : 'none'
  return markup`<span class="quiet">${reason}; nearest ${name}, ${details}</span>`
}

function motifTable(motifs: readonly MotifFacts[], { parts, sis }: Whole): Markup {
  return table({
    caption: 'Smaller motifs.',
    columns: [
      { title: 'Motif', heads: true },
      { title: 'Consensus' },
      { title: markup`SIS with<br>it`, numeric: true },
      { title: '% of SIS', numeric: true },
      { title: 'Parts', numeric: true },
      { title: markup`% of<br>parts`, numeric: true },
      { title: markup`Bits<br>kept`, numeric: true },
      { title: markup`Bits in the<br>sequences`, numeric: true },
      { title: 'Known motif' },
    ],
    rows: motifs.map((motif) => [
      motif.name,
      markup`<code>${shortenRuns(motif.consensus)}</code>`,
      { content: count(motif.sis), sort: motif.sis },
      { content: percent(motif.sis, sis), sort: motif.sis },
      { content: count(motif.size), sort: motif.size },
      { content: percent(motif.size, parts), sort: motif.size },
      { content: fixed(motif.information, 1), sort: motif.information },
      { content: fixed(motif.siteInformation, 1), sort: motif.siteInformation },
      matchMarkup(motif),
    ]),
  })
}
