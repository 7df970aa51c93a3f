/** The Parquet files of a run: `RUN/tables/<table>/<part>.parquet`, where a part names the model, the shard or `all`. */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DataError } from '../base/errors.ts'
import type { TableName } from './tables.ts'

/** The Parquet files of one table in a run directory, in the order of their names; none where it was not written. */
export async function tableFiles(runDirectory: string, table: TableName): Promise<string[]> {
  const directory = join(runDirectory, 'tables', table)
  let names: string[]
  try {
    names = await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return names
    .filter((name) => name.endsWith('.parquet') && !name.startsWith('.'))
    .sort()
    .map((name) => join(directory, name))
}

/** The name of one shard's part: `cnn.2-of-4`; the prefix itself where there is one shard. */
export function shardPart(prefix: string, shard: number, shards: number): string {
  return shards === 1 ? prefix : `${prefix}.${shard}-of-${shards}`
}

/** Throws DataError where the files named `<prefix>.<k>-of-<n>.parquet` are not all there for one n. */
export function checkShards(files: readonly string[]): void {
  const sets = new Map<string, Map<number, Set<number>>>()
  for (const file of files) {
    const match = /^(.*)\.(\d+)-of-(\d+)\.parquet$/.exec(basename(file))
    if (match === null) continue
    const prefix = join(file, '..', match[1]!)
    const byCount = sets.get(prefix) ?? new Map<number, Set<number>>()
    sets.set(prefix, byCount)
    const count = Number(match[3])
    byCount.set(count, (byCount.get(count) ?? new Set()).add(Number(match[2])))
  }
  for (const [prefix, byCount] of sets) {
    const counts = [...byCount.keys()].sort((a, b) => a - b)
    if (counts.length > 1) {
      throw new DataError(`has shards of ${counts.join(' and of ')} at once; remove those of the old set`, {
        file: prefix,
      })
    }
    const [count, present] = [...byCount][0]!
    const missing = Array.from({ length: count }, (_, i) => i + 1).filter((k) => !present.has(k))
    if (missing.length > 0) {
      const names = missing.map((k) => `${k}/${count}`).join(', ')
      throw new DataError(
        `shard ${names} is missing; run it (--shard ${missing[0]}/${count}) and merge again`,
        {
          file: prefix,
        },
      )
    }
    if (files.includes(`${prefix}.parquet`)) {
      throw new DataError(`lies beside its own shards of ${count}; remove the one or the others`, {
        file: `${prefix}.parquet`,
      })
    }
  }
}
