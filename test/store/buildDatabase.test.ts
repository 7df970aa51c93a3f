/** The merge gives the same database from any shards in any order, or says what is wrong with them. */
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { Random } from '../../src/base/random.ts'
import { buildDatabase } from '../../src/store/buildDatabase.ts'
import { withDatabase } from '../../src/store/duckdb.ts'
import { tableNames } from '../../src/store/schema.ts'
import { shardPart } from '../../src/store/tableFiles.ts'
import { writeTable } from '../../src/store/tableWriter.ts'
import { modelRow, sequenceRow, sisRow, temporaryDirectory } from './fixtures.ts'

const sequences = Array.from({ length: 300 }, (_, i) => sequenceRow(i))
const sis = sequences.flatMap(({ sequence_id }) => [
  sisRow(0, sequence_id, 0, [1, 2]),
  ...(sequence_id % 3 === 0 ? [sisRow(0, sequence_id, 1, [4])] : []),
])

async function makeRun(shards: number): Promise<string> {
  const run = await temporaryDirectory()
  await writeTable('sequences', join(run, 'tables/sequences/all.parquet'), sequences)
  await writeTable('models', join(run, 'tables/models/cnn.parquet'), [modelRow(0, 'cnn')])
  await writeTable('models', join(run, 'tables/models/fc.parquet'), [modelRow(1, 'fc')])
  const random = new Random(shards)
  for (let shard = 1; shard <= shards; shard++) {
    const rows = sis.filter((row) => row.sequence_id % shards === shard - 1)
    const path = join(run, 'tables/sis', `${shardPart('cnn', shard, shards)}.parquet`)
    await writeTable('sis', path, random.shuffle(rows))
  }
  return run
}

/** Every table in the order it lies in the database, so that the order of insertion is compared too. */
async function contentOf(database: string): Promise<Record<string, unknown>> {
  return withDatabase(database, { readOnly: true }, async (opened) => {
    const content: Record<string, unknown> = {}
    for (const table of tableNames) content[table] = await opened.rows(`FROM ${table} ORDER BY rowid`)
    return content
  })
}

