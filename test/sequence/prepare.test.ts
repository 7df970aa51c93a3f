/** Preparation: lengths, duplicates, shuffles, splits, and errors that say where. */
import * as fc from 'fast-check'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { silentReporter } from '../../src/base/reporter.ts'
import { readFastaWithTargets } from '../../src/io/sequences/targets.ts'
import { decodeSequence } from '../../src/sequence/alphabet.ts'
import {
  createSummary,
  prepareSequences,
  type PreparedSequence,
  type PrepareOptions,
  type SourceRecord,
} from '../../src/sequence/prepare.ts'
import { parentName } from '../../src/sequence/split.ts'

const trainOnly = { by: 'hash', validFraction: 0, testFraction: 0, seed: 1 } as const
const records = (...sequences: (string | Partial<SourceRecord>)[]): SourceRecord[] =>
  sequences.map((given, i) => ({
    name: `seq_${i}`,
    sequence: 'ACGTACGTAA',
    file: 'in.fa',
    line: 2 * i + 1,
    ...(typeof given === 'string' ? { sequence: given } : given),
  }))

async function prepare(given: Iterable<SourceRecord>, options: Partial<PrepareOptions> = {}) {
  const warnings: string[] = []
  const summary = createSummary()
  const sequences: PreparedSequence[] = []
  const reporter = { ...silentReporter, warn: (message: string) => void warnings.push(message) }
  for await (const sequence of prepareSequences(
    given,
    { seed: 1, split: trainOnly, ...options },
    reporter,
    summary,
  )) {
    sequences.push(sequence)
  }
  return { sequences, summary, warnings, letters: sequences.map(({ codes }) => decodeSequence(codes)) }
}

describe('length', () => {
  it('is the first one’s by default, and another is an error that names both places', async () => {
    expect((await prepare(records('ACGT', 'CCCC'))).summary.length).toBe(4)
    const error: unknown = await prepare(records('ACGT', 'ACGTA')).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DataError)
    expect((error as DataError).message).toBe(
      "in.fa:3: sequence 'seq_1': it has 5 bases, but 'seq_0' (in.fa:1) has 4; crop all to one length with --length",
    )
  })

  it('crops around the centre, coordinates with it, on either strand', async () => {
    const site = { chrom: 'chr1', start: 100, end: 107 }
    const { sequences, letters, summary } = await prepare(
      records(
        { sequence: 'AACGTCC', ...site },
        { sequence: 'AACGTCA', ...site, strand: '-' },
        { sequence: 'AACGTA', ...site, end: 106, strand: '-' },
        { sequence: 'GGG', chrom: 'chr1', start: 5, end: 8 },
      ),
      { length: 3, duplicates: 'keep' },
    )
    expect(letters).toEqual(['CGT', 'CGT', 'ACG', 'GGG'])
    expect(sequences.map(({ start, end }) => [start, end])).toEqual([
      [102, 105],
      [102, 105],
      [102, 105],
      [5, 8],
    ])
    expect(summary.cropped).toBe(3)
  })

  it('refuses shorter ones, or skips and counts them', async () => {
    await expect(prepare(records('ACGTAC', 'ACG'), { length: 5 })).rejects.toThrow(
      "in.fa:3: sequence 'seq_1': it has 3 bases, fewer than the length of 5",
    )
    const { summary, warnings } = await prepare(records('ACGTAC', 'ACG'), { length: 5, shorter: 'skip' })
    expect(summary).toMatchObject({ read: 2, kept: 1, tooShort: 1 })
    expect(warnings).toEqual(['1 sequences shorter than 5 skipped'])
  })
})

describe('letters', () => {
  it('must be IUPAC', async () => {
    await expect(prepare(records('ACGT', 'ACZT'))).rejects.toThrow(
      "in.fa:3: sequence 'seq_1': 'Z' at position 3 is not an IUPAC nucleotide letter",
    )
    await expect(prepare(records(''))).rejects.toThrow("in.fa:1: sequence 'seq_0': it has no bases")
  })

  it('that are unknown are counted in what is kept, and limited', async () => {
    const given = records('ACGTN', 'ACNNN', 'ACGTA')
    expect((await prepare(given)).summary).toMatchObject({
      kept: 3,
      unknownLetters: 4,
      sequencesWithUnknown: 2,
    })
    const { summary, letters } = await prepare(given, { maxUnknown: 0.2 })
    expect(letters).toEqual(['ACGTN', 'ACGTA'])
    expect(summary).toMatchObject({ kept: 2, tooUnknown: 1, unknownLetters: 1, sequencesWithUnknown: 1 })
  })

  it('that are too often unknown everywhere leave nothing, which is an error', async () => {
    await expect(prepare(records('NNNN'), { maxUnknown: 0.5 })).rejects.toThrow('none of 1 sequences is left')
    await expect(prepare([])).rejects.toThrow('the input has no sequences')
  })
})

