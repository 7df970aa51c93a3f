/** A set of motifs compared with another one: Tomtom's comparison (tomtom.ts), for each motif the ones of the other set that it is like. */
import { uniformBackground } from '../sequence/alphabet.ts'
import type { Matrix } from '../sequence/matrix.ts'
import { falseDiscoveryRates } from './falseDiscovery.ts'
import { columnInformation } from './informativeColumns.ts'
import type { ComparedMotif, MotifMatch } from './motifMatch.ts'
import { tomtomOneByOne } from './tomtom.ts'

/** With fewer targets than this, their own columns are a poor null for Tomtom. */
const fewestTargets = 50

export interface SetMotif {
  readonly id: string
  /** Of the factor, where one is known. */
  readonly name: string | undefined
  readonly ppm: Matrix // [width][4], rows sum to 1
  /** Where it is known, columns that so many sites cannot tell from even shares are silent in the motif as a query. */
  readonly nsites: number | undefined
}

/** Whether the null of these targets is made of other motifs' columns too. */
export function needsOthers(targets: readonly SetMotif[]): boolean {
  return targets.length < fewestTargets
}

/**
 * @param others motifs whose columns join the null of few targets (`needsOthers`); they are no targets
 * @param maxQValue highest q-value of a further match; each query's best is there, whatever its q-value
 * @returns the matches of each query, best first; E- and q-values are over the targets
 */
export function matchSets(
  queries: readonly SetMotif[],
  targets: readonly SetMotif[],
  others: readonly ComparedMotif[],
  maxQValue: number,
): MotifMatch[][] {
  // Ids are one set's own: two sets may have the same.
  const compared = targets.map(({ id, name = '', ppm }, i) => ({ id: `${i}`, name, of: id, ppm }))
  const known = needsOthers(targets)
    ? [...compared, ...others.map((motif) => ({ ...motif, id: '' }))]
    : compared
  return Array.from(tomtomOneByOne(queries.map(queryOf), known), (ranked) => {
    const matches = ranked.all().filter(({ targetId }) => targetId !== '')
    const qValues = falseDiscoveryRates(Float64Array.from(matches, ({ pValue }) => pValue))
    return matches.flatMap((match, matchRank) => {
      const [eValue, qValue] = [match.pValue * targets.length, qValues[matchRank]!]
      if (matchRank > 0 && qValue > maxQValue) return []
      return [{ ...match, targetId: compared[Number(match.targetId)]!.of, matchRank, eValue, qValue }]
    })
  })
}

function queryOf({ id, name = '', ppm, nsites }: SetMotif): ComparedMotif {
  if (nsites === undefined) return { id, name, ppm }
  const counts = ppm.map((row) => row.map((share) => share * nsites))
  const silent = columnInformation(counts, uniformBackground).map(({ informative }) => !informative)
  return { id, name, ppm, silent }
}
