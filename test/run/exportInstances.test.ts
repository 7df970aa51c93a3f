/** Motif instances: where they lie on both strands of a genome and in sequences of none, in every format to the letter. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bedChrom } from '../../src/io/features/bedFeatures.ts'
import { instanceText, type InstanceFormat } from '../../src/run/export/instanceText.ts'
import {
  instanceTables,
  readInstances,
  selectInstances,
  type Instance,
  type InstanceSelection,
} from '../../src/run/export/instances.ts'
import { withTables } from '../../src/store/withTables.ts'
import { modelRow, sequenceRow, temporaryDirectory } from '../store/fixtures.ts'
import {
  clusteringRow,
  matchRow,
  motifRow,
  partRow,
  randomExport,
  reversed,
  writeExportTables,
} from './exportTables.ts'

const all: InstanceSelection = { coordinates: 'auto', allParts: false }

async function exported(directory: string, format: InstanceFormat, selection = all) {
  return withTables(directory, instanceTables, async (database) => {
    const chromText = format === 'gff3' ? (name: string) => name : bedChrom
    const counts = await selectInstances(database, selection, chromText)
    let text = ''
    for await (const piece of instanceText(database, format)) text += piece
    return { counts, text }
  })
}

async function instances(directory: string, selection = all): Promise<Instance[]> {
  return withTables(directory, instanceTables, async (database) => {
    await selectInstances(database, selection, bedChrom)
    const rows: Instance[] = []
    for await (const batch of readInstances(database)) rows.push(...batch)
    return rows
  })
}

const nowhere = { chrom: null, start: null, end: null, strand: null } as const
const forward = 'ACCAGTTTACGGATCCATGA'
const parts = [
  partRow([0, 0, 0, 0], [4, 'G-T'], [0, '+', 2, 6, 8]),
  partRow([0, 0, 0, 1], [12, 'A']),
  // The site begins two bases before the sequence.
  partRow([0, 1, 0, 0], [0, 'AC'], [0, '+', -2, 4, 4]),
  partRow([1, 1, 0, 0], [13, 'T-C'], [1, '-', 12, 18, -1.25]),
  partRow([0, 2, 0, 0], [16, 'A-G'], [0, '-', 15, 22, 2]),
  // Wholly beyond it.
  partRow([0, 2, 1, 0], [18, 'GA'], [0, '+', 20, 24, 1]),
]
const tables = {
  sequences: [
    sequenceRow(0, { name: 'plus', chrom: 'chr10', start: 1000, end: 1020, strand: '+', sequence: forward }),
    sequenceRow(1, { name: 'minus', chrom: 'chr2', start: 30, end: 50, strand: '-', sequence: forward }),
    sequenceRow(2, { ...nowhere, name: 'my seq;1', sequence: forward }),
  ],
  models: [modelRow(0, 'cnn'), modelRow(1, 'fc')],
  clusterings: [clusteringRow(0, 'cnn'), clusteringRow(1, 'fc')],
  motifs: [motifRow(0, 0, { name: 'cnn_1', naming: 'named' }), motifRow(1, 1, { name: 'fc_1' })],
  motif_matches: [matchRow(0, { target_name: 'A, B' }), matchRow(1)],
  sis_parts: parts,
  part_scores: parts.map(({ model_id, sequence_id, rank, part }) => ({
    model_id,
    sequence_id,
    rank,
    part,
    score_alone: Math.fround(0.1 * (1 + part)),
  })),
}

async function smallRun(): Promise<string> {
  const directory = await temporaryDirectory()
  await writeExportTables(directory, tables)
  return directory
}

const tabbed = (lines: readonly string[]): string =>
  lines.map((line) => `${line.replaceAll(' ', '\t')}\n`).join('')

describe('instances', () => {
  it('are BED6+, sites cut at the ends of the sequence, on the strand of the genome', async () => {
    const { text, counts } = await exported(await smallRun(), 'bed')
    expect(text).toBe(
      tabbed([
        'chr10 1002 1006 cnn_1 1000 + A,%20B 8 0.1 cnn plus 0 0 G-T',
        'chr2 32 38 fc_1 0 + . -1.25 0.1 fc minus 0 0 T-C',
        'chr2 46 50 cnn_1 500 - A,%20B 4 0.1 cnn minus 0 0 AC',
        'my%20seq;1 15 20 cnn_1 250 - A,%20B 2 0.1 cnn my%20seq;1 0 0 A-G',
      ]),
    )
    expect(counts).toEqual({ instances: 4, beyond: 1, sequences: 3, sequencesOnGenome: 2 })
  })

  it('are GFF3, parts in no motif as plain features', async () => {
    const { text } = await exported(await smallRun(), 'gff3', { ...all, allParts: true })
    const tail = (model: string, sequence: string) => `model=${model};sequence=${sequence};rank=0`
    expect(text).toBe(
      [
        '##gff-version 3\n##sequence-region chr10 1001 1020\n##sequence-region chr2 31 50\n##sequence-region my%20seq%3B1 1 20\n',
        'chr10\tsis\tTF_binding_site\t1003\t1006\t8\t+\t.\tID=cnn.0.0.0;Name=cnn_1;factor=A%2C B;',
        `${tail('cnn', 'plus')};part=0;pattern=G-T;score_alone=0.1\n`,
        `chr10\tsis\tsequence_feature\t1013\t1013\t.\t.\t.\tID=cnn.0.0.1;${tail('cnn', 'plus')};part=1;pattern=A;score_alone=0.2\n`,
        `chr2\tsis\tTF_binding_site\t33\t38\t-1.25\t+\t.\tID=fc.1.0.0;Name=fc_1;${tail('fc', 'minus')};part=0;pattern=T-C;score_alone=0.1\n`,
        'chr2\tsis\tTF_binding_site\t47\t50\t4\t-\t.\tID=cnn.1.0.0;Name=cnn_1;factor=A%2C B;',
        `${tail('cnn', 'minus')};part=0;pattern=AC;score_alone=0.1;cut=true\n`,
        'my%20seq%3B1\tsis\tTF_binding_site\t16\t20\t2\t-\t.\tID=cnn.2.0.0;Name=cnn_1;factor=A%2C B;',
        `${tail('cnn', 'my seq%3B1')};part=0;pattern=A-G;score_alone=0.1;cut=true\n`,
      ].join(''),
    )
  })

  it('are a table of all parts', async () => {
    const { text } = await exported(await smallRun(), 'tsv', { ...all, model: 'cnn', allParts: true })
    const rows = text.split('\n').map((line) => line.split('\t'))
    expect(rows.map((row) => row.join('|'))).toEqual([
      'chrom|start|end|strand|motif|factor|site_score|score_alone|model|sequence|sequence_id|rank|part|pattern|first|last|site_start|site_end|motif_strand|cut|letters',
      'chr10|1002|1006|+|cnn_1|A, B|8|0.1|cnn|plus|0|0|0|G-T|4|6|2|6|+|false|CAGT',
      'chr10|1012|1013|||||0.2|cnn|plus|0|0|1|A|12|12||||false|A',
      'chr2|46|50|-|cnn_1|A, B|4|0.1|cnn|minus|1|0|0|AC|0|1|0|4|+|true|ACCA',
      'my%20seq;1|15|20|-|cnn_1|A, B|2|0.1|cnn|my seq;1|2|0|0|A-G|16|18|15|20|-|true|TCATG',
      '',
    ])
  })

  it('are FASTA, as the motif reads', async () => {
    const { text } = await exported(await smallRun(), 'fasta', { ...all, model: 'fc' })
    expect(text).toBe(
      '>fc.1.0.0 motif=fc_1 place=chr2:32-38(+) site_score=-1.25 score_alone=0.1 model=fc sequence=minus rank=0 part=0 pattern=T-C\nATGGAT\n',
    )
  })

  it('lie in their sequences where that is wanted, or on the genome only', async () => {
    const directory = await smallRun()
    const own = await instances(directory, { ...all, coordinates: 'sequence' })
    expect(own.map(({ chrom, start, strand }) => `${chrom}:${start}${strand!}`)).toEqual([
      'minus:0+',
      'minus:12-',
      'my%20seq;1:15-',
      'plus:2+',
    ])
    const placed = await instances(directory, { ...all, coordinates: 'genome' })
    expect(placed.map(({ chrom }) => chrom)).toEqual(['chr10', 'chr2', 'chr2'])
  })

  it('have no score_alone where logic has not run', async () => {
    const directory = await temporaryDirectory()
    await writeExportTables(directory, tables, ['part_scores'])
    expect((await instances(directory)).map(({ score_alone }) => score_alone)).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect((await exported(directory, 'bed')).text.split('\n')[0]!.split('\t')[8]).toBe('.')
  })

  it('have the letters that the genome and the sequence have there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), async (seed) => {
        const { genome, tables } = randomExport(seed)
        const directory = await temporaryDirectory()
        await writeExportTables(directory, tables)
        const found = await instances(directory, { ...all, allParts: true })
        const within = tables.sis_parts.filter(
          ({ site_start, site_end }) => site_start === null || (site_start < 30 && site_end! > 0),
        )
        expect(found).toHaveLength(within.length)
        let reverse = 0
        for (const instance of found) {
          const { chrom, start, end, strand, motif_strand, letters, site_start, site_end, sequence_id } =
            instance
          const bases = tables.sequences[sequence_id]!.sequence
          if (site_start !== null) {
            const own = bases.slice(site_start, site_end!)
            expect(letters).toBe(motif_strand === '+' ? own : reversed(own))
          }
          const there = genome.get(chrom)?.slice(start, end)
          if (there === undefined || strand === null) continue
          if (strand === '-') reverse++
          expect(letters).toBe(strand === '+' ? there : reversed(there))
        }
        expect(reverse).toBeGreaterThan(10)
      }),
      { numRuns: 4 },
    )
  })
})
