/** The models of a run for the stages that ask them again: their files, predictors, and what the predict stage decided. */
import { join } from 'node:path'
import { openModel } from '../../import/modelPredictor.ts'
import type { Predictor } from '../../predict/predictor.ts'
import type { Decision } from '../../sis/decision.ts'
import { readRows } from '../../store/tableReader.ts'
import type { RunContext } from '../record/context.ts'
import type { RunDirectory } from '../record/runDirectory.ts'

/** The files that scores and decisions of a run's models depend on. */
export function modelFiles({ directory, config }: RunContext): string[] {
  return config.models.flatMap(({ name }) => modelFilesOf(directory, name))
}

export function modelFilesOf(directory: RunDirectory, name: string): string[] {
  return [join(directory.model(name), 'model.json'), directory.table('models', name)]
}

/** A model as extraction scores with it. @throws as `openModel` */
export function openModelOfRun({ directory, config, threads }: RunContext, name: string): Promise<Predictor> {
  const { background, batchSize, device } = config.extract
  return openModel(directory.model(name), { background, batchSize, device, threads })
}

export async function readModelDecision(directory: RunDirectory, model: string): Promise<Decision> {
  const columns = ['output', 'direction', 'threshold'] as const
  const [row] = await readRows([directory.table('models', model)], 'models', columns)
  return { output: row!.output, direction: row!.direction === '<=' ? '<=' : '>=', threshold: row!.threshold }
}
