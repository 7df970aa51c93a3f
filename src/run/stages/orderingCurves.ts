/** Orderings for the page's curves: those of each model's most confident sequences, found again as extraction found them. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { silentReporter } from '../../base/reporter.ts'
import type { OrderingCurve } from '../../report/columns/loadExplorer.ts'
import { encodeSequence } from '../../sequence/alphabet.ts'
import { createReferenceSelector } from '../../sis/backwardSelect.ts'
import { createScoreQueue } from '../../sis/queue/scoreQueue.ts'
import { sequenceInput } from '../../sis/sequenceInput.ts'
import type { Database } from '../../store/duckdb.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'
import type { StageRecord } from '../record/stage.ts'
import { openExplainer } from './explainer.ts'

/** Seconds that the orderings of one model may take, by what its extraction took; then there are fewer of them. */
const secondsAModel = 10
/** Selections at once: they share batches of the predictor, or threads of an engine. */
const atOnce = 16

/**
 * An extraction that was not exact, base by base, has no ordering of single bases; a model whose files are gone cannot be
 * asked.
 */
export async function orderingCurves(
  context: RunContext,
  database: Database,
  stages: readonly StageRecord[],
): Promise<OrderingCurve[]> {
  const { config, directory, reporter } = context
  const { selection, blockSize, fill } = config.extract
  const exact = selection === 'exact' && blockSize === 1 && fill === 'mask'
  if (config.report.curves === 0 || !exact) return []
  const curves: OrderingCurve[] = []
  for (const [modelId, model] of config.models.entries()) {
    if (!existsSync(join(directory.model(model.name), 'model.json'))) {
      reporter.info(`no ordering curves of ${model.name}: its files are not in the run`)
      continue
    }
    const chosen = await confident(database, modelId, config.report.curves)
    const wanted = chosen.slice(0, affordable(stages, model, await explained(database, modelId)))
    if (wanted.length > 0) curves.push(...(await curvesOf(context, model, modelId, wanted)))
  }
  return curves
}

interface Wanted {
  readonly sequence_id: number
  readonly name: string
  readonly sequence: string
  readonly output: number
  readonly direction: '>=' | '<='
  readonly threshold: number
}

/** The most confident first. */
function confident(database: Database, modelId: number, most: number): Promise<Wanted[]> {
  return database.rows<Wanted>(
    `SELECT sequence_id, sequences.name, sequence, output, direction, threshold
     FROM (SELECT sequence_id, first(score_full) AS score FROM sis WHERE model_id = ${modelId} AND NOT vacuous GROUP BY 1)
     JOIN sequences USING (sequence_id) JOIN models ON model_id = ${modelId}
     ORDER BY CASE WHEN direction = '>=' THEN -score ELSE score END, sequence_id LIMIT ${most}`,
  )
}

async function explained(database: Database, modelId: number): Promise<number> {
  const [row] = await database.rows<{ n: number }>(
    `SELECT count(DISTINCT sequence_id)::INTEGER AS n FROM sis WHERE model_id = ${modelId}`,
  )
  return row!.n
}

/** Orderings in the time allowed: extraction found at least one for each sequence. */
function affordable(stages: readonly StageRecord[], { name }: ModelConfig, sequences: number): number {
  const seconds = stages
    .filter(({ stage }) => stage === `extract.${name}` || stage.startsWith(`extract.${name}.`))
    .reduce((sum, stage) => sum + stage.seconds, 0)
  return seconds === 0 ? Infinity : Math.floor((secondsAModel * sequences) / seconds)
}

async function curvesOf(
  context: RunContext,
  model: ModelConfig,
  modelId: number,
  wanted: readonly Wanted[],
): Promise<OrderingCurve[]> {
  const [{ output, direction, threshold }] = wanted as [Wanted]
  const explainer = await openExplainer(context, model, { output, direction, threshold }, silentReporter)
  try {
    const queue = createScoreQueue({ predictor: explainer.predictor, output, signal: context.signal })
    const selector = explainer.engine.selector ?? createReferenceSelector(queue, direction)
    const curves: OrderingCurve[] = []
    const rest = [...wanted]
    while (rest.length > 0) {
      const found = rest.splice(0, atOnce).map(async ({ sequence_id, name, sequence }) => {
        queue.enter()
        try {
          const codes = encodeSequence(sequence)
          const present = new Uint8Array(codes.length).fill(1)
          const { features, scores } = await selector.select(sequenceInput(name, codes), present)
          return { modelId, sequenceId: sequence_id, positions: features, scores }
        } finally {
          queue.leave()
        }
      })
      curves.push(...(await Promise.all(found)))
    }
    return curves
  } finally {
    await explainer.close()
  }
}
