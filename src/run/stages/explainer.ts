/** What explains the sequences of one model: its predictor, the engine that selects, gradients where they are asked for. */
import { ConfigError } from '../../base/errors.ts'
import type { Reporter } from '../../base/reporter.ts'
import { fillMasked } from '../../completion/filledPredictor.ts'
import { openEngine, type Engine, type EngineOptions } from '../../engine/engine.ts'
import { loadModel, openPredictor, type Model } from '../../import/modelPredictor.ts'
import { openGradients } from '../../predict/devices.ts'
import type { GradientPredictor } from '../../predict/gradientPredictor.ts'
import type { Predictor } from '../../predict/predictor.ts'
import { exactAtMost } from '../../sis/approximate/batchedGradient.ts'
import type { Decision } from '../../sis/decision.ts'
import { readSequenceSet } from '../../store/tableReader.ts'
import { fillOf } from '../config/fills.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'
import { donorsOf } from './donors.ts'
import type { Filling } from './extractInputs.ts'

export interface Explainer {
  /** Where real bases stand in the place of masks; its predictor is the explainer's. */
  readonly filling: Filling | undefined
  readonly predictor: Predictor
  readonly engine: Engine
  /** Of batched-gradient selection alone. */
  readonly gradients: GradientPredictor | undefined
  close(): Promise<void>
}

/** @throws ConfigError where the config asks for what the model cannot have, what opening a predictor throws */
export async function openExplainer(
  context: RunContext,
  modelConfig: ModelConfig,
  decision: Decision,
  reporter: Reporter,
): Promise<Explainer> {
  const { directory, config, threads, signal } = context
  const { name } = modelConfig
  const { background, batchSize, device, engine: preference, selection, blockSize } = config.extract
  const { model } = await loadModel(directory.model(name))
  const candidates = selection === 'batched-gradient' ? exactAtMost : undefined
  const fill = fillOf(config.extract)
  const engine = engineFor(blockSize, fill === undefined ? model : filledRefusal, {
    preference,
    decision,
    background,
    threads,
    candidates,
    signal,
  })
  let gradients: GradientPredictor | undefined
  try {
    reporter.info(`engine ${engine.name} (${engine.reason})`)
    if (selection === 'batched-gradient') {
      if (model.kind === 'black-box') {
        throw new ConfigError(
          `--selection batched-gradient needs gradients, and model '${name}' is a black box (${model.refusal}); use --selection exact, or --block-size`,
        )
      }
      gradients = await openGradients(model.network, device, { background, threads })
    }
    const masking = await openPredictor(model, { background, batchSize, device, threads })
    const filling = await fillingOf(context, modelConfig, decision, masking)
    const predictor = filling?.predictor ?? masking
    const close = async (): Promise<void> => {
      await predictor.close()
      await gradients?.close()
      await engine.close()
    }
    return { predictor, filling, engine, gradients, close }
  } catch (error) {
    await gradients?.close()
    await engine.close()
    throw error
  }
}

/** @throws ConfigError where an engine was asked for and cannot be had */
function engineFor(
  blockSize: number,
  model: Model | { readonly refusal: string },
  options: EngineOptions,
): Engine {
  if (blockSize === 1) return openEngine('network' in model ? model.network : model, options)
  if (options.preference === 'incremental') {
    throw new ConfigError(
      `no incremental engine for blocks of ${blockSize} bases: engines mask base by base; use --engine auto or naive, or --block-size 1`,
    )
  }
  return openEngine({ refusal: 'engines mask base by base, not blocks' }, options)
}

const filledRefusal = {
  refusal: 'engines compute what one mask changes, and here the score is the mean over completions',
}

async function fillingOf(
  { directory, config }: RunContext,
  model: ModelConfig,
  decision: Decision,
  predictor: Predictor,
): Promise<Filling | undefined> {
  const fill = fillOf(config.extract)
  if (fill === undefined) return undefined
  const donors =
    fill.kind === 'others'
      ? await donorsOf(directory, model, decision, await readSequenceSet(directory.path))
      : new Uint8Array(0)
  return {
    fill,
    sources: { seed: config.seed, background: config.extract.background, donors },
    predictor: fillMasked(predictor, fill.completions),
  }
}