describe('duplicates', () => {
  const given = records(
    { sequence: 'ACGT', label: 1 },
    { sequence: 'acgt', label: 1 },
    { sequence: 'ACGT', label: 0 },
    { sequence: 'ACGA', label: 0 },
  )

  it('are dropped, the first kept whatever the label, and told apart from conflicts', async () => {
    const { sequences, summary, warnings } = await prepare(given)
    expect(sequences.map(({ name, labels }) => [name, ...labels])).toEqual([
      ['seq_0', 1],
      ['seq_3', 0],
    ])
    expect(sequences.map(({ id }) => id)).toEqual([0, 1])
    expect(summary).toMatchObject({ read: 4, kept: 2, duplicates: 1, conflicts: 1 })
    expect(warnings).toEqual([
      '1 duplicate sequences dropped, the first at in.fa:3',
      '1 sequences dropped that repeat an earlier one under another label, the first at in.fa:5',
    ])
  })

  it('can be kept', async () => {
    const { summary } = await prepare(given, { duplicates: 'keep' })
    expect(summary).toMatchObject({ kept: 4, duplicates: 1, conflicts: 1 })
  })

  it('are those of the cropped sequence', async () => {
    expect((await prepare(records('TACGTT', 'GACGTG'), { length: 4 })).summary.duplicates).toBe(1)
  })

  it('with a missing label repeat only one with a missing label', async () => {
    const { summary } = await prepare(records({ label: NaN }, { label: NaN }, { label: 0 }))
    expect(summary).toMatchObject({ duplicates: 1, conflicts: 1 })
    expect(summary.counts.train).toEqual({ none: 1 })
  })
})

describe('labels', () => {
  it('must be as many for every sequence', async () => {
    await expect(
      prepare(records({ labels: [1, 0] }, { sequence: 'ACGTACGTAC', labels: [1] })),
    ).rejects.toThrow("in.fa:3: sequence 'seq_1': it has 1 labels, but 'seq_0' (in.fa:1) has 2")
  })
})

describe('shuffles', () => {
  const positive = { sequence: 'ACGATCGATTACGATCAGGACTTACAGGATC', label: 1 }

  it('are made of positives alone, named, labelled and split after their parents', async () => {
    const { sequences, summary } = await prepare(
      records(
        { ...positive, name: 'p', labels: [1, 0], chrom: 'chr1', start: 5, end: 36 },
        { ...positive, name: 'n', sequence: 'ACGATCGATTACGATCAGGACTTACAGGATG', labels: [0, 1] },
      ),
      { shuffles: 3 },
    )
    expect(
      sequences.map(({ id, name, labels, parentId, chrom }) => [id, name, labels, parentId, chrom]),
    ).toEqual([
      [0, 'p', [1, 0], undefined, 'chr1'],
      [1, 'p_shuf', [0, 0], 0, undefined],
      [2, 'p_shuf2', [0, 0], 0, undefined],
      [3, 'p_shuf3', [0, 0], 0, undefined],
      [4, 'n', [0, 1], undefined, undefined],
    ])
    expect(summary.shuffles).toBe(3)
    expect(summary.counts.train).toEqual({ '1': 1, '0': 4 })
  })

  it('of unlabelled sequences make these the positives', async () => {
    const { sequences } = await prepare(records({ sequence: positive.sequence }), { shuffles: 1 })
    expect(sequences.map(({ labels }) => labels)).toEqual([[1], [0]])
    expect((await prepare(records('ACGT'))).sequences[0]!.labels).toEqual([])
  })

  it('can be asked for by the record', async () => {
    const { summary } = await prepare(
      records({ ...positive, shuffles: 0 }, { ...positive, sequence: 'GATTACAGATTACAGGATCA', shuffles: 2 }),
      { length: 20, shuffles: 1 },
    )
    expect(summary.shuffles).toBe(2)
  })

  it('never repeat a sequence; those that cannot be made are counted', async () => {
    const { summary, letters } = await prepare(records({ sequence: 'AACAAGAACC', label: 1 }), {
      shuffles: 30,
    })
    expect(new Set(letters).size).toBe(letters.length)
    expect(summary.shuffles + summary.unshufflable).toBe(30)
    const stuck = await prepare(records({ sequence: 'AAAAAAAAAA', label: 1 }), { shuffles: 1 })
    expect(stuck.summary).toMatchObject({ kept: 1, shuffles: 0, unshufflable: 1 })
    expect(stuck.warnings).toEqual(['1 shuffles not made: the sequences have no other arrangement'])
  })

  it('given in the input are linked to the parents before them, and have no place on the genome', async () => {
    const linked = await prepare(
      records(
        { name: 'chr1:0-10', label: 1, chrom: 'chr1', start: 0, end: 10 },
        { name: 'chr1:0-10_shuf', sequence: 'ACGTACGTAC', label: 0, chrom: 'chr1', start: 0, end: 10 },
      ),
      { split: { by: 'chromosome', valid: ['chr1'], test: ['chr7'] } },
    )
    expect(linked.sequences.map(({ split, parentId, start }) => [split, parentId, start])).toEqual([
      ['valid', undefined, 0],
      ['valid', 0, undefined],
    ])
    expect(linked.warnings).toEqual([
      'no sequence lies on chr7, which the split names; check the chromosome names',
    ])
  })
})

