/** Of a model that looks at places rather than at motifs: which bases its SIS keep where. */
import { count, counted, listed, percent } from '../../base/format.ts'
import { baseLetters } from '../../sequence/alphabet.ts'
import type { LogicFacts, PositionClusterFacts } from '../logicFacts.ts'
import { markup, type Markup } from '../markup.ts'
import { colourCount, nothing } from '../parts.ts'
import { axisFromZero, roundTicks } from '../svg/axis.ts'
import { heatMap } from '../svg/heatMap.ts'
import { table } from '../table.ts'

/** Columns of a drawing, at most: of a longer sequence several positions share one. */
const mostColumns = 420
/** Rows of the table of what is kept most. */
const told = 10

/** @param order of the model, for its colour */
export function positionProfiles(name: string, logic: LogicFacts, order: number): Markup {
  const { sis, sisInSayingMotifs, halfPositions, positionClusters } = logic
  const length = positionClusters[0]?.profile.length ?? 0
  if (length === 0) return nothing('No SIS keeps a base, so there is no profile.')
  return markup`<p>
      Parts say little of this model: ${sisInSayingMotifs === 0 ? 'none' : `only ${count(sisInSayingMotifs)} (${percent(sisInSayingMotifs, sis)})`}
      of its ${counted(sis, 'SIS', 'SIS')} ${sisInSayingMotifs === 1 ? 'has' : 'have'} a part in a motif that says
      something. Half of the bases that they keep lie at ${count(halfPositions)} of ${counted(length, 'position')}.
      So it is shown by places: which bases its SIS keep where.
    </p>
    ${positionClusters.map((cluster, i) => profileFigure(name, cluster, { order, i, of: positionClusters.length }))}`
}

function profileFigure(
  name: string,
  cluster: PositionClusterFacts,
  { order, i, of }: { order: number; i: number; of: number },
): Markup {
  const { sis, share, profile } = cluster
  const binWidth = Math.ceil(profile.length / mostColumns)
  // Of several positions the one that is kept most.
  const columns = Array.from({ length: Math.ceil(profile.length / binWidth) }, (_, column) =>
    profile.slice(column * binWidth, (column + 1) * binWidth),
  )
  const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0)
  const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0)
  const bars = columns.map((own) => (100 * most(own.map(sum))) / sis)
  const cells = columns.map((own) =>
    Array.from(baseLetters, (_, base) => most(own.map((counts) => counts[base]!)) / sis),
  )
  const kept = profile
    .flatMap((counts, position) => counts.map((n, base) => ({ position, base: baseLetters[base]!, n })))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n || a.position - b.position)
    .slice(0, told)
  const which =
    of === 1
      ? `all ${counted(sis, 'SIS', 'SIS')}`
      : `group ${i + 1} of ${of}: ${counted(sis, 'SIS', 'SIS')} (${percent(share, 1)}) that keep much the same positions`
  const high = columns.length * binWidth - 0.5
  const strongest = kept
    .slice(0, 3)
    .map(({ position, base, n }) => `${base} at ${position} (${percent(n, sis)})`)
  return markup`<figure class="wide">
      <figcaption>
        <strong>Position profile of ${name}, ${which}.</strong> Bars: share of the SIS that keep the position.
        Below: which base they keep there, darkest at ${percent(most(cells.flat()), 1)} of the SIS, nothing where none does.${
          binWidth > 1 ? ` Each column is the most of ${binWidth} positions.` : ''
        }
      </figcaption>
      <div class="scroll" role="region" tabindex="0" aria-label="Position profile of ${name}, ${which}">
        ${heatMap({
          label: `Position profile of ${name}, ${which}; kept most: ${listed(strongest)}`,
          rows: Array.from(baseLetters),
          cells,
          bars,
          x: {
            label: 'Position in the sequence, from 0',
            low: -0.5,
            high,
            ticks: roundTicks(0, high, 10).filter(Number.isInteger),
          },
          y: axisFromZero('SIS (%)', most(bars)),
          colour: order % colourCount,
        })}
      </div>
    </figure>
    <details>
      <summary>The ${kept.length} bases kept most, ${of === 1 ? 'in numbers' : `group ${i + 1}, in numbers`}</summary>
      ${table({
        caption: `Bases that the SIS of ${name} keep most, ${which}.`,
        columns: [
          { title: 'Position', numeric: true, heads: true },
          { title: 'Base' },
          { title: 'SIS', numeric: true },
          { title: '% of SIS', numeric: true },
        ],
        rows: kept.map(({ position, base, n }) => [
          { content: String(position), sort: position },
          base,
          { content: count(n), sort: n },
          { content: percent(n, sis), sort: n },
        ]),
      })}
    </details>`
}
