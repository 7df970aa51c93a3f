/** Rows survive the way to Parquet and back; files are deterministic, sorted and whole or absent. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRows } from '../../src/store/tableReader.ts'
import { openTableWriter, writeTable } from '../../src/store/tableWriter.ts'
import { tables, type Row } from '../../src/store/tables.ts'
import { modelRow, sequenceRow, sisRow, temporaryDirectory } from './fixtures.ts'

const sequenceColumns = Object.keys(tables.sequences.columns) as (keyof Row<'sequences'>)[]
const sisColumns = Object.keys(tables.sis.columns) as (keyof Row<'sis'>)[]

describe('a table written and read back', () => {
  it('is the same, nulls and lists included, over more than one data chunk', async () => {
    const path = join(await temporaryDirectory(), 'all.parquet')
    const rows = Array.from({ length: 5000 }, (_, i) =>
      sequenceRow(i, i % 7 === 0 ? { chrom: null, start: null, end: null, strand: null, labels: null } : {}),
    )
    await writeTable('sequences', path, rows)
    expect(await readRows([path], 'sequences', sequenceColumns)).toEqual(rows)
  })

  it('is the same for any text, numbers and list lengths', async () => {
    const path = join(await temporaryDirectory(), 'all.parquet')
    const rowOf = fc.record({
      text: fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      positions: fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 40 }),
      score: fc.float(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(rowOf, { minLength: 1, maxLength: 20 }), async (values) => {
        const rows = values.map(({ text, positions, score }, i) => ({
          ...sisRow(0, i, 0, positions),
          pattern: text,
          score_full: score,
        }))
        await writeTable('sis', path, rows)
        expect(await readRows([path], 'sis', sisColumns)).toEqual(rows)
      }),
      { numRuns: 20 },
    )
  })

  it('keeps nested lists', async () => {
    const path = join(await temporaryDirectory(), 'all.parquet')
    const motif: Row<'motifs'> = {
      motif_id: 0,
      name: 'cnn_0',
      model_id: null,
      clustering_id: 0,
      cluster_id: 0,
      nsites: 3,
      width: 2,
      consensus: 'AC',
      information: 4,
      pfm: [
        [3, 0, 0, 0],
        [0, 3, 0, 0],
      ],
      ppm: [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
      ],
      site_pfm: [[0, 7, 0, 0]],
      site_offset: -2,
      site_consensus: 'C',
      site_information: 2,
      palindrome: false,
      clusters_merged: 1,
      naming: 'vague',
    }
    await writeTable('motifs', path, [motif])
    expect(await readRows([path], 'motifs', ['pfm', 'ppm', 'model_id'])).toEqual([
      { pfm: motif.pfm, ppm: motif.ppm, model_id: null },
    ])
  })

  it('may be empty', async () => {
    const path = join(await temporaryDirectory(), 'all.parquet')
    await writeTable('sis', path, [])
    expect(await readRows([path], 'sis', ['size'])).toEqual([])
  })
})

describe('the file', () => {
  it('has the same bytes for the same rows in any order', async () => {
    const directory = await temporaryDirectory()
    const rows = Array.from({ length: 4500 }, (_, i) => sisRow(i % 2, i >> 1, i % 3, [i, i + 1]))
    await writeTable('sis', join(directory, 'a.parquet'), rows)
    await writeTable('sis', join(directory, 'b.parquet'), rows.toReversed())
    const [a, b] = await Promise.all(['a', 'b'].map((name) => readFile(join(directory, `${name}.parquet`))))
    expect(a!.equals(b!)).toBe(true)
    const read = await readRows([join(directory, 'b.parquet')], 'sis', ['model_id', 'sequence_id'])
    expect(read[0]).toEqual({ model_id: 0, sequence_id: 0 })
    expect(read.at(-1)).toEqual({ model_id: 1, sequence_id: 2249 })
  })

  it('is not there before close, and abort leaves nothing', async () => {
    const directory = await temporaryDirectory()
    const writer = await openTableWriter('models', join(directory, 'all.parquet'))
    writer.append(modelRow(0, 'cnn'))
    expect(writer.count).toBe(1)
    await expect(stat(join(directory, 'all.parquet'))).rejects.toThrow('ENOENT')
    await writer.abort()
    await writer.abort()
    expect(await readdir(directory)).toEqual([])
  })

  it('leaves nothing, and what lay there before, when the rows fail', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'all.parquet')
    await writeTable('models', path, [modelRow(0, 'cnn')])
    function* failing(): Generator<Row<'models'>> {
      yield modelRow(1, 'fc')
      throw new Error('the reader broke')
    }
    await expect(writeTable('models', path, failing())).rejects.toThrow('the reader broke')
    expect(await readdir(directory)).toEqual(['all.parquet'])
    expect(await readRows([path], 'models', ['name'])).toEqual([{ name: 'cnn' }])
  })

  it('refuses a null where the table has none, and a number that is no 32-bit integer', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'all.parquet')
    const missing = sequenceRow(0, { name: null as unknown as string })
    await expect(writeTable('sequences', path, [missing])).rejects.toThrow(/NOT NULL.*name/)
    await expect(writeTable('sequences', path, [sequenceRow(0.5)])).rejects.toThrow('not an integer')
    await expect(writeTable('sequences', path, [sequenceRow(2 ** 31)])).rejects.toThrow('int32')
    expect(await readdir(directory)).toEqual([])
  })
})
