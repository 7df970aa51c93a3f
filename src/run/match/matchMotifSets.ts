/** Match: two sets of motifs, each compared with the other, as a table with Tomtom's columns. They are told in docs/files.md. */
import type { Writable } from 'node:stream'
import { counted, listed } from '../../base/format.ts'
import { writePieces } from '../../io/files/writePieces.ts'
import { readKnownMotifs } from '../../io/motifs/knownMotifs.ts'
import { matchSets, needsOthers } from '../../motif/matchSets.ts'
import type { MotifMatch } from '../../motif/motifMatch.ts'
import { shippedMotifs } from '../inputs/knownMotifs.ts'
import { readMotifSet, type NamedMatrix } from '../inputs/motifSet.ts'
import type { RunEnvironment } from '../record/openRun.ts'

export interface MatchOptions {
  /** Run directories or motif files. */
  readonly first: string
  readonly second: string
  /** Highest q-value of a match; each motif's best one is written whatever its q-value. */
  readonly q: number
  readonly output: Writable | string
}

interface MotifSet {
  readonly path: string
  readonly motifs: readonly NamedMatrix[]
}

const columns = [
  'Query_ID',
  'Target_ID',
  'Optimal_offset',
  'p-value',
  'E-value',
  'q-value',
  'Overlap',
  'Query_consensus',
  'Target_consensus',
  'Orientation',
  'Query_name',
  'Target_name',
  'Query_set',
  'Target_set',
]

export async function matchMotifSets(
  { first, second, q, output }: MatchOptions,
  environment: RunEnvironment,
): Promise<void> {
  const read = async (path: string): Promise<MotifSet> => ({
    path,
    motifs: await readMotifSet(path, undefined, environment),
  })
  const sets = [await read(first), await read(second)] as const
  const others = await readKnownMotifs(shippedMotifs)
  const lines = [columns]
  for (const [queries, targets] of [sets, [sets[1], sets[0]]] as const) {
    environment.signal.throwIfAborted()
    if (needsOthers(targets.motifs)) {
      environment.reporter.info(
        `p-values against ${targets.path}, which has few motifs, are reckoned with the columns of ${counted(others.length, 'consensus motif')} besides`,
      )
    }
    const found = matchSets(queries.motifs, targets.motifs, others, q)
    const names = new Map(queries.motifs.map(({ id, name }) => [id, name]))
    for (const match of found.flat())
      lines.push(rowOf(match, names.get(match.queryId), queries.path, targets.path))
    environment.reporter.info(summaryOf(queries, targets, found, q))
  }
  await writePieces(
    lines.map((line) => `${line.join('\t')}\n`),
    output,
    environment.signal,
  )
}

/** Motifs without a match that the summary names; the table has all. */
const mostNamed = 12

function rowOf(match: MotifMatch, name: string | undefined, querySet: string, targetSet: string): string[] {
  return [
    match.queryId,
    match.targetId,
    `${match.optimalOffset}`,
    match.pValue.toExponential(3),
    match.eValue.toExponential(3),
    match.qValue.toExponential(3),
    `${match.overlap}`,
    match.queryConsensus,
    match.targetConsensus,
    match.orientation,
    name ?? '',
    match.targetName,
    querySet,
    targetSet,
  ]
}

function summaryOf(queries: MotifSet, targets: MotifSet, found: readonly MotifMatch[][], q: number): string {
  const alone = queries.motifs.filter((_, i) => !(found[i]?.[0] !== undefined && found[i][0].qValue <= q))
  const like = `${queries.motifs.length - alone.length} of ${counted(queries.motifs.length, 'motif')} of ${queries.path} match one of ${targets.path} at q ≤ ${q}`
  if (alone.length === 0) return like
  const ids = alone.slice(0, mostNamed).map(({ id }) => id)
  const more = alone.length - ids.length
  return `${like}; none for ${listed(more === 0 ? ids : [...ids, `${more} more`])}`
}
