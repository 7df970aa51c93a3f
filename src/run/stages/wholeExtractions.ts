/**
 * Whether the extractions of a run are whole: every shard there, of the sequences, weights and settings that the others are
 * of, as its stage left it to the byte and to the row. Shards come from many machines; what was lost on the way, or made
 * before something changed, must be named and not be merged.
 */
import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { DataError } from '../../base/errors.ts'
import { hashFile } from '../../io/files/hashFile.ts'
import { shardPart } from '../../store/tableFiles.ts'
import { tableRows } from '../../store/tableReader.ts'
import type { ModelConfig } from '../config/modelIndex.ts'
import { asTyped } from '../record/readiness.ts'
import type { RunDirectory } from '../record/runDirectory.ts'
import { changedInput, isOfThisVersion, readStageRecords, type StageRecord } from '../record/stage.ts'
import { shardCounts, type Shard } from './shards.ts'

const settingsSchema = z.looseObject({ shard: z.unknown() })
/** A record of an earlier version does not count rows. */
const detailsSchema = z.object({ rows: z.int().optional() })

/**
 * @param all whether each of the models must be extracted; else only what is sharded is looked at
 * @throws DataError that names each shard that is missing, damaged or out of date, and the command for each
 */
export async function requireWholeExtractions(
  directory: RunDirectory,
  models: readonly ModelConfig[],
  { all }: { all: boolean },
): Promise<void> {
  const records = await readStageRecords(directory)
  const hashes = new Map<string, string | undefined>()
  const faults: string[] = []
  for (const { name } of models) {
    const counts = await shardCounts(directory, name, records)
    if (!all && counts.every((count) => count === 1)) continue
    if (counts.length === 0) {
      faults.push(
        `the SIS of '${name}' are not extracted: run 'sis extract ${asTyped(directory)} --only ${name}'`,
      )
      continue
    }
    // Of an older number of shards nothing is left once one of the newer has begun (removeOtherShards).
    const count = Math.max(...counts)
    let first: StageRecord | undefined
    for (let index = 1; index <= count; index++) {
      const part = shardPart(name, index, count)
      const record = records.find(({ stage }) => stage === `extract.${part}`)
      const fault = await faultOf(directory, directory.table('sis', part), record, first, hashes)
      if (fault !== undefined)
        faults.push(
          `${saidOf({ index, count }, name, fault)}: run ${commandOf(directory, { index, count }, name)}`,
        )
      else first ??= record
    }
  }
  if (faults.length === 0) return
  const [only] = faults
  const list =
    faults.length === 1 ? only! : `${faults.length} parts cannot be merged:\n  ${faults.join('\n  ')}`
  throw new DataError(list, { file: directory.path })
}

function saidOf({ index, count }: Shard, model: string, fault: string): string {
  return count === 1 ? `the SIS of '${model}' ${fault}` : `shard ${index}/${count} of '${model}' ${fault}`
}

function commandOf(directory: RunDirectory, { index, count }: Shard, model: string): string {
  const shard = count === 1 ? '' : ` --shard ${index}/${count}`
  return `'sis extract ${asTyped(directory)} --only ${model}${shard}'`
}

/** @param other a shard of the same extraction that has no fault */
async function faultOf(
  directory: RunDirectory,
  path: string,
  record: StageRecord | undefined,
  other: StageRecord | undefined,
  hashes: Map<string, string | undefined>,
): Promise<string | undefined> {
  if (!existsSync(path)) return record === undefined ? 'is missing' : 'is missing: its file is gone'
  if (record === undefined) return 'has a file and no record: its job has not come to its end'
  if (!isOfThisVersion(record)) return 'is stale: it was made by another version of sis'
  const changed = await changedInput(directory, record, hashes)
  if (changed !== undefined) return `is stale: ${changed} has changed since`
  if (other !== undefined && !isDeepStrictEqual(settingsOf(record), settingsOf(other))) {
    return `is stale: it was made with other settings than ${other.stage}`
  }
  if (!Object.values(record.outputs).includes(await hashFile(path))) {
    return 'is damaged: its file is not as its job left it (other SHA-256)'
  }
  const { rows } = detailsSchema.parse(record.details)
  const found = await tableRows(path)
  if (rows !== undefined && rows !== found)
    return `is damaged: its file has ${found} rows and its record ${rows}`
  return undefined
}

function settingsOf({ settings }: StageRecord): unknown {
  return { ...settingsSchema.parse(settings), shard: undefined }
}
