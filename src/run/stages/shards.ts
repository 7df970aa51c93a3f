/** Shards: one extraction divided among machines, each with a table of its own. */
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ModelConfig } from '../config/modelIndex.ts'
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

/** Parts of an earlier run with another number of shards would be taken for part of this one. */
export async function removeOtherShards(
  directory: RunDirectory,
  model: ModelConfig,
  { count }: Shard,
): Promise<void> {
  const folder = dirname(directory.table('sis', model.name))
  if (!existsSync(folder)) return
  for (const name of await readdir(folder)) {
    const part = /^(.*)\.(?:parquet|partial)$/.exec(name)?.[1]
    if (part === undefined) continue
    const match = /^(.*)\.\d+-of-(\d+)$/.exec(part)
    const [of, shards] = match === null ? [part, 1] : [match[1], Number(match[2])]
    if (of === model.name && shards !== count) {
      // Another shard of this run may have been quicker.
      await rm(join(folder, name), { force: true })
      await rm(directory.stageRecord(`extract.${part}`), { force: true })
    }
  }
}
