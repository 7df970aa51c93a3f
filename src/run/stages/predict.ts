/** Predict: the scores of every sequence under one model, its metrics, and the threshold τ. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, DataError } from '../../base/errors.ts'
import type { ModelDescription } from '../../model/artifact/artifact.ts'
import { descriptionFileName } from '../../model/artifact/executableFiles.ts'
import type { Predictor } from '../../predict/predictor.ts'
import { masked } from '../../sequence/alphabet.ts'
import { splitNames, type SequenceSet, type Split } from '../../sequence/sequenceSet.ts'
import { decisionHolds, type Decision } from '../../sis/decision.ts'
import { quantileThreshold } from '../../sis/threshold.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { readSequenceSet } from '../../store/tableReader.ts'
import { openTableWriter, writeTable } from '../../store/tableWriter.ts'
import { skillWarning, skillOf } from '../../train/chance.ts'
import { evaluate, type SplitMetrics } from '../../train/evaluate.ts'
import type { RunContext } from '../record/context.ts'
import { modelId, outputIndex, type ModelConfig } from '../config/modelIndex.ts'
import { loadModel, openPredictor } from '../../import/modelPredictor.ts'
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
        const chosen = outputIndex(output, predictor.outputs, model.name)
        const outputs = predictor.outputs.length
        const τ =
          threshold ??
          quantileThreshold(scoresOf(set, scores, outputs, chosen, quantileSplit), quantile, direction)
        const decision = { output: chosen, outputs, direction, threshold: τ }
        if (!anyConfident(set, scores, config.extract.splits, decision)) {
          const error = nothingToExplain(config.extract.splits, decision, model)
          if (explains) throw error
          reporter.warn(error.message)
        }

        const predictions = directory.table('predictions', model.name)
        const writer = await openTableWriter('predictions', predictions)
        try {
          for (let row = 0; row < set.count; row++) {
            for (let t = 0; t < outputs; t++) {
              writer.append({
                model_id: id,
                sequence_id: set.ids[row]!,
                output: t,
                score: scores[row * outputs + t]!,
              })
            }
          }
          await writer.close()
        } finally {
          await writer.abort()
        }

        const models = directory.table('models', model.name)
        const metric = (split: string, name: 'auroc' | 'auprc'): number | null =>
          metrics.find((entry) => entry.split === split && entry.output === predictor.outputs[chosen])?.[
            name
          ] ?? null
        await writeTable('models', models, [
          {
            model_id: id,
            name: model.name,
            architecture: architectureOf(description),
            parameters: description.parameters,
            auroc_train: metric('train', 'auroc'),
            auprc_train: metric('train', 'auprc'),
            auroc_valid: metric('valid', 'auroc'),
            auprc_valid: metric('valid', 'auprc'),
            auroc_test: metric('test', 'auroc'),
            auprc_test: metric('test', 'auprc'),
            output: chosen,
            output_name: predictor.outputs[chosen]!,
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

/** Whether some sequence of the splits that are explained has the decision. */
function anyConfident(
  set: SequenceSet,
  scores: Float32Array, // [n, outputs]
  splits: readonly Split[],
  decision: Decision & { readonly outputs: number },
): boolean {
  const codes = splits.map((split) => splitNames.indexOf(split))
  for (let row = 0; row < set.count; row++) {
    const score = scores[row * decision.outputs + decision.output]!
    if (codes.includes(set.splits[row]!) && decisionHolds(decision, score)) return true
  }
  return false
}

export function nothingToExplain(
  splits: readonly Split[],
  { direction, threshold }: Decision,
  { name }: ModelConfig,
): DataError {
  return new DataError(
    `no sequence of split ${splits.join(', ')} has a score ${direction} ${threshold} under model '${name}'; change the threshold or explain another split`,
  )
}

function scoresOf(
  set: SequenceSet,
  scores: Float32Array, // [n, outputs]
  outputs: number,
  output: number,
  split: (typeof splitNames)[number] | 'all',
): Float32Array {
  const chosen = Float32Array.from({ length: set.count }, (_, row) => scores[row * outputs + output]!)
  if (split === 'all') return chosen
  const code = splitNames.indexOf(split)
  return chosen.filter((_, row) => set.splits[row] === code)
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
