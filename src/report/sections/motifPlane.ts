/** All motifs of all models on one plane, laid out by how alike their sites are. */
import { count, fixed, listed, percent, shortenRuns } from '../../base/format.ts'
import { classicalScaling } from '../../motif/classicalScaling.ts'
import { motifDistances } from '../../motif/motifDistances.ts'
import { markup, type Markup } from '../markup.ts'
import { colourCount, figure, modelLegend, scrolling } from '../parts.ts'
import type { ModelFacts } from '../reportData.ts'
import { motifMap } from '../svg/motifMap.ts'
import { table } from '../table.ts'

/** Motifs on the map, the largest. */
const mapped = 60
/** Fewer are told in a line. */
const fewest = 3

/** @returns undefined where there are too few motifs for a map */
export function motifPlane(models: readonly ModelFacts[]): Markup | undefined {
  const all = models
    .flatMap((model, index) =>
      (model.clustering?.motifs ?? []).map((motif) => ({ motif, model, style: `c${index % colourCount}` })),
    )
    .sort((a, b) => b.motif.size - a.motif.size || a.motif.motifId - b.motif.motifId)
    .slice(0, mapped)
  if (all.length < fewest) return undefined
  const distances = motifDistances(
    all.map(({ motif: { sitePpm, nsites } }) => ({
      counts: sitePpm.map((row) => row.map((p) => p * nsites)),
      nsites,
    })),
  )
  const { points, shown } = classicalScaling(distances)
  const nearest = distances.map((row, i) =>
    row.reduce((best, distance, j) => (j !== i && (best < 0 || distance < row[best]!) ? j : best), -1),
  )
  const nameOf = (i: number): string => {
    const { label, name } = all[i]!.motif
    const text = shortenRuns(label)
    return text === name ? name : `${text} (${name})`
  }
  const label = `Map of ${all.length} motifs of ${listed(models.map(({ name }) => name))}; the table after it tells the same`
  return markup`<h3>All motifs on one plane</h3>
    <div class="wide-figure">${figure(
      'Map of the motifs',
      `Circles lie near each other where their sites are alike on either strand (classical scaling of how much information pooling two motifs loses; the plane shows ${percent(shown, 1)} of it); areas go with parts${models.length > 1 ? ', colours with models' : ''}.`,
      markup`${models.length > 1 ? modelLegend(models) : undefined}${scrolling(
        'Map of the motifs',
        motifMap(
          label,
          all.map(({ motif, style }, i) => ({
            ...points[i]!,
            size: motif.size,
            name: motif.naming === 'named' ? motif.label : motif.name,
            note: `${nameOf(i)}, ${count(motif.size)} parts; nearest ${nameOf(nearest[i]!)}`,
            style,
            href: motif.card === undefined ? undefined : `#motif-${motif.motifId}`,
          })),
        ),
      )}`,
    )}</div>
    <details>
      <summary>The map as a table</summary>
      ${table({
        caption: 'Each motif’s nearest one. Distance: 0 is the same, 1 has nothing in common.',
        save: { formats: 'tsv', name: 'map of motifs' },
        columns: [
          { title: 'Motif', heads: true },
          { title: 'Model' },
          { title: 'Parts', numeric: true },
          { title: 'Nearest' },
          { title: 'Distance', numeric: true },
          { title: 'x', numeric: true },
          { title: 'y', numeric: true },
        ],
        rows: all.map(({ motif, model }, i) => [
          nameOf(i),
          model.name,
          { content: count(motif.size), sort: motif.size },
          nameOf(nearest[i]!),
          { content: fixed(distances[i]![nearest[i]!]!, 2), sort: distances[i]![nearest[i]!]! },
          fixed(points[i]!.x, 2),
          fixed(points[i]!.y, 2),
        ]),
      })}
    </details>`
}
