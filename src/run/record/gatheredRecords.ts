/** What compared runs did by themselves, as their records told it when they were gathered. */
import { z } from 'zod'
import { modelOf } from './runModels.ts'
import { recordSchema, type StageRecord } from './stage.ts'

const gatheredSchema = z.object({
  runs: z.array(z.object({ name: z.string(), records: z.array(recordSchema) })),
})

/** @returns the records of a run; where it compares finished runs, with theirs, whose stages are named `extract.RUN/MODEL` */
export function withGathered(records: readonly StageRecord[]): StageRecord[] {
  const gathered = records.filter(({ stage }) => stage === 'gather')
  const runs = gathered.flatMap(({ details }) => gatheredSchema.parse(details).runs)
  return [
    ...runs.flatMap(({ name, records: own }) =>
      own.map((record) => ({
        ...record,
        stage: nameIn(name, record.stage),
        warnings: record.warnings.map((warning) => `${name}: ${warning}`),
      })),
    ),
    ...records,
  ]
}

/** `extract.cnn.1-of-4` → `extract.RUN/cnn.1-of-4`, `prepare` → `prepare.RUN` */
function nameIn(run: string, stage: string): string {
  return modelOf(stage) === undefined ? `${stage}.${run}` : stage.replace('.', `.${run}/`)
}
