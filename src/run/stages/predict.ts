/** Predict: the scores of every sequence under one model, its metrics, and the threshold τ. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../base/errors.ts'
import type { ModelDescription } from '../../model/artifact/artifact.ts'
import { descriptionFileName } from '../../model/artifact/executableFiles.ts'
import type { Predictor } from '../../predict/predictor.ts'
import { masked } from '../../sequence/alphabet.ts'
import { splitNames, type SequenceSet, type Split } from '../../sequence/sequenceSet.ts'
import { quantileThreshold } from '../../sis/threshold.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { readSequenceSet } from '../../store/tableReader.ts'
import type { Row } from '../../store/tables.ts'
import { openTableWriter, writeTable } from '../../store/tableWriter.ts'
import { skillWarning, skillOf } from '../../train/chance.ts'
import { evaluate, type SplitMetrics } from '../../train/evaluate.ts'
import type { RunContext } from '../record/context.ts'
import { modelId, outputIndex, type ModelConfig } from '../config/modelIndex.ts'
import { loadModel, openPredictor } from '../../import/modelPredictor.ts'
import { anyConfident, nothingToExplain } from './confidentSequences.ts'
import { readPrepared } from './readPrepared.ts'
import type { Stage } from '../record/stage.ts'

/**
 * @param explains whether SIS are extracted next: then a threshold that no sequence reaches is an error, before anything
 * of an earlier one is written over
 */
export async function predictStage(
  context: RunContext,
  model: ModelConfig,
  { explains = false }: { explains?: boolean } = {},
): Promise<Stage> {
  const { directory, config, threads, reporter, signal } = context
  const { output, direction, threshold, quantile, quantileSplit, background, batchSize, device } =
    config.extract
  const id = modelId(config, model)
  const path = directory.model(model.name)
  const files = await tableFiles(directory.path, 'sequences')
  if (!existsSync(join(path, descriptionFileName))) {
    throw new ConfigError(`model '${model.name}' is not trained or taken over yet; run 'sis train' first`)
  }
  return {
    name: `predict.${model.name}`,
    settings: { id, output, direction, threshold, quantile, quantileSplit, background, device },
    // It holds the hash of the model's own files.
    inputs: () => [...files, join(path, descriptionFileName)],
    async run() {
      const { description, model: loaded } = await loadModel(path)
      const { labelNames } = await readPrepared(directory)
      const set = await readSequenceSet(directory.path, { labelNames })
      const predictor = await openPredictor(loaded, { background, batchSize, device, threads })
      try {
        const task = reporter.task(`${model.name}: scoring sequences`, set.count)
        const { metrics, scores } = await evaluate(predictor, set, signal)
        task.end()
        const outputs = predictor.outputs.length
        const chosen = outputIndex(output, predictor.outputs, model.name)
        const outputName = predictor.outputs[chosen]!
        const explained = scoresOf(scores, outputs, chosen)
        const τ = threshold ?? quantileThreshold(ofSplit(set, explained, quantileSplit), quantile, direction)
        const decision = { output: chosen, direction, threshold: τ }
        if (!anyConfident(set, explained, config.extract.splits, decision)) {
          const error = nothingToExplain(config.extract.splits, decision, model)
          if (explains) throw error
          reporter.warn(error.message)
        }

        const predictions = directory.table('predictions', model.name)
        await writePredictions(predictions, id, set, scores, outputs)
        const models = directory.table('models', model.name)
        await writeTable('models', models, [
          {
            model_id: id,
            name: model.name,
            architecture: architectureOf(description),
            parameters: description.parameters,
            ...metricColumns(metrics, outputName),
            output: chosen,
            output_name: outputName,
            direction,
            threshold: τ,
            quantile: threshold === undefined ? quantile : null,
            background,
            score_masked: await scoreMasked(predictor, chosen),
            model_hash: description.modelHash,
          },
        ])
        reporter.info(
          `${model.name}: ${describe(metrics)}; explained are scores ${direction} ${τ.toPrecision(4)}`,
        )
        for (const warning of skillWarnings(metrics, predictor.outputs)) {
          reporter.warn(`${model.name}: ${warning}`)
        }
        return {
          outputs: [predictions, models],
          details: {
            backend: predictor.backend,
            threshold: τ,
            metrics: metrics.map(({ split, output: name, auroc, auprc, accuracy, logLoss }) => ({
              split,
              output: name,
              auroc,
              auprc,
              accuracy,
              logLoss,
            })),
          },
        }
      } finally {
        await predictor.close()
      }
    },
  }
}

/** The scores of one output. */
function scoresOf(scores: Float32Array, outputs: number, output: number): Float32Array {
  return Float32Array.from({ length: scores.length / outputs }, (_, row) => scores[row * outputs + output]!)
}

function ofSplit(set: SequenceSet, scores: Float32Array, split: Split | 'all'): Float32Array {
  if (split === 'all') return scores
  const code = splitNames.indexOf(split)
  return scores.filter((_, row) => set.splits[row] === code)
}

async function writePredictions(
  path: string,
  id: number,
  set: SequenceSet,
  scores: Float32Array, // [n, outputs]
  outputs: number,
): Promise<void> {
  const writer = await openTableWriter('predictions', path)
  try {
    for (let row = 0; row < set.count; row++) {
      for (let output = 0; output < outputs; output++) {
        writer.append({
          model_id: id,
          sequence_id: set.ids[row]!,
          output,
          score: scores[row * outputs + output]!,
        })
      }
    }
    await writer.close()
  } finally {
    await writer.abort()
  }
}

/** auROC and auPRC of one output on each split; null where they were not measured. */
function metricColumns(
  metrics: readonly SplitMetrics[],
  output: string,
): Pick<Row<'models'>, `${'auroc' | 'auprc'}_${Split}`> {
  const of = (split: Split): Partial<SplitMetrics> =>
    metrics.find((entry) => entry.split === split && entry.output === output) ?? {}
  const [train, valid, test] = [of('train'), of('valid'), of('test')]
  return {
    auroc_train: train.auroc ?? null,
    auprc_train: train.auprc ?? null,
    auroc_valid: valid.auroc ?? null,
    auprc_valid: valid.auprc ?? null,
    auroc_test: test.auroc ?? null,
    auprc_test: test.auprc ?? null,
  }
}

/** As the report has it. */
function architectureOf({ architecture, form, source }: ModelDescription): string {
  if (architecture === null) return `${source?.format ?? form}, a black box`
  return architecture.strands === 'both' ? `${architecture.name}, both strands` : architecture.name
}

async function scoreMasked(predictor: Predictor, output: number): Promise<number> {
  const scores = await predictor.predict(new Uint8Array(predictor.width).fill(masked), 1)
  return scores[output]!
}

/** A sentence for each output that does no better than chance. */
function skillWarnings(metrics: readonly SplitMetrics[], outputs: readonly string[]): string[] {
  return outputs.flatMap((output) => {
    const skill = skillOf(metrics.filter((entry) => entry.output === output))
    const warning = skill && skillWarning(skill)
    if (warning === undefined) return []
    return outputs.length === 1 ? [warning] : [`output ${output} ${warning}`]
  })
}

function describe(metrics: readonly SplitMetrics[]): string {
  const parts = metrics
    .filter(({ auroc }) => auroc !== null)
    .map(({ split, output, auroc, auprc }) => {
      const of = metrics.some((other) => other.split === split && other.output !== output)
        ? ` (${output})`
        : ''
      return `${split}${of} auROC ${auroc!.toFixed(4)} auPRC ${auprc!.toFixed(4)}`
    })
  return parts.length === 0 ? 'no labels to measure by' : parts.join(', ')
}
