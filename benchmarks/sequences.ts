/** Sequences that benchmarks explain: random ones, each drawn from a seed of its own, and real peaks. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../src/base/errors.ts'
import { Random } from '../src/base/random.ts'
import { readFasta } from '../src/io/sequences/fasta.ts'
import { readSequenceTable } from '../src/io/sequences/sequenceTable.ts'
import { readFastaWithTargets } from '../src/io/sequences/targets.ts'
import { baseCount, encodeSequence } from '../src/sequence/alphabet.ts'
import type { SequenceRecord, SequenceSet } from '../src/sequence/sequenceSet.ts'

/** @returns codes: Uint8Array [length]; the same seed and number give the same sequence */
export function randomSequence(length: number, seed: number, number: number): Uint8Array {
  const random = new Random(seed, 'sequence', number)
  return Uint8Array.from({ length }, () => random.below(baseCount))
}

export function randomSequences(length: number, count: number, seed = 1): Uint8Array[] {
  return Array.from({ length: count }, (_, number) => randomSequence(length, seed, number))
}

/** Under this a trained network and its peaks can be had. */
export function hasRealData(): boolean {
  return process.env['SIS_REAL_DATA'] !== undefined
}

/** For under a table. */
export const noRealData =
  'Trained networks and real peaks are left out: SIS_REAL_DATA does not name the folder of the real data.'

/** @throws ConfigError where the real data are not there */
export function realData(...path: readonly string[]): string {
  const folder = process.env['SIS_REAL_DATA']
  if (folder === undefined) {
    throw new ConfigError(
      'this row explains real peaks: set SIS_REAL_DATA to the folder that holds ctcf-labelled-101bp/ and chipseq-101bp/, or leave the row out',
    )
  }
  return join(folder, ...path)
}

/** The CTCF peaks and shuffles of 101 bp: `test.fa` to train on (19,544), `valid.fa` to stop by (1,000). */
export async function ctcfSequences(): Promise<SequenceSet> {
  const records: { record: SequenceRecord; split: number }[] = []
  for (const [split, name] of ['test', 'valid'].entries()) {
    const [fasta, target] = ['fa', 'target'].map((end) => realData('ctcf-labelled-101bp', `${name}.${end}`))
    for await (const record of readFastaWithTargets(fasta!, target!)) records.push({ record, split })
  }
  const length = records[0]!.record.sequence.length
  const codes = new Uint8Array(records.length * length)
  for (const [i, { record }] of records.entries()) codes.set(encodeSequence(record.sequence), i * length)
  return {
    count: records.length,
    length,
    ids: Int32Array.from(records.keys()),
    codes,
    labels: Float32Array.from(records, ({ record }) => record.labels![0]!),
    labelNames: ['label'],
    splits: Uint8Array.from(records, ({ split }) => split),
  }
}

/** Rows of a set as sequences of their own. */
export function rowsOfSet({ codes, length }: SequenceSet, rows: Iterable<number>): Uint8Array[] {
  return Array.from(rows, (row) => codes.slice(row * length, (row + 1) * length))
}

/** Letters of real 101 bp peaks, no shuffles: CTCF first, then the other factors' training peaks; none repeats. */
export async function* realPeaks(): AsyncGenerator<string> {
  const seen = new Set<string>()
  for (const name of ['test', 'valid']) {
    for await (const { name: id, sequence } of readFasta(realData('ctcf-labelled-101bp', `${name}.fa`))) {
      if (id.includes('_shuf') || seen.has(sequence)) continue
      seen.add(sequence)
      yield sequence
    }
  }
  const folder = realData('chipseq-101bp')
  for (const file of readdirSync(folder)
    .sort()
    .filter((name) => name.includes('_AC.'))) {
    for await (const { sequence } of readSequenceTable(join(folder, file))) {
      if (sequence.length !== 101 || seen.has(sequence)) continue
      seen.add(sequence)
      yield sequence
    }
  }
}