describe('as a whole', () => {
  const sequence = fc.string({ unit: fc.constantFrom('A', 'C', 'G', 'T', 'N'), minLength: 12, maxLength: 12 })
  const set = fc.array(fc.record({ sequence, label: fc.constantFrom(0, 1) }), { minLength: 1, maxLength: 30 })

  it('is the same for the same seed, has no duplicates, and keeps families on one side', async () => {
    await fc.assert(
      fc.asyncProperty(set, fc.nat(), async (given, seed) => {
        const options = {
          seed,
          shuffles: 2,
          split: { by: 'hash', validFraction: 0.3, testFraction: 0.3, seed },
        } as const
        const once = await prepare(records(...given), options)
        expect(await prepare(records(...given), options)).toEqual(once)
        expect(new Set(once.letters).size).toBe(once.letters.length)
        expect(once.sequences.map(({ id }) => id)).toEqual(once.sequences.map((_, i) => i))
        const splits = new Map(once.sequences.map(({ name, split }) => [name, split]))
        for (const { name, split, parentId, codes } of once.sequences) {
          expect(split).toBe(splits.get(parentName(name)))
          if (parentId === undefined) continue
          const parent = once.sequences[parentId]!
          expect(parent.name).toBe(parentName(name))
          expect([...codes].sort()).toEqual([...parent.codes].sort())
        }
        const { read, kept, duplicates, conflicts, shuffles, counts } = once.summary
        expect(kept).toBe(read - duplicates - conflicts + shuffles)
        const total = Object.values(counts).flatMap((byLabel) => Object.values(byLabel))
        expect(total.reduce((sum, count) => sum + count, 0)).toBe(kept)
      }),
    )
  })
})

describe.skipIf(!process.env['SIS_REAL_DATA'])('real CTCF peaks and their shuffles', () => {
  it('split by chromosome with every shuffle beside its parent', async () => {
    const folder = join(process.env['SIS_REAL_DATA']!, 'ctcf-labelled-101bp')
    const given: SourceRecord[] = []
    for await (const record of readFastaWithTargets(join(folder, 'test.fa'), join(folder, 'test.target')))
      given.push(record)
    const { sequences, summary } = await prepare(given, {
      split: { by: 'chromosome', valid: ['chr8'], test: ['chr1', 'chr9'] },
    })
    expect(summary).toMatchObject({ read: 19_544, length: 101 })
    expect(summary.kept).toBe(19_544 - summary.duplicates - summary.conflicts)
    const chromosome = (name: string) => name.split(':')[0]!
    const expected = { chr8: 'valid', chr1: 'test', chr9: 'test' } as Record<string, string>
    const wrong = sequences.filter(({ name, split }) => split !== (expected[chromosome(name)] ?? 'train'))
    expect(wrong).toEqual([])
    const shuffles = sequences.filter(({ parentId }) => parentId !== undefined)
    expect(shuffles).toHaveLength(1938) // the file has no other parents
    expect(shuffles.filter(({ split, parentId }) => sequences[parentId!]!.split !== split)).toEqual([])
  })
})
