/** The motifs that each model's SIS form, and the known motifs that they resemble. */
import { count, counted, fixed, percent, shortenRuns } from '../../base/format.ts'
import { markup, type Markup } from '../markup.ts'
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
        Parts of SIS that are nearly equal are clustered and aligned; each cluster’s logo shows how often each base was
        kept at each position, its height the information content in bits. That is what the model needs; the
        small logo below it is what the sequences have at these sites, and by that a known motif is recognised.
        ${
          run.knownMotifs === undefined
            ? 'No known-motif file was given, so the motifs are not named.'
            : markup`Known motifs are those of <code>${run.knownMotifs}</code>; a q-value above ${namingLevel} is shown but is no match, and a motif whose sites hold less than ${leastSiteInformation} bits is too vague to be named.`
        }
      </p>
      ${models.map(
        (model) =>
          markup`<h3>${modelName(models, model.modelId)}</h3>
            ${skillBanner(models, model)}${modelMotifs(model)}`,
      )}`,
  }
}

function modelMotifs({ clustering, subsets }: ModelFacts): Markup {
  if (subsets.stored === 0) return nothing(`No SIS, hence no motifs: ${noSisReason(subsets)}.`)
  if (clustering === undefined) return nothing('The SIS of this model were not clustered.')
  const { motifs } = clustering
  if (motifs.length === 0) {
    return nothing(
      `None of the ${counted(clustering.parts, 'part')} of SIS has enough similar ones to form a cluster.`,
    )
  }
  return markup`<p>${clusteringText(clustering)}</p>
    <div class="motifs">${motifs.slice(0, drawn).map((motif) => motifCard(motif, clustering.parts))}</div>
    ${
      motifs.length > drawn
        ? markup`<details>
            <summary>${counted(motifs.length - drawn, 'smaller motif')}</summary>
            ${motifTable(motifs.slice(drawn), clustering.parts)}
          </details>`
        : undefined
    }`
}

/** e.g. "900 parts of SIS in 4 motifs (dbscan); 31 (3.4 %) are in none." */
export function clusteringText({ method, parts, noise, motifs }: ClusteringFacts): string {
  return `${counted(parts, 'part')} of SIS in ${counted(motifs.length, 'motif')} (${method}); ${noise === 0 ? 'none is' : `${count(noise)} (${percent(noise, parts)}) are`} in none.`
}

function motifCard(motif: MotifFacts, parts: number): Markup {
  return markup`<article class="motif">
    <h4>${motif.name}</h4>
    ${motifLogo(motif, 'large')}
    <p class="share">
      <strong>${percent(motif.size, parts)}</strong> of parts
      <span class="quiet">(${count(motif.size)})</span>
    </p>
    <dl>
      <div>
        <dt>Consensus</dt>
        <dd><code>${shortenRuns(motif.consensus)}</code></dd>
      </div>
      <div>
        <dt>Sites</dt>
        <dd>
          ${count(motif.nsites)}; ${fixed(motif.information, 1)} bits kept,
          ${fixed(motif.siteInformation, 1)} in the sequences
        </dd>
      </div>
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

function motifTable(motifs: readonly MotifFacts[], parts: number): Markup {
  return table({
    caption: 'Smaller motifs.',
    columns: [
      { title: 'Motif', heads: true },
      { title: 'Consensus' },
      { title: 'SIS', numeric: true },
      { title: '% of SIS', numeric: true },
      { title: markup`Bits<br>kept`, numeric: true },
      { title: markup`Bits in the<br>sequences`, numeric: true },
      { title: 'Known motif' },
    ],
    rows: motifs.map((motif) => [
      motif.name,
      markup`<code>${shortenRuns(motif.consensus)}</code>`,
      { content: count(motif.size), sort: motif.size },
      { content: percent(motif.size, parts), sort: motif.size },
      { content: fixed(motif.information, 1), sort: motif.information },
      { content: fixed(motif.siteInformation, 1), sort: motif.siteInformation },
      matchMarkup(motif),
    ]),
  })
}
