/** Sequences come back packed, filtered and in order; what is missing or broken is named. */
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { decodeSequence } from '../../src/sequence/alphabet.ts'
import {
  hasReverseStrand,
  readRows,
  readSequenceSet,
  readTable,
  streamSequenceBatches,
} from '../../src/store/tableReader.ts'
import { writeTable } from '../../src/store/tableWriter.ts'
import { sequenceRow, sisRow, temporaryDirectory } from './fixtures.ts'

async function runWithSequences(count: number): Promise<string> {
  const run = await temporaryDirectory()
  const rows = Array.from({ length: count }, (_, i) =>
    sequenceRow(i, { labels: i % 4 === 0 ? null : [i % 2, 1], label: i % 4 === 0 ? null : i % 2 }),
  )
  await writeTable('sequences', join(run, 'tables/sequences/all.parquet'), rows)
  return run
}

describe('readSequenceSet', () => {
  it('packs letters into codes, labels and splits', async () => {
    const set = await readSequenceSet(await runWithSequences(9), { labelNames: ['bound', 'open'] })
    expect(set.count).toBe(9)
    expect(set.length).toBe(8)
    expect([...set.ids]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    expect(decodeSequence(set.codes.subarray(8, 16))).toBe('ACGTNACG')
    expect([...set.labels.subarray(0, 4)]).toEqual([NaN, NaN, 1, 1])
    expect([...set.splits]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2])
    expect(set.labelNames).toEqual(['bound', 'open'])
  })

  it('takes one split', async () => {
    const set = await readSequenceSet(await runWithSequences(9), { split: 'test' })
    expect([...set.ids]).toEqual([2, 5, 8])
    expect([...set.splits]).toEqual([2, 2, 2])
  })

  it('names the sequence of another length', async () => {
    const run = await temporaryDirectory()
    const odd = sequenceRow(1, { sequence: 'ACG', name: 'odd' })
    await writeTable('sequences', join(run, 'tables/sequences/all.parquet'), [sequenceRow(0), odd])
    await expect(readSequenceSet(run)).rejects.toThrow(DataError)
    await expect(readSequenceSet(run)).rejects.toThrow(/'odd': has 3 bases where others have 8/)
  })
})

describe('streamSequenceBatches', () => {
  it('gives every sequence once, in order, in batches of any size', async () => {
    const run = await runWithSequences(5000)
    for (const rows of [1, 7, 2048, 5000, 6000]) {
      const ids: number[] = []
      const sizes: number[] = []
      for await (const batch of streamSequenceBatches(run, rows)) {
        expect(batch.codes.length).toBe(batch.ids.length * batch.length)
        sizes.push(batch.ids.length)
        ids.push(...batch.ids)
      }
      expect(ids).toEqual(Array.from({ length: 5000 }, (_, i) => i))
      expect(sizes.slice(0, -1).every((size) => size === rows)).toBe(true)
    }
  })

  it('gives batches that may be kept', async () => {
    const run = await runWithSequences(10)
    const kept = []
    for await (const batch of streamSequenceBatches(run, 5)) kept.push(batch)
    expect(kept.map((batch) => [...batch.ids])).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
    ])
  })
})

describe('readTable', () => {
  it('reads parts as one table in key order', async () => {
    const run = await temporaryDirectory()
    const rows = [0, 1, 2, 3].map((sequence) => sisRow(0, sequence, 0, [sequence]))
    await writeTable('sis', join(run, 'tables/sis/cnn.1-of-2.parquet'), [rows[1]!, rows[3]!])
    await writeTable('sis', join(run, 'tables/sis/cnn.2-of-2.parquet'), [rows[0]!, rows[2]!])
    const read = await readRows(run, 'sis', ['sequence_id', 'positions'])
    expect(read).toEqual(rows.map(({ sequence_id, positions }) => ({ sequence_id, positions })))
    const filtered = await readRows(run, 'sis', ['sequence_id'], {
      where: 'sequence_id > 0',
      orderBy: 'sequence_id DESC',
    })
    expect(filtered.map((row) => row.sequence_id)).toEqual([3, 2, 1])
  })

  it('may be left early', async () => {
    const run = await runWithSequences(5000)
    for await (const row of readTable(run, 'sequences', ['sequence_id'])) {
      expect(row.sequence_id).toBe(0)
      break
    }
  })

  it('reads from a directory whose name has glob letters and quotes', async () => {
    const run = join(await temporaryDirectory(), `it's [1]*?`)
    await writeTable('sequences', join(run, 'tables/sequences/all.parquet'), [sequenceRow(0)])
    expect(await readRows(run, 'sequences', ['name'])).toEqual([{ name: 'chr1:0-8' }])
  })

  it('says which table a run lacks', async () => {
    await expect(readRows(await temporaryDirectory(), 'sis', ['size'])).rejects.toThrow(/no table 'sis'/)
  })

  it('names a file that is cut off, and one that is no Parquet', async () => {
    const run = await runWithSequences(100)
    const path = join(run, 'tables/sequences/all.parquet')
    await truncate(path, 500)
    for (const spoil of [
      async () => Promise.resolve(),
      () => writeFile(path, 'not parquet at all'),
      () => writeFile(path, ''),
    ]) {
      await spoil()
      const error: unknown = await readRows(run, 'sequences', ['name']).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(DataError)
      expect((error as DataError).location.file).toBe(path)
    }
  })
})

describe('hasReverseStrand', () => {
  it.each([
    [[null, null], false],
    [['+', null], false],
    [['+', '-'], true],
  ] as const)('of strands %j is %j', async (strands, expected) => {
    const run = await temporaryDirectory()
    const rows = strands.map((strand, i) => sequenceRow(i, { strand }))
    await writeTable('sequences', join(run, 'tables/sequences/all.parquet'), rows)
    expect(await hasReverseStrand(run)).toBe(expected)
  })
})
