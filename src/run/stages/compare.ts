/** Compare: what the SIS of each model are to the others, and to the planted truth where it is known. */
import { clusterShares } from '../../compare/clusterShares.ts'
import { backgroundDecides, crossSufficiency, type CrossSufficiency } from '../../compare/crossSufficiency.ts'
import { sisOverlaps } from '../../compare/sisOverlaps.ts'
import { truthScores } from '../../compare/truthScores.ts'
import { readSequenceSet, readRows } from '../../store/tableReader.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { writeTable } from '../../store/tableWriter.ts'
import type { RunContext } from '../record/context.ts'
import { modelFiles, openModelOfRun, readModelDecision } from './readModels.ts'
import type { Stage } from '../record/stage.ts'

export async function compareStage(context: RunContext): Promise<Stage> {
  const { directory, config } = context
  const sisFiles = await tableFiles(directory.path, 'sis')
  const truthFiles = await tableFiles(directory.path, 'truth')
  const clusterFiles = [
    ...(await tableFiles(directory.path, 'clusterings')),
    ...(await tableFiles(directory.path, 'cluster_members')),
  ]
  const outputs = {
    shares: directory.table('cluster_shares', 'all'),
    cross: directory.table('cross_sufficiency', 'all'),
    overlaps: directory.table('sis_overlaps', 'all'),
    truth: directory.table('truth_scores', 'all'),
  }
  return {
    name: 'compare',
    settings: {
      models: config.models.map((model) => model.name),
      background: config.extract.background,
      device: config.extract.device,
    },
    inputs: () => [...sisFiles, ...truthFiles, ...clusterFiles, ...modelFiles(context)],
    async run() {
      const columns = ['model_id', 'sequence_id', 'rank', 'positions'] as const
      const sis = await readRows(sisFiles, 'sis', columns)
      const truth =
        truthFiles.length === 0
          ? []
          : await readRows(truthFiles, 'truth', ['sequence_id', 'motif', 'positions'])
      const { scores, motifs } = truthScores(sis, truth)
      await writeTable('truth_scores', outputs.truth, scores)
      await writeTable('sis_overlaps', outputs.overlaps, sisOverlaps(sis))
      await writeTable('cross_sufficiency', outputs.cross, await crossScores(context, sis))
      await writeTable('cluster_shares', outputs.shares, await jointShares(context, clusterFiles))
      for (const { model_id, precision, recall, f1 } of scores) {
        context.reporter.info(
          `${config.models[model_id]!.name}: SIS against planted positions: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, F1 ${f1.toFixed(3)}`,
        )
      }
      return { outputs: Object.values(outputs), details: { truth: scores, motifRecall: motifs } }
    },
  }
}

async function crossScores(
  context: RunContext,
  sis: Parameters<typeof crossSufficiency>[0],
): Promise<CrossSufficiency[]> {
  const { directory, config, reporter, signal } = context
  if (config.models.length < 2) return []
  const sequences = await readSequenceSet(directory.path)
  const results: CrossSufficiency[] = []
  for (const [modelId, { name }] of config.models.entries()) {
    signal.throwIfAborted()
    const decision = await readModelDecision(directory, name)
    const predictor = await openModelOfRun(context, name)
    const judge = { modelId, predictor, decision }
    try {
      if (await backgroundDecides(judge)) {
        reporter.warn(
          `${name} gives its decision with everything masked, so any subset would be sufficient for it: the other models' SIS are not scored by it`,
        )
        continue
      }
      const task = reporter.task(`${name}: scoring the other models' SIS`)
      try {
        results.push(...(await crossSufficiency(sis, sequences, judge, task)))
      } finally {
        task.end()
      }
    } finally {
      await predictor.close()
    }
  }
  return results
}

async function jointShares(
  { directory, config }: RunContext,
  clusterFiles: readonly string[],
): Promise<ReturnType<typeof clusterShares>> {
  if (clusterFiles.length === 0) return []
  const joint = await readRows(directory.path, 'clusterings', ['clustering_id'], {
    where: 'model_id IS NULL',
  })
  const ids = joint.map((row) => row.clustering_id)
  if (ids.length === 0) return []
  const members = await readRows(
    directory.path,
    'cluster_members',
    ['clustering_id', 'cluster_id', 'model_id'],
    { where: `clustering_id IN (${ids.join(', ')})` },
  )
  return clusterShares(members, config.models.keys())
}
