/** Shards: one extraction divided among machines, each with a table of its own. */
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { tableFiles } from '../../store/tableFiles.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import { finishedPartOf } from './finishedSequences.ts'
import type { RunDirectory } from '../record/runDirectory.ts'

/** The k-th of n parts; k from 1. */
export interface Shard {
  readonly index: number
  readonly count: number
}

export const wholeShard: Shard = { index: 1, count: 1 }

/** Every n-th, so that all shards have as much to do. */
export function ofShard<Item>(items: readonly Item[], { index, count }: Shard): Item[] {
  return items.filter((_, i) => i % count === index - 1)
}

/** @returns the numbers of parts in which a model was extracted, in whole or not, by records and tables */
export async function shardCounts(
  directory: RunDirectory,
  model: string,
  records: readonly { readonly stage: string }[],
): Promise<number[]> {
  const files = await tableFiles(directory.path, 'sis')
  const parts = [
    ...files.map((file) => basename(file, '.parquet')),
    ...records.flatMap(({ stage }) => /^extract\.(.*)$/.exec(stage)?.[1] ?? []),
  ]
  const counts = parts.map((part) => countOf(part, model)).filter((count) => count !== undefined)
  return [...new Set(counts)].sort((a, b) => a - b)
}

/** @returns of how many a part of this model is one; undefined for those of others */
function countOf(part: string, model: string): number | undefined {
  if (part === model) return 1
  const match = /^(.*)\.\d+-of-(\d+)$/.exec(part)
  return match?.[1] === model ? Number(match[2]) : undefined
}

/** Parts of an earlier run with another number of shards would be taken for part of this one. */
export async function removeOtherShards(
  directory: RunDirectory,
  model: ModelConfig,
  { count }: Shard,
): Promise<void> {
  const folder = dirname(directory.table('sis', model.name))
  if (!existsSync(folder)) return
  for (const name of await readdir(folder)) {
    const part = finishedPartOf(name) ?? /^(.*)\.parquet$/.exec(name)?.[1]
    if (part === undefined) continue
    const parts = countOf(part, model.name)
    if (parts !== undefined && parts !== count) {
      // Another shard of this run may have been quicker.
      await rm(join(folder, name), { force: true })
      await rm(directory.stageRecord(`extract.${part}`), { force: true })
    }
  }
}
