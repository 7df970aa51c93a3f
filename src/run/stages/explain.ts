/** Explain: what one other method says of the sequences that are explained by SIS, under one model. */
import { ConfigError } from '../../base/errors.ts'
import { openExplainedNumber } from '../../explain/explainedNumber.ts'
import type { OpenMethod } from '../../explain/method.ts'
import { methods, type MethodName } from '../../explain/methods.ts'
import { loadModel, type Model } from '../../import/modelPredictor.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { openTableWriter } from '../../store/tableWriter.ts'
import { modelId, type ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'
import type { Stage } from '../record/stage.ts'
import { attributionRow } from './attributionRow.ts'
import { explainedIds, sequenceBatches } from './explainedSequences.ts'
import { modelFilesOf, readModelDecision } from './readModels.ts'

export async function explainStage(
  context: RunContext,
  model: ModelConfig,
  name: MethodName,
): Promise<Stage> {
  const { directory, config, reporter, signal } = context
  const { splits, background, device } = config.extract
  const { replicates: asked, maxSequences, steps, baseline, references, samples, window } = config.explain
  const settings = { steps, baseline, references, samples, window }
  const method = methods[name]
  const replicates = method.samples ? asked : 1
  const id = modelId(config, model)
  const output = directory.table('attributions', `${model.name}.${name}`)
  const sequenceFiles = await tableFiles(directory.path, 'sequences')
  return {
    name: `explain.${model.name}.${name}`,
    settings: {
      id,
      splits,
      extracted: config.extract.maxSequences,
      maxSequences,
      background,
      device,
      replicates,
      seed: config.seed,
      ...settings,
    },
    inputs: () => [
      ...sequenceFiles,
      ...modelFilesOf(directory, model.name),
      directory.table('predictions', model.name),
    ],
    async run() {
      const decision = await readModelDecision(directory, model.name)
      const chosen = new Set(await explainedIds(context, model, decision))
      const { model: loaded } = await loadModel(directory.model(model.name))
      const { threads } = context
      const network = networkFor(name, model.name, loaded)
      const number = await openExplainedNumber(loaded, decision.output, { background, device, threads })
      const opened: OpenMethod[] = []
      let done = 0
      const task = reporter.task(`${model.name}: ${name}`, chosen.size * replicates)
      try {
        const writer = await openTableWriter('attributions', output)
        let backend = number.predictor.backend
        try {
          for (let replicate = 0; replicate < replicates; replicate++) {
            const ready = await method.open({
              number: number.predictor,
              numberOf: number.numberOf,
              network,
              output: decision.output,
              direction: decision.direction,
              background,
              device,
              threads,
              seed: config.seed + replicate,
              settings,
              signal,
            })
            opened.push(ready)
            backend = ready.backend
            const of = { model_id: id, method: name, replicate }
            for await (const batch of sequenceBatches(sequenceFiles, chosen, ready.batchSize)) {
              signal.throwIfAborted()
              const started = performance.now()
              const found = await ready.explain(batch)
              const seconds = (performance.now() - started) / 1000 / batch.length
              for (const [i, attribution] of found.entries()) {
                writer.append({ ...of, sequence_id: batch[i]!.id, ...attributionRow(attribution), seconds })
              }
              task.update((done += batch.length))
            }
          }
          await writer.close()
        } finally {
          await writer.abort()
        }
        return {
          outputs: [output],
          details: { sequences: chosen.size, explains: number.kind, replicates, threads, backend },
        }
      } finally {
        task.end()
        for (const ready of opened) await ready.close()
        await number.predictor.close()
      }
    },
  }
}

/** @throws ConfigError where the method needs the layers of a model that shows none */
function networkFor(name: MethodName, modelName: string, model: Model) {
  if (model.kind === 'network') return model.network
  if (methods[name].needs === 'scores') return undefined
  const able = Object.entries(methods).flatMap(([other, { needs }]) => (needs === 'scores' ? [other] : []))
  throw new ConfigError(
    `--methods ${name} needs the layers of a network, and model '${modelName}' is a black box (${model.refusal}); of scores alone work ${able.join(', ')}`,
  )
}
