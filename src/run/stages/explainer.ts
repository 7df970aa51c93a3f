/** What explains the sequences of one model: its predictor, the engine that selects, gradients where they are asked for. */
import { ConfigError } from '../../base/errors.ts'
import type { Reporter } from '../../base/reporter.ts'
import { openEngine, type Engine, type EngineOptions } from '../../engine/engine.ts'
import { loadModel, openPredictor, type Model } from '../../import/modelPredictor.ts'
import { openGradients } from '../../predict/devices.ts'
import type { GradientPredictor } from '../../predict/gradientPredictor.ts'
import type { Predictor } from '../../predict/predictor.ts'
import type { Decision } from '../../sis/decision.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'

export interface Explainer {
  readonly predictor: Predictor
  readonly engine: Engine
  /** Of batched-gradient selection alone. */
  readonly gradients: GradientPredictor | undefined
  close(): Promise<void>
}

/** @throws ConfigError where the config asks for what the model cannot have, what opening a predictor throws */
export async function openExplainer(
  { directory, config, threads, signal }: RunContext,
  { name }: ModelConfig,
  decision: Decision,
  reporter: Reporter,
): Promise<Explainer> {
  const { background, batchSize, device, engine: preference, selection, blockSize } = config.extract
  const { model } = await loadModel(directory.model(name))
  const engine = engineFor(blockSize, model, { preference, decision, background, threads, signal })
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
    const predictor = await openPredictor(model, { background, batchSize, device, threads })
    const close = async (): Promise<void> => {
      await predictor.close()
      await gradients?.close()
      await engine.close()
    }
    return { predictor, engine, gradients, close }
  } catch (error) {
    await gradients?.close()
    await engine.close()
    throw error
  }
}

/** @throws ConfigError where an engine was asked for and cannot be had */
function engineFor(blockSize: number, model: Model, options: EngineOptions): Engine {
  if (blockSize === 1) return openEngine(model.kind === 'network' ? model.network : model, options)
  if (options.preference === 'incremental') {
    throw new ConfigError(
      `no incremental engine for blocks of ${blockSize} bases: engines mask base by base; use --engine auto or naive, or --block-size 1`,
    )
  }
  return openEngine({ refusal: 'engines mask base by base, not blocks' }, options)
}
