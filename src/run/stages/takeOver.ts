/** A model that was trained before, here or elsewhere, as a model of this run. */
import { rm } from 'node:fs/promises'
import { DataError } from '../../base/errors.ts'
import { checkScores } from '../../import/checkScores.ts'
import { readModelFor } from '../../import/importModel.ts'
import { filesOfModel } from '../../import/modelFormat.ts'
import { lengthOf, openPredictor, outputsOf, type Model } from '../../import/modelPredictor.ts'
import {
  saveBlackBox,
  saveModel,
  type ModelDescription,
  type ModelSource,
} from '../../model/artifact/artifact.ts'
import { parseLayers } from '../../model/network/architectureSchema.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'
import type { StageResult } from '../record/stage.ts'
import { readPrepared } from './readPrepared.ts'

/**
 * @throws DataError where it reads another length than the run's sequences have, or does not give the scores that the
 * config's `check` has
 */
export async function takeOver(context: RunContext, model: ModelConfig): Promise<StageResult> {
  const { directory, config, threads, reporter } = context
  const { background, batchSize, device } = config.extract
  const { length, labelNames } = await readPrepared(directory)
  const path = directory.model(model.name)
  const from = model.file ?? model.artifact!
  const { inputOrder: order, ...options } = model
  const settings = { background, batchSize, device, threads }
  const found = await readModelFor(length, from, { ...options, order }, settings)
  const { model: read, source, description, notes } = found
  for (const note of notes) reporter.warn(`${model.name}: ${note}`)
  const reads = lengthOf(read)
  if (reads !== length) {
    throw new DataError(
      `reads ${reads} bases, but the sequences of this run have ${length}; prepare them with --length ${reads}`,
      { file: from },
    )
  }
  const named =
    model.file !== undefined && model.outputNames === undefined ? nameOutputs(read, labelNames) : read
  if (model.check !== undefined) {
    const predictor = await openPredictor(named, settings)
    try {
      await checkScores(predictor, model.check, from)
    } finally {
      await predictor.close()
    }
  }
  const before = model.artifact === undefined ? undefined : description
  await saveTakenOver(path, named, { name: model.name, source, background }, before)
  const what =
    named.kind === 'network' ? `${named.network.layers.length} layers known` : `black box: ${named.refusal}`
  reporter.info(`train.${model.name}: taken over from ${from} (${source?.format ?? 'sis'}; ${what})`)
  return {
    outputs: await filesOfModel(path),
    details: { from, format: source?.format ?? 'sis', model: what },
  }
}

/** What was trained here keeps what its description says of it. */
async function saveTakenOver(
  path: string,
  model: Model,
  { name, source, background }: { name: string; source: ModelSource | null; background: readonly number[] },
  before: ModelDescription | undefined,
): Promise<void> {
  // Another form of this model may have other files.
  await rm(path, { recursive: true, force: true })
  const kept = { metrics: [], background, ...before, name, source }
  if (model.kind === 'black-box') {
    await saveBlackBox(path, model.blackBox, { ...kept, refusal: model.refusal })
    return
  }
  const { layers, strands } = model.network
  const architecture =
    before?.architecture == null
      ? { name: source?.format ?? 'custom', layers, strands }
      : { ...before.architecture, layers: parseLayers(before.architecture.layers) }
  await saveModel(path, model.network, { training: null, ...kept, architecture })
}

/** Output t is held against label t, so where a file leaves its outputs without names they take the labels'. */
function nameOutputs(model: Model, labelNames: readonly string[]): Model {
  if (outputsOf(model).length !== labelNames.length) return model
  if (model.kind === 'network') return { ...model, network: { ...model.network, outputs: labelNames } }
  const { blackBox } = model
  return { ...model, blackBox: { ...blackBox, output: { ...blackBox.output, outputs: labelNames } } }
}
