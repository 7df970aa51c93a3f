/** Cluster: the parts of every model's SIS, and of all jointly, grouped into motifs; motifs named by the known ones. */
import { mapConcurrently } from '../../base/concurrently.ts'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import { readKnownMotifs } from '../../io/motifs/knownMotifs.ts'
import { matchMotifsInThreads, type CountedMotif } from '../../motif/compareMotifs.ts'
import { findPartMotifsInThread } from '../../motif/partMotifsInThread.ts'
import type { SequenceSet } from '../../sequence/sequenceSet.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { readRows, readSequenceSet } from '../../store/tableReader.ts'
import type { TableName } from '../../store/tables.ts'
import { writeTable } from '../../store/tableWriter.ts'
import { knownMotifsFile } from '../inputs/knownMotifs.ts'
import type { RunContext } from '../record/context.ts'
import type { Stage } from '../record/stage.ts'
import { enrichmentRows } from './enrichmentRows.ts'
import {
  addMatches,
  addSearch,
  largestMotifs,
  memeText,
  noMotifRows,
  type MotifRows,
  type Scope,
} from './motifRows.ts'
import { readModelDecision } from './readModels.ts'
import { partsOfRun, type SisPart } from './sisPartRows.ts'

export async function clusterStage(context: RunContext): Promise<Stage> {
  const { directory, config, threads, reporter, signal } = context
  const { method, eps, minSamples, k, partGap, merge, reverseComplements, maxQValue } = config.cluster
  const { background, splits } = config.extract
  const known = knownMotifsFile(config)
  const inputs = await tableFiles(directory.path, 'sis')
  const sequences = await tableFiles(directory.path, 'sequences')
  const decisions = config.models.map(({ name }) => directory.table('models', name))
  return {
    name: 'cluster',
    settings: {
      method,
      eps,
      minSamples,
      k,
      partGap,
      merge,
      reverseComplements,
      maxQValue,
      splits,
      seed: config.seed,
      background,
      models: config.models.map((model) => model.name),
    },
    inputs: () => [...inputs, ...sequences, ...decisions, known],
    async run() {
      const columns = ['model_id', 'sequence_id', 'rank', 'positions'] as const
      // An empty SIS has no parts: the background gave the decision.
      const sis = await readRows(inputs, 'sis', columns, { where: 'NOT vacuous' })
      const set = await readSequenceSet(directory.path)
      const { parts, gaps } = partsOfRun(sis, set, partGap)
      const rows = noMotifRows()
      const queries: CountedMotif[] = []
      const scopes: Scope[] = config.models.map((model, id) => ({ name: model.name, id }))
      // Models are compared by the clusters that their patterns share.
      if (scopes.length > 1) scopes.push({ name: 'joint', id: null })
      const task = reporter.task('clustering parts', scopes.length)
      const shares = scopes.map(() => 0)
      const membersOf = ({ id }: Scope): readonly SisPart[] =>
        id === null ? parts : parts.filter(({ sis: { model_id } }) => model_id === id)
      const options = { method, eps, minSamples, k, merge, reverseComplements, seed: config.seed, background }
      const searches = await mapConcurrently(scopes, threads, signal, async (scope, i, either) => {
        const tell = (share: number): void => {
          shares[i] = share
          const done = shares.reduce((sum, each) => sum + each, 0)
          task.update(Math.floor(100 * done) / 100, scope.name)
        }
        const search = await findPartMotifsInThread(membersOf(scope), options, {
          signal: either,
          progress: tell,
        })
        tell(1)
        return search
      })
      for (const [i, scope] of scopes.entries()) {
        queries.push(...addSearch(rows, scope, membersOf(scope), searches[i]!, { method, background }))
      }
      task.end(`${rows.motifs.length} motifs`)

      const targets = await readKnownMotifs(known, (note) => {
        reporter.warn(note)
      })
      const comparing = reporter.task('comparing motifs with known ones', queries.length)
      const targetsById = new Map(targets.map((target) => [target.id, target]))
      const matches = await matchMotifsInThreads(queries, targets, (ranked) => ranked.best(maxQValue), {
        threads,
        signal,
        progress: (compared) => {
          comparing.update(compared)
        },
      })
      for (const found of matches) addMatches(rows, found, targetsById)
      comparing.end(`${targets.length} known motifs`)
      for (const line of largestMotifs(rows)) reporter.info(line)
      await addEnrichment(context, rows, set)

      const outputs: string[] = []
      const at = (table: TableName): string => {
        outputs.push(directory.table(table, 'all'))
        return outputs.at(-1)!
      }
      await writeTable('clusterings', at('clusterings'), rows.clusterings)
      await writeTable('clusters', at('clusters'), rows.clusters)
      await writeTable('cluster_members', at('cluster_members'), rows.cluster_members)
      await writeTable('motifs', at('motifs'), rows.motifs)
      await writeTable('sis_parts', at('sis_parts'), rows.sis_parts)
      await writeTable('known_motifs', at('known_motifs'), rows.known_motifs)
      await writeTable('motif_enrichment', at('motif_enrichment'), rows.motif_enrichment)
      await writeTable('motif_matches', at('motif_matches'), rows.motif_matches)
      await writeFileAtomically(directory.motifs, memeText(rows, 'sites', background))
      await writeFileAtomically(directory.keptMotifs, memeText(rows, 'kept', background))
      return {
        outputs: [...outputs, directory.motifs, directory.keptMotifs],
        details: {
          knownMotifs: known,
          clusterings: rows.clusterings,
          partGaps: [...gaps].map(([model_id, gap]) => ({ model_id, ...gap })),
        },
      }
    },
  }
}

async function addEnrichment(
  { directory, config, reporter, signal }: RunContext,
  rows: MotifRows,
  set: SequenceSet,
): Promise<void> {
  const outputs: number[] = []
  for (const { name } of config.models) outputs.push((await readModelDecision(directory, name)).output)
  const { splits } = config.extract
  const task = reporter.task('scanning sequences with the motifs', rows.motifs.length)
  const found = await enrichmentRows(rows.motifs, set, {
    splits,
    // Models that are clustered jointly explain one output.
    outputOf: ({ model_id }) => outputs[model_id ?? 0]!,
    signal,
    progress: (motifs) => {
      task.update(motifs)
    },
  })
  rows.motif_enrichment.push(...found)
  task.end(`${splits.join(', ')} split`)
}
