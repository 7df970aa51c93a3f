/** Train: one model of the run on its train split. A model that was trained before is taken over (takeOver.ts). */
import { join } from 'node:path'
import { hashFile } from '../../io/files/hashFile.ts'
import { saveModel, type AttemptSummary, type ModelDetails } from '../../model/artifact/artifact.ts'
import { resolveArchitecture } from '../../model/network/architecture.ts'
import { initialiseNetwork } from '../../model/network/initialise.ts'
import type { Network } from '../../model/network/network.ts'
import { createOnnxPredictor } from '../../predict/onnx/onnxPredictor.ts'
import type { SequenceSet } from '../../sequence/sequenceSet.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { hasReverseStrand, readSequenceSet } from '../../store/tableReader.ts'
import { writeTable } from '../../store/tableWriter.ts'
import { evaluate } from '../../train/evaluate.ts'
import { openTrainingRuntime } from '../../train/trainingRuntimes.ts'
import { trainWithRestarts, type Attempt } from '../../train/restarts.ts'
import { isPath, type Config } from '../config/configSchema.ts'
import type { RunContext } from '../record/context.ts'
import { filesOfModel } from '../../import/modelFormat.ts'
import { modelId, type ModelConfig } from '../config/modelIndex.ts'
import { hiddenLayers } from '../inputs/hiddenLayers.ts'
import { readPrepared } from './readPrepared.ts'
import type { Stage, StageResult } from '../record/stage.ts'
import { takeOver } from './takeOver.ts'

export async function trainStage(context: RunContext, model: ModelConfig): Promise<Stage> {
  const { directory, config } = context
  const { architecture, layers, strands, artifact, file, weights, check, name, ...own } = model
  const files = await tableFiles(directory.path, 'sequences')
  const architectureFile = architecture !== undefined && isPath(architecture) ? architecture : undefined
  const from = file ?? artifact
  const modelFiles = from === undefined ? [] : await filesOfModel(from, weights)
  return {
    name: `train.${name}`,
    settings: {
      id: modelId(config, model),
      seed: config.seed,
      train: { ...config.train, ...own },
      architecture,
      layers,
      strands,
      ...(file === undefined ? {} : { check, background: config.extract.background }),
    },
    inputs: () => [
      ...(artifact === undefined ? files : []),
      ...(architectureFile === undefined ? [] : [architectureFile]),
      ...modelFiles,
    ],
    run: () => (from === undefined ? train(context, model) : takeOver(context, model)),
  }
}

async function train(context: RunContext, model: ModelConfig): Promise<StageResult> {
  const { directory, config, reporter, signal } = context
  const { labelNames } = await readPrepared(directory)
  const { backend, ...chosen } = trainingOptions(config.train, model)
  const hidden = await hiddenLayers(model)
  const set = await readSequenceSet(directory.path, { labelNames })
  const architecture = resolveArchitecture(hidden, labelNames.length, model.strands)
  const randomStrand =
    architecture.strands === 'forward' && (chosen.randomStrand ?? !(await hasReverseStrand(directory.path)))
  const settings = { ...chosen, randomStrand }
  const { initialisation } = settings
  const runtime = await openTrainingRuntime(backend, architecture, context.threads)
  const turned = 'each epoch reads every sequence on a random strand (--no-random-strand: as it is)'
  reporter.info(`train.${model.name}: ${runtime.backend}${randomStrand ? `; ${turned}` : ''}`)
  const { network, history, bestEpoch, seed, learnt, attempts } = await trainWithRestarts(
    (seed) => initialiseNetwork(architecture, set.length, labelNames, seed, initialisation),
    set,
    {
      name: model.name,
      seed: config.seed,
      ...settings,
      background: config.extract.background,
      signal,
    },
    runtime,
    reporter,
  )
  const [sequences] = await tableFiles(directory.path, 'sequences')
  const path = directory.model(model.name)
  await saveModel(path, network, {
    name: model.name,
    architecture,
    background: config.extract.background,
    training: {
      dataHash: await hashFile(sequences!),
      backend: runtime.backend,
      seed,
      options: settings,
      bestEpoch,
      history: [...history],
      attempts: attempts.map(summaryOf),
    },
    metrics: await measure(network, set, context),
  })
  const historyPath = directory.table('training_history', model.name)
  const id = modelId(config, model)
  await writeTable(
    'training_history',
    historyPath,
    attempts.flatMap((attempt, i) =>
      attempt.history.map(({ epoch, trainLoss, validLoss, validAuroc }) => ({
        model_id: id,
        attempt: i + 1,
        seed: attempt.seed,
        kept: attempt.seed === seed,
        epoch,
        loss: trainLoss,
        valid_loss: validLoss,
        valid_auroc: validAuroc,
      })),
    ),
  )
  return {
    outputs: [join(path, 'model.onnx'), join(path, 'model.json'), historyPath],
    details: {
      backend: runtime.backend,
      seed,
      bestEpoch,
      epochs: history.length,
      learnt,
      attempts: attempts.map(summaryOf),
    },
  }
}

function summaryOf({ seed, bestEpoch, validLoss, learnt, history }: Attempt): AttemptSummary {
  return { seed, epochs: history.length, bestEpoch, validLoss, learnt }
}

/** Measured as the model will run: by ONNX Runtime. */
async function measure(
  network: Network,
  set: SequenceSet,
  { config, threads, signal }: RunContext,
): Promise<ModelDetails['metrics']> {
  const { background, batchSize } = config.extract
  const predictor = await createOnnxPredictor(network, { background, batchSize, threads })
  try {
    return (await evaluate(predictor, set, signal)).metrics
  } finally {
    await predictor.close()
  }
}

/** A model's own training settings; those it leaves out are the run's. */
function trainingOptions(run: Config['train'], model: ModelConfig): Config['train'] {
  return {
    backend: run.backend,
    epochs: model.epochs ?? run.epochs,
    patience: model.patience ?? run.patience,
    restarts: model.restarts ?? run.restarts,
    initialisation: model.initialisation ?? run.initialisation,
    batchSize: model.batchSize ?? run.batchSize,
    learningRate: model.learningRate ?? run.learningRate,
    schedule: model.schedule ?? run.schedule,
    weightDecay: model.weightDecay ?? run.weightDecay,
    classWeights: model.classWeights ?? run.classWeights,
    randomStrand: model.randomStrand ?? run.randomStrand,
  }
}
