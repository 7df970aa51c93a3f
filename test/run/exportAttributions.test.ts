/** Attributions as tracks and as arrays for other tools. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { silentReporter } from '../../src/base/reporter.ts'
import { readArrayFile } from '../../src/io/arrays/arrayFile.ts'
import { exportAttributions } from '../../src/run/export/attributions.ts'
import type { Row } from '../../src/store/tables.ts'
import { writeTable } from '../../src/store/tableWriter.ts'
import { modelRow, sequenceRow, temporaryDirectory } from '../store/fixtures.ts'

const length = 8

function attributionRow(
  id: number,
  importance: number[],
  change: Partial<Row<'attributions'>> = {},
): Row<'attributions'> {
  return {
    model_id: 0,
    sequence_id: id,
    method: 'occlusion',
    replicate: 0,
    importance,
    contributions: null,
    standard_errors: null,
    incompleteness: null,
    fidelity: null,
    acceptance: null,
    effective_samples: null,
    seconds: 1,
    ...change,
  }
}

async function runWith(
  sequences: readonly Row<'sequences'>[],
  attributions: readonly Row<'attributions'>[],
): Promise<string> {
  const directory = await temporaryDirectory()
  const at = (name: string) => join(directory, 'tables', name, 'all.parquet')
  await writeTable('sequences', at('sequences'), sequences)
  await writeTable('models', at('models'), [modelRow(0, 'cnn'), modelRow(1, 'fc')])
  await writeTable('attributions', at('attributions'), attributions)
  return directory
}

/** @returns the text, or what was warned of before it */
async function bedGraphOf(path: string, choice: { model?: string; method?: string } = {}) {
  const output = new PassThrough()
  const warnings: string[] = []
  const reporter = { ...silentReporter, warn: (message: string) => void warnings.push(message) }
  const context = { directory: { path }, reporter, signal: new AbortController().signal }
  await exportAttributions(context, { format: 'bedgraph', output, ...choice })
  output.end()
  return { text: (await output.setEncoding('utf8').toArray()).join(''), warnings }
}

const ramp = Array.from({ length }, (_, i) => i)

describe('attributions as bedGraph', () => {
  it('lie along the genome, sorted, with the mean where sequences overlap', async () => {
    const run = await runWith(
      [
        sequenceRow(0, { chrom: 'chr2', start: 5, end: 13, strand: '+' }),
        sequenceRow(1, { chrom: 'chr10', start: 100, end: 108, strand: '-' }),
        sequenceRow(2, { chrom: 'chr2', start: 0, end: 8, strand: null }),
        sequenceRow(3, { chrom: null, start: null, end: null, strand: null }),
        sequenceRow(4, { chrom: 'chr2', start: 20, end: 28, strand: '+' }),
      ],
      [
        attributionRow(0, ramp),
        attributionRow(1, ramp),
        attributionRow(2, Array<number>(length).fill(-1)),
        attributionRow(3, ramp),
        attributionRow(4, ramp),
        attributionRow(0, Array<number>(length).fill(99), { replicate: 1 }),
      ],
    )
    const { text, warnings } = await bedGraphOf(run)
    const line = (chrom: string, at: number, value: number) => `${chrom}\t${at}\t${at + 1}\t${value}\n`
    const expected = [
      ...ramp.map((i) => line('chr10', 100 + i, 7 - i)),
      ...[0, 1, 2, 3, 4].map((at) => line('chr2', at, -1)),
      ...[5, 6, 7].map((at) => line('chr2', at, (at - 5 - 1) / 2)),
      ...[8, 9, 10, 11, 12].map((at) => line('chr2', at, at - 5)),
      ...ramp.map((i) => line('chr2', 20 + i, i)),
    ]
    expect(text).toBe(expected.join(''))
    expect(warnings).toEqual(['1 of 5 sequences have no genome coordinates: left out'])
  })

  it('are those that are asked for', async () => {
    const run = await runWith(
      [sequenceRow(0), sequenceRow(1, { chrom: null })],
      [
        attributionRow(0, ramp),
        attributionRow(0, ramp, { method: 'lime' }),
        attributionRow(1, ramp, { model_id: 1 }),
      ],
    )
    await expect(bedGraphOf(run)).rejects.toThrow(
      'which attributions? --method and --model choose one; the run has lime of cnn, occlusion of cnn and occlusion of fc',
    )
    expect((await bedGraphOf(run, { method: 'lime' })).text).toContain('chr1\t0\t1\t0\n')
    await expect(bedGraphOf(run, { model: 'fc' })).rejects.toThrow('needs genome coordinates')
    await expect(bedGraphOf(run, { model: 'fc', method: 'lime' })).rejects.toThrow('no such attributions')
    await expect(bedGraphOf(run, { model: 'nobody' })).rejects.toThrow(
      '--model nobody: the run has cnn and fc',
    )
    const none = await runWith([sequenceRow(0)], [])
    await expect(bedGraphOf(none)).rejects.toThrow("'sis explain' makes them")
  })
})

describe('arrays for modisco-lite and finemo', () => {
  it('hold the sequences and what each base is worth in each place', async () => {
    const contributions = Array.from({ length: length * 4 }, (_, i) => i / 8)
    const run = await runWith(
      [sequenceRow(0), sequenceRow(1)],
      [attributionRow(0, ramp, { contributions }), attributionRow(1, ramp)],
    )
    const folder = join(run, 'arrays')
    const context = {
      directory: { path: run },
      reporter: silentReporter,
      signal: new AbortController().signal,
    }
    await exportAttributions(context, { format: 'modisco-inputs', output: folder })
    const letters = await readArrayFile(join(folder, 'ohe.npz'))
    const worth = await readArrayFile(join(folder, 'shap.npz'))
    expect([letters.shape, worth.shape]).toEqual([
      [2, 4, length],
      [2, 4, length],
    ])
    // ACGTNACG
    const codes = [0, 1, 2, 3, -1, 0, 1, 2]
    for (let row = 0; row < 2; row++) {
      for (let base = 0; base < 4; base++) {
        for (let at = 0; at < length; at++) {
          const cell = (row * 4 + base) * length + at
          expect(letters.values[cell]).toBe(Number(codes[at] === base))
          const own = codes[at] === base ? at : 0
          expect(worth.values[cell]).toBe(row === 0 ? contributions[at * 4 + base] : own)
        }
      }
    }
    expect(existsSync(join(folder, 'sequences.tsv'))).toBe(true)
    expect(readFileSync(join(folder, 'sequences.tsv'), 'utf8')).toBe(
      'chr1:0-8\tchr1\t0\t8\t+\nchr1:10-18\tchr1\t10\t18\t-\n',
    )
  })
})
