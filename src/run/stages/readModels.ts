/** What the predict stage decided of each model, read back from its table. */
import type { Decision } from '../../sis/decision.ts'
import { readRows } from '../../store/tableReader.ts'
import type { RunDirectory } from '../record/runDirectory.ts'

export async function readModelDecision(directory: RunDirectory, model: string): Promise<Decision> {
  const columns = ['output', 'direction', 'threshold'] as const
  const [row] = await readRows([directory.table('models', model)], 'models', columns)
  return { output: row!.output, direction: row!.direction === '<=' ? '<=' : '>=', threshold: row!.threshold }
}
