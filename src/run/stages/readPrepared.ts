/** What the prepare stage tells the stages after it. */
import { z } from 'zod'
import { ConfigError } from '../../base/errors.ts'
import { splitNames } from '../../sequence/sequenceSet.ts'
import type { RunDirectory } from '../record/runDirectory.ts'
import { readStageRecord } from '../record/stage.ts'

const preparedSchema = z.object({
  length: z.number(),
  labelNames: z.array(z.string()),
  counts: z.looseObject({
    counts: z.record(z.enum(splitNames), z.record(z.string(), z.number())),
  }),
})
export type Prepared = z.output<typeof preparedSchema>

/** @throws ConfigError where the run has no prepared sequences */
export async function readPrepared(directory: RunDirectory): Promise<Prepared> {
  const parsed = preparedSchema.safeParse((await readStageRecord(directory, 'prepare'))?.details)
  if (!parsed.success) {
    throw new ConfigError(`${directory.path}: no sequences are prepared; run 'sis prepare' first`)
  }
  return parsed.data
}
