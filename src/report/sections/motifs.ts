/** The motifs that each model's SIS form, and the known motifs that they resemble. */
import { count, counted, percent } from '../../base/format.ts'
import type { LogicFacts } from '../logicFacts.ts'
import { markup, type Markup } from '../markup.ts'
import { leastSiteInformation, namingLevel } from '../../motif/naming.ts'
import { colourCount, modelName, noSisReason, nothing, skillBanner, type Section } from '../parts.ts'
import type { ClusteringFacts, ModelFacts, ReportData, RunFacts } from '../reportData.ts'
import { motifCard } from './motifCard.ts'
import { motifPlane } from './motifPlane.ts'
import { motifTable } from './motifTable.ts'

/** Cards of a model that stand open; the rest open on demand, and all of one whose parts say little. */
const openCards = 3

export function motifsSection({ run, models }: ReportData): Section {
  return {
    id: 'motifs',
    title: 'Motifs',
    body: markup`<p>
        An SIS splits into parts: kept bases with no wide gap between neighbours. Parts that are nearly equal
        are clustered and aligned. A motif has two logos: the bases that the SIS keep are what the model needs; the
        sequences’ own bases at these sites are what a factor would see, and by them a known motif is recognised.
        A part of one base is a single base: counted, and in no motif.
        ${
          run.knownMotifs === undefined
            ? 'No known-motif file was given, so the motifs are not named.'
            : markup`Known motifs are those of <code>${run.knownMotifs}</code>; a q-value above ${namingLevel} is shown but is no match, and a motif whose sites hold less than ${leastSiteInformation} bits is too vague to be named.`
        }
      </p>
      ${models.map(
        (model, index) =>
          markup`<h3>${modelName(models, model.modelId)}</h3>
            ${skillBanner(models, model)}${modelMotifs(model, index, run)}`,
      )}${motifPlane(models)}`,
  }
}

function modelMotifs(model: ModelFacts, index: number, { partGap, assembly }: RunFacts): Markup {
  const { modelId, name, clustering, subsets, logic } = model
  if (subsets.stored === 0) return nothing(`No SIS, hence no motifs: ${noSisReason(subsets)}.`)
  if (clustering === undefined) return nothing('The SIS of this model were not clustered.')
  const { motifs } = clustering
  const gap = logic === undefined ? '' : ` ${partGapText(logic, partGap)}`
  if (motifs.length === 0) {
    return nothing(
      `None of the ${counted(clustering.parts, 'part')} of SIS has enough similar ones to form a motif; ${count(clustering.singleBases)} are single bases.${gap}`,
    )
  }
  const setting = {
    modelId,
    modelName: name,
    parts: clustering.parts,
    sis: subsets.stored,
    colour: index % colourCount,
    assembly,
  }
  const cards = motifs.flatMap((motif) =>
    motif.card === undefined ? [] : [{ motif, card: motifCard(motif, motif.card, setting) }],
  )
  const open = logic?.view === 'positions' ? 0 : openCards
  return markup`<p>${clusteringText(clustering)}${gap}</p>
    ${
      logic?.view === 'positions'
        ? markup`<p class="certificate wary">
            Parts say little of this model: <a href="#logic">its position profile</a> says what it needs.
          </p>`
        : undefined
    }${motifTable({
      caption: `Motifs of ${name}, the largest first.`,
      name: `motifs of ${name}`,
      motifs,
      sis: subsets.stored,
      modelId,
    })}
    <div class="cards">${cards.slice(0, open).map(({ card }) => card)}</div>
    ${cards.slice(open).map(
      ({ motif, card }) =>
        markup`<details class="cards">
          <summary>${motif.name} <code>${motif.siteConsensus}</code></summary>
          ${card}
        </details>`,
    )}`
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
