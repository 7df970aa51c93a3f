/** Train: one model of the run on its train split, or a model that was trained before taken over. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ConfigError } from '../../base/errors.ts'
import { hashFile } from '../../io/hashFile.ts'
import { loadModelDescription, loadNetwork, saveModel, type ModelDetails } from '../../model/artifact.ts'
import { parseLayers } from '../../model/architectureSchema.ts'
import { resolveArchitecture } from '../../model/architecture.ts'
import { initialiseNetwork } from '../../model/initialise.ts'
import type { Network } from '../../model/network.ts'
import { writeOnnx } from '../../model/onnxWriter.ts'
import { createOnnxPredictor } from '../../predict/onnxPredictor.ts'
import { loadTensorFlow } from '../../predict/tfjsRuntime.ts'
import type { SequenceSet } from '../../sequence/sequenceSet.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { readSequenceSet } from '../../store/tableReader.ts'
import { writeTable } from '../../store/tableWriter.ts'
import { evaluate } from '../../train/evaluate.ts'
import { trainNetwork } from '../../train/train.ts'
import type { Config } from '../configSchema.ts'
import type { RunContext } from '../context.ts'
import { modelId, type ModelConfig } from '../modelIndex.ts'
import { isPath } from '../readConfig.ts'
import { readPrepared } from '../readPrepared.ts'
import type { Stage, StageResult } from '../stage.ts'

export async function trainStage(context: RunContext, model: ModelConfig): Promise<Stage> {
  const { directory, config } = context
  const { architecture, layers, strands, artifact, name, ...own } = model
  const files = await tableFiles(directory.path, 'sequences')
  const architectureFile = architecture !== undefined && isPath(architecture) ? architecture : undefined
  return {
    name: `train.${name}`,
    settings: {
      id: modelId(config, model),
      seed: config.seed,
      train: { ...config.train, ...own },
      architecture,
      layers,
      strands,
    },
    inputs: () =>
      artifact === undefined
        ? [...files, ...(architectureFile === undefined ? [] : [architectureFile])]
        : [join(artifact, 'model.onnx'), join(artifact, 'model.json')],
    run: () => (artifact === undefined ? train(context, model) : takeOver(context, model, artifact)),
  }
}

async function train(context: RunContext, model: ModelConfig): Promise<StageResult> {
  const { directory, config, reporter, signal } = context
  const { labelNames } = await readPrepared(directory)
  const { backend, ...settings } = trainingOptions(config.train, model)
  const hidden = await hiddenLayers(model)
  const set = await readSequenceSet(directory.path, { labelNames })
  const architecture = resolveArchitecture(hidden, labelNames.length, model.strands)
  const seed = config.seed
  const runtime = await loadTensorFlow(backend)
  reporter.info(`train.${model.name}: ${runtime.backend}`)
  const first = initialiseNetwork(architecture, set.length, labelNames, seed)
  const { network, history, bestEpoch } = await trainNetwork(
    first,
    set,
    { name: model.name, seed, ...settings, l2: 0, background: config.extract.background, signal },
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
    },
    metrics: await measure(network, set, context),
  })
  const historyPath = directory.table('training_history', model.name)
  const id = modelId(config, model)
  await writeTable(
    'training_history',
    historyPath,
    history.map(({ epoch, trainLoss, validLoss, validAuroc }) => ({
      model_id: id,
      epoch,
      loss: trainLoss,
      valid_loss: validLoss,
      valid_auroc: validAuroc,
    })),
  )
  return {
    outputs: [join(path, 'model.onnx'), join(path, 'model.json'), historyPath],
    details: { backend: runtime.backend, bestEpoch, epochs: history.length },
  }
}

/** Measured as the model will run: by ONNX Runtime. */
async function measure(
  network: Network,
  set: SequenceSet,
  { config, threads, signal }: RunContext,
): Promise<ModelDetails['metrics']> {
  const { background, batchSize } = config.extract
  const predictor = await createOnnxPredictor(writeOnnx(network), {
    length: network.inputLength,
    outputs: network.outputs,
    background,
    batchSize,
    threads,
  })
  try {
    return (await evaluate(predictor, set, signal)).metrics
  } finally {
    await predictor.close()
  }
}

async function takeOver(
  { directory }: RunContext,
  model: ModelConfig,
  artifact: string,
): Promise<StageResult> {
  const path = directory.model(model.name)
  const description = await loadModelDescription(artifact)
  const { layers } = description.architecture
  await saveModel(path, await loadNetwork(artifact, description), {
    ...description,
    name: model.name,
    architecture: { ...description.architecture, layers: parseLayers(layers) },
  })
  return {
    outputs: [join(path, 'model.onnx'), join(path, 'model.json')],
    details: { artifact },
  }
}

async function hiddenLayers(model: ModelConfig): Promise<string | readonly unknown[]> {
  const { architecture, layers } = model
  if (layers !== undefined) return layers
  if (!isPath(architecture!)) return architecture!
  const list: unknown = parse(await readFile(architecture!, 'utf8'))
  if (!Array.isArray(list))
    throw new ConfigError(`${architecture}: an architecture file is a YAML list of layers`)
  return list as unknown[]
}

/** A model's own training settings; those it leaves out are the run's. */
function trainingOptions(run: Config['train'], model: ModelConfig): Config['train'] {
  return {
    backend: run.backend,
    epochs: model.epochs ?? run.epochs,
    patience: model.patience ?? run.patience,
    batchSize: model.batchSize ?? run.batchSize,
    learningRate: model.learningRate ?? run.learningRate,
    classWeights: model.classWeights ?? run.classWeights,
  }
}
