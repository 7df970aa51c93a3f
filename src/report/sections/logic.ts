/** What the parts of each model's SIS make together: AND, OR, order, orientation and spacing. */
import { count, counted, percent } from '../../base/format.ts'
import type { AlternativeFacts, LogicFacts, MotifRef } from '../logicFacts.ts'
import { markup, type Markup } from '../markup.ts'
import { motifSetMarkup } from '../motifName.ts'
import { colourCount, modelName, noSisReason, nothing, type Section } from '../parts.ts'
import type { ModelFacts, ReportData } from '../reportData.ts'
import { table } from '../table.ts'
import { pairCard } from './logicPairs.ts'
import { positionProfiles } from './positions.ts'

export function logicSection({ models }: ReportData): Section {
  return {
    id: 'logic',
    title: 'What the parts make together',
    body: markup`<p>
        An SIS is enough by itself and loses the decision without any single one of its bases. So the motifs of one SIS
        are needed together: <b class="operator">AND</b>. Each set of motifs is one way to the decision, and where a
        sequence has several SIS, which share no base, each of them is enough: <b class="operator">OR</b>. Both are read
        off the SIS themselves, not off scores of importance.
      </p>
      <p class="certificate wary">
        <strong>What SIS cannot see: NOT.</strong> An SIS keeps bases that are enough while all else is masked. A motif
        whose presence would forbid the decision is masked with the rest, so it never shows: a model that wants
        “A and not C” looks here like one that wants A.
      </p>
      ${models.map(
        (model, order) =>
          markup`<h3>${modelName(models, model.modelId)}</h3>
            ${modelLogic(model, order)}`,
      )}`,
  }
}

function modelLogic(model: ModelFacts, order: number): Markup {
  const { logic, clustering, subsets, name } = model
  if (subsets.stored === 0)
    return nothing(`No SIS, hence nothing that they have together: ${noSisReason(subsets)}.`)
  if (clustering === undefined)
    return nothing(
      markup`The SIS of this model were not clustered: <code>sis cluster DIR</code> does that, then <code>sis logic DIR</code>.`,
    )
  if (logic === undefined) {
    return nothing(
      markup`The parts are clustered, but what they make together is not worked out yet: <code>sis logic DIR</code> does that.`,
    )
  }
  if (logic.view === 'positions') {
    return markup`${positionProfiles(name, logic, order)}
      <details>
        <summary>The sets of its motifs, for what they are worth</summary>
        ${setTable(logic)}
      </details>`
  }
  return markup`${setTable(logic)}${alternativeTable(logic)}${pairCards(model, logic, order)}`
}

function setTable({ sets, setCount, sis }: LogicFacts): Markup {
  const rest = sis - sets.reduce((sum, set) => sum + set.sis, 0)
  return table({
    caption: markup`<strong>AND</strong>: the motifs that make up an SIS, of ${counted(sis, 'SIS', 'SIS')}. “Nothing else”: SIS without a single base or a part in no motif besides.${
      setCount > sets.length
        ? ` ${counted(setCount - sets.length, 'rarer set')} with ${counted(rest, 'SIS', 'SIS')} ${setCount - sets.length === 1 ? 'is' : 'are'} not shown.`
        : ''
    }`,
    columns: [
      { title: 'Motifs needed together', heads: true },
      { title: 'SIS', numeric: true },
      { title: '% of SIS', numeric: true },
      { title: 'Sequences', numeric: true },
      { title: markup`Nothing<br>else`, numeric: true },
    ],
    rows: sets.map((set) => [
      motifSetMarkup(set.motifs),
      { content: count(set.sis), sort: set.sis },
      { content: percent(set.sis, sis), sort: set.sis },
      { content: count(set.sequences), sort: set.sequences },
      { content: count(set.complete), sort: set.complete },
    ]),
  })
}

function alternativeTable({ alternatives, alternativeCount, severalSis, sequences }: LogicFacts): Markup {
  if (severalSis === 0) {
    return nothing('No sequence has several SIS, so nothing shows what stands for what (OR).')
  }
  const rest = severalSis - alternatives.reduce((sum, one) => sum + one.sequences, 0)
  return table({
    caption: markup`<strong>OR</strong>: ${count(severalSis)} of ${counted(sequences, 'explained sequence')} (${percent(severalSis, sequences)}) ${severalSis === 1 ? 'has' : 'have'} several disjoint SIS, each enough by itself.${
      alternativeCount > alternatives.length
        ? ` ${counted(alternativeCount - alternatives.length, 'rarer combination')} of ${counted(rest, 'sequence')} ${alternativeCount - alternatives.length === 1 ? 'is' : 'are'} not shown.`
        : ''
    }`,
    columns: [
      { title: 'Each enough by itself', heads: true },
      { title: 'Sequences', numeric: true },
      { title: markup`% of explained<br>sequences`, numeric: true },
    ],
    rows: alternatives.map((one) => [
      alternativeMarkup(one),
      { content: count(one.sequences), sort: one.sequences },
      { content: percent(one.sequences, sequences), sort: one.sequences },
    ]),
  })
}

/** e.g. "2 SIS of (TAL1 AND GATA4) OR CTCF": equal sets once. */
function alternativeMarkup({ sets }: AlternativeFacts): Markup {
  const keyOf = (motifs: readonly MotifRef[]): string => motifs.map(({ motifId }) => motifId).join()
  const kinds = new Map<string, { motifs: readonly MotifRef[]; times: number }>()
  for (const motifs of sets) {
    const times = kinds.get(keyOf(motifs))?.times ?? 0
    kinds.set(keyOf(motifs), { motifs, times: times + 1 })
  }
  return markup`${[...kinds.values()].map(
    ({ motifs, times }, i) =>
      markup`${i === 0 ? undefined : markup` <b class="operator">OR</b> `}<span class="set">${times === 1 ? undefined : `${times} SIS of `}${
        motifs.length > 1 ? markup`(${motifSetMarkup(motifs)})` : motifSetMarkup(motifs)
      }</span>`,
  )}`
}

function pairCards(model: ModelFacts, { pairs, pairCount }: LogicFacts, order: number): Markup {
  if (pairs.length === 0)
    return nothing('No SIS has two parts in motifs, so there is no pair whose spacing could be told.')
  return markup`${
    pairCount > pairs.length
      ? markup`<p class="quiet">The${pairs.length === 1 ? '' : ` ${count(pairs.length)}`} most frequent of ${counted(pairCount, 'pair')} of motifs:</p>`
      : undefined
  }${pairs.map((pair) => pairCard(pair, model, order % colourCount))}`
}
