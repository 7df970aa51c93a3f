/** Where things lie in the directory of a batch, and what `batch.json` tells those that run its jobs. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError, DataError } from '../../base/errors.ts'

/** Memory and time of a stage's job, at most: what a scheduler is asked for. */
const resourcesSchema = z.object({ memoryMiB: z.int().positive(), minutes: z.int().positive() })
export type Resources = z.output<typeof resourcesSchema>

const batchSchema = z.object({
  format: z.literal('sis batch 1'),
  /** How to call `sis`: the program and its first arguments. */
  command: z.array(z.string()).min(1),
  shards: z.int().positive(),
  samples: z.array(
    z.object({
      name: z.string(),
      /** Below the batch's directory, as is `run`. */
      config: z.string(),
      run: z.string(),
      models: z.array(z.string()).min(1),
      /** Stands for its config and input files: what was done for another is done again. */
      key: z.string(),
      /** By kind of stage. */
      resources: z.record(z.string(), resourcesSchema),
    }),
  ),
})
export type Batch = z.output<typeof batchSchema>

export interface BatchDirectory {
  readonly path: string
  readonly file: string
  readonly sheet: string
  readonly summary: string
  readonly summaryPage: string
}

export function batchDirectory(path: string): BatchDirectory {
  return {
    path,
    file: join(path, 'batch.json'),
    sheet: join(path, 'samples.tsv'),
    summary: join(path, 'summary.tsv'),
    summaryPage: join(path, 'summary.html'),
  }
}

/** @throws ConfigError where there is none, DataError where it is damaged */
export async function readBatch({ path, file }: BatchDirectory): Promise<Batch> {
  if (!existsSync(file)) {
    throw new ConfigError(
      `${path}: not a batch (it has no batch.json); 'sis batch SHEET.tsv --write ${path}' makes one`,
    )
  }
  let json: unknown
  try {
    json = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new DataError("is damaged: it is not JSON; run 'sis batch' again", { file }, { cause: error })
  }
  const parsed = batchSchema.safeParse(json)
  if (!parsed.success) throw new DataError("is of another version; run 'sis batch' again", { file })
  return parsed.data
}