describe('buildDatabase', () => {
  it('gives the same tables from 1, 3 and 4 shards', async () => {
    const contents = []
    for (const shards of [1, 3, 4]) {
      const run = await makeRun(shards)
      const { tables } = await buildDatabase(run, join(run, 'sis.duckdb'))
      expect(tables).toMatchObject({ sequences: 300, models: 2, sis: 400, motifs: 0 })
      contents.push(await contentOf(join(run, 'sis.duckdb')))
    }
    expect(contents[1]).toEqual(contents[0])
    expect(contents[2]).toEqual(contents[0])
    expect(contents[0]!['sis']).toHaveLength(400)
  })

  it('leaves only the database beside the tables, and replaces an older one', async () => {
    const run = await makeRun(2)
    const path = join(run, 'sis.duckdb')
    await buildDatabase(run, path)
    await rm(join(run, 'tables/sis'), { recursive: true })
    await buildDatabase(run, path)
    expect((await readdir(run)).sort()).toEqual(['sis.duckdb', 'tables'])
    expect((await contentOf(path))['sis']).toEqual([])
  })

  it('lists the shards that are missing', async () => {
    const run = await makeRun(4)
    await rm(join(run, 'tables/sis/cnn.2-of-4.parquet'))
    await rm(join(run, 'tables/sis/cnn.3-of-4.parquet'))
    const built = buildDatabase(run, join(run, 'sis.duckdb'))
    await expect(built).rejects.toThrow(DataError)
    await expect(built).rejects.toThrow(/cnn: shard 2\/4, 3\/4 is missing/)
    expect(await readdir(run)).toEqual(['tables'])
  })

  it('refuses shards of two sets, and a whole beside its shards', async () => {
    const run = await makeRun(2)
    const directory = join(run, 'tables/sis')
    await writeTable('sis', join(directory, 'cnn.1-of-3.parquet'), [])
    await expect(buildDatabase(run, join(run, 'sis.duckdb'))).rejects.toThrow(/shards of 2 and of 3/)
    await rm(join(directory, 'cnn.1-of-3.parquet'))
    await writeTable('sis', join(directory, 'cnn.parquet'), sis)
    await expect(buildDatabase(run, join(run, 'sis.duckdb'))).rejects.toThrow(/beside its own shards/)
  })

  it('names both files that hold the same key', async () => {
    const run = await makeRun(1)
    await cp(join(run, 'tables/sis/cnn.parquet'), join(run, 'tables/sis/old.parquet'))
    const built = buildDatabase(run, join(run, 'sis.duckdb'))
    await expect(built).rejects.toThrow(DataError)
    await expect(built).rejects.toThrow(
      /model_id 0, sequence_id 0, rank 0 is in tables\/sis\/cnn\.parquet and tables\/sis\/old\.parquet/,
    )
    expect(await readdir(run)).toEqual(['tables'])
  })

  it('names the file whose rows refer to nothing', async () => {
    const run = await makeRun(1)
    const path = join(run, 'tables/sis/fc.parquet')
    await writeTable('sis', path, [sisRow(1, 999, 0, [1])])
    const error: unknown = await buildDatabase(run, join(run, 'sis.duckdb')).catch(
      (caught: unknown) => caught,
    )
    expect(error).toBeInstanceOf(DataError)
    expect((error as DataError).message).toContain(`${path}: sequence_id 999 is not in table 'sequences'`)
  })

  it('names the file that has the columns of another table', async () => {
    const run = await makeRun(1)
    const path = join(run, 'tables/sis/cnn.parquet')
    await cp(join(run, 'tables/models/cnn.parquet'), path)
    const built = buildDatabase(run, join(run, 'sis.duckdb'))
    await expect(built).rejects.toThrow(DataError)
    await expect(built).rejects.toThrow(`${path}: not the columns of table 'sis'`)
  })

  it('has views that sum up each model, also one without SIS', async () => {
    const run = await makeRun(1)
    const path = join(run, 'sis.duckdb')
    const cross = sis.slice(0, 4).map(({ model_id, sequence_id, rank }, i) => ({
      model_id,
      sequence_id,
      rank,
      other_model_id: 1,
      score: i / 4,
      sufficient: i === 3,
    }))
    await writeTable('cross_sufficiency', join(run, 'tables/cross_sufficiency/all.parquet'), cross)
    await buildDatabase(run, path)
    await withDatabase(path, { readOnly: true }, async (database) => {
      const [cnn, fc] = await database.rows('FROM sis_summary')
      expect(cnn).toMatchObject({ model: 'cnn', sequences_explained: 300, sis: 400, mean_size: 1.75 })
      expect(cnn).toMatchObject({
        median_size: 2,
        min_size: 1,
        max_size: 2,
        share_certified: 1,
        recomputed: 0,
      })
      expect(fc).toMatchObject({
        model: 'fc',
        sequences_explained: 0,
        sis: 0,
        share_certified: null,
        sequences_decided_by_background: 0,
      })
      expect(await database.rows('FROM cross_sufficiency_summary')).toEqual([
        {
          sis_of: 'cnn',
          scored_by: 'fc',
          sis: 4,
          sufficient: 1,
          share_sufficient: 0.25,
          median_score: 0.375,
        },
      ])
      expect(await database.rows('FROM motif_best_matches')).toEqual([])
    })
  })

  it('has keys that hold', async () => {
    const run = await makeRun(1)
    const path = join(run, 'sis.duckdb')
    await buildDatabase(run, path)
    await withDatabase(path, {}, async (database) => {
      await expect(database.run('DELETE FROM sequences WHERE sequence_id = 0')).rejects.toThrow(
        /foreign key/i,
      )
      await expect(database.run('INSERT INTO models FROM models LIMIT 1')).rejects.toThrow(/primary key/i)
      await expect(
        database.run("UPDATE sequences SET split = 'other' WHERE sequence_id = 0"),
      ).rejects.toThrow(/CHECK/)
    })
  })
})
