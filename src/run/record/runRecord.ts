/** run.json: arguments, resolved config, versions, and what every stage did; made of the stages' own records. */
import { z } from 'zod'
import { writeFileAtomically } from '../../io/files/atomicWrite.ts'
import type { RunContext } from './context.ts'
import { readStageRecords, type StageRecord } from './stage.ts'
import { packageVersions } from './versions.ts'

export const runRecordSchema = z.object({
  arguments: z.array(z.string()),
  versions: z.record(z.string(), z.string()),
  platform: z.string(),
  seed: z.number(),
  config: z.unknown(),
  warnings: z.array(z.string()),
  stages: z.array(z.custom<StageRecord>((value) => typeof value === 'object')),
})
export type RunRecord = z.output<typeof runRecordSchema>

/** Gathers the records of all stages that have run, in the order they started, and writes run.json atomically. */
export async function writeRunRecord(context: RunContext): Promise<RunRecord> {
  const { directory, config } = context
  const stages = await readStageRecords(directory)
  const record: RunRecord = {
    arguments: process.argv.slice(2),
    versions: packageVersions(),
    platform: `${process.platform} ${process.arch}`,
    seed: config.seed,
    config,
    warnings: stages.flatMap((stage) => stage.warnings),
    stages,
  }
  await writeFileAtomically(directory.record, `${JSON.stringify(record, undefined, 2)}\n`)
  return record
}
