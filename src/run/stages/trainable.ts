/** Whether models can be trained on prepared sequences: known when they are prepared, so said then and not a stage later. */
import { DataError } from '../../base/errors.ts'
import type { PreparationSummary } from '../../sequence/prepare.ts'
import type { Config } from '../config/configSchema.ts'
import { readPrepared } from './readPrepared.ts'
import type { RunDirectory } from '../record/runDirectory.ts'

/**
 * @param labels number of them; the counts are of the first, so of several they tell nothing
 * @returns what stands in the way, and what to do; undefined where nothing does
 */
export function trainingObstacle(
  { train, valid }: PreparationSummary['counts'],
  labels: number,
): string | undefined {
  const classes = ['0', '1'].filter((label) => (train[label] ?? 0) > 0)
  if (sum(train) === 0) return 'the train split is empty; change how sequences are split (--split-by)'
  if (labels > 1) return undefined
  if (classes.length === 0) {
    return 'no sequence of the train split has a label; give labels (--label, --target, --label-columns)'
  }
  if (classes[0] === '1' && classes.length === 1) {
    return 'the train split has positives only; give negatives (--negatives), or make them: --shuffles 1, or of a BED --genomic-negatives 1'
  }
  if (classes.length === 1) return 'the train split has negatives only; give positives (label 1)'
  if (sum(valid) === (valid['none'] ?? 0)) {
    return 'the valid split has no labelled sequences, and training stops by them; give it some (--valid-fraction, --valid-chromosomes)'
  }
  return undefined
}

/** @throws DataError where the run trains models and its sequences do not allow it */
export async function requireTrainable(directory: RunDirectory, models: Config['models']): Promise<void> {
  if (models.every(({ file, artifact }) => (file ?? artifact) !== undefined)) return
  const { counts, labelNames } = await readPrepared(directory)
  const obstacle = trainingObstacle(counts.counts, labelNames.length)
  if (obstacle !== undefined) throw new DataError(`no model can be trained: ${obstacle}`)
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
