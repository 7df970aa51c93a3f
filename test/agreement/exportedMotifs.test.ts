/** Exported motif files read back: by our own readers, and by Biopython's (PyPI: biopython), which is skipped where Python lacks it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'
import { matrixKinds } from '../../src/run/export/exportedMotifs.ts'
import { motifFileText, motifFormats } from '../../src/run/export/motifFileText.ts'
import { clusteringRow, matchRow, motifRow, randomExport, writeExportTables } from '../run/exportTables.ts'
import { temporaryDirectory } from '../store/fixtures.ts'
import { describeAgainst, runPython } from './python.ts'

const background = [0.25, 0.25, 0.25, 0.25]

/** Of two motifs with one name, as two models have them. */
async function motifRun(): Promise<string> {
  const directory = await temporaryDirectory()
  const pfm = [
    [120000, 0, 3, 7],
    [0, 0, 0, 0],
    [1, 120005, 0, 0],
  ]
  const large = { nsites: 120010, pfm, name: 'fc_1', naming: 'named' } as const
  await writeExportTables(directory, {
    ...randomExport(1).tables,
    clusterings: [clusteringRow(0, 'cnn'), clusteringRow(1, 'fc'), clusteringRow(2, 'joint')],
    motifs: [
      motifRow(0, 0, { name: 'cnn_1', naming: 'named' }),
      motifRow(1, 1, large),
      motifRow(2, null, { name: 'joint_1' }),
    ],
    motif_matches: [matchRow(0), matchRow(1, { target_name: 'CTCF B' }), matchRow(2)],
  })
  return directory
}

/** Rows of whole counts, [position][base]. */
const counts = {
  kept: {
    cnn_1: [
      [0, 10, 0, 0],
      [9, 0, 0, 1],
      [1, 1, 6, 2],
    ],
    fc_1: [
      [120000, 0, 3, 7],
      [30003, 30002, 30002, 30003],
      [2, 120006, 1, 1],
    ],
  },
  sites: {
    cnn_1: [
      [1, 3, 3, 3],
      [0, 10, 0, 0],
      [10, 0, 0, 0],
      [0, 1, 9, 0],
    ],
  },
}

describe('exported motifs', () => {
  it.each(motifFormats)('%s is read back', async (format) => {
    const directory = await motifRun()
    for (const matrix of matrixKinds) {
      const { text, motifs } = await motifFileText(directory, format, { matrix, background })
      expect(motifs).toBe(3)
      const path = join(directory, `${matrix}.${format}`)
      writeFileSync(path, text)
      const read = await readKnownMotifs(path)
      expect(read.map(({ id }) => id)).toEqual(['cnn_1', 'fc_1', 'joint_1'])
      if (format === 'meme') continue
      for (const [id, rows] of Object.entries(counts[matrix])) {
        const { ppm } = read.find((motif) => motif.id === id)!
        const sum = rows[0]!.reduce((total, count) => total + count, 0)
        for (const [i, row] of rows.entries()) {
          for (const [base, count] of row.entries()) expect(ppm[i]![base]).toBeCloseTo(count / sum, 12)
        }
      }
    }
  })

  it('are those of one clustering where it is named', async () => {
    const directory = await motifRun()
    const of = async (clustering: string) =>
      (await motifFileText(directory, 'jaspar', { matrix: 'kept', clustering, background })).text
    expect(await of('cnn')).toBe(
      '>cnn_1\tCTCF\tmatrix=kept\nA [  0  9  1 ]\nC [ 10  0  1 ]\nG [  0  0  6 ]\nT [  0  1  2 ]\n',
    )
    expect(await of('joint')).toMatch(/^>joint_1\tjoint_1\tmatrix=kept\n(?:[ACGT] \[.*\]\n){4}$/)
  })

  it('are TRANSFAC records of two-letter fields', async () => {
    const directory = await motifRun()
    const { text } = await motifFileText(directory, 'transfac', {
      matrix: 'sites',
      clustering: 'cnn',
      background,
    })
    const rows = [
      'P0      A      C      G      T',
      '01      1      3      3      3      N',
      '02      0     10      0      0      C',
    ]
    const rest = [
      '03     10      0      0      0      A',
      '04      0      1      9      0      G',
      'XX',
      "CC  Matrices of the sequences' own bases at the motifs' sites (for scanning and comparing)",
      'XX',
      '//',
      '',
    ]
    expect(text).toBe(['AC  cnn_1', 'XX', 'ID  cnn_1', 'XX', 'BF  CTCF', 'XX', ...rows, ...rest].join('\n'))
  })
})

describeAgainst('memelite', 'exported motifs read by memelite', () => {
  it('have the same ids and matrices', async () => {
    const directory = await motifRun()
    for (const matrix of matrixKinds) {
      const path = join(directory, `${matrix}.meme`)
      writeFileSync(path, (await motifFileText(directory, 'meme', { matrix, background })).text)
      const program = `
import json, sys
from memelite.io import read_meme
json.dump({name: ppm.T.tolist() for name, ppm in read_meme(json.load(sys.stdin)).items()}, sys.stdout)
`
      const theirs = (await runPython(program, path)) as Record<string, number[][]>
      const ours = await readKnownMotifs(path)
      expect(ours).toHaveLength(3)
      expect(Object.keys(theirs).map((name) => name.split(' ')[0])).toEqual(ours.map(({ id }) => id))
      for (const [i, rows] of Object.values(theirs).entries()) {
        expect(rows).toHaveLength(ours[i]!.ppm.length)
        for (const [at, row] of rows.entries()) {
          for (const [base, value] of row.entries()) expect(value).toBeCloseTo(ours[i]!.ppm[at]![base]!, 9)
        }
      }
    }
  }, 600_000)
})

describeAgainst('Bio', 'exported motifs read by Biopython', () => {
  it('have the same ids, counts and consensus in every format', async () => {
    const directory = await motifRun()
    const files: { path: string; format: string }[] = []
    for (const matrix of matrixKinds) {
      for (const format of motifFormats) {
        const path = join(directory, `${matrix}.${format}`)
        writeFileSync(path, (await motifFileText(directory, format, { matrix, background })).text)
        files.push({ path, format: format === 'meme' ? 'minimal' : format })
      }
    }
    const program = `
import json, sys
from Bio import motifs
answers = []
for case in json.load(sys.stdin):
    with open(case['path']) as handle:
        read = motifs.parse(handle, case['format'], strict=True)
    answers.append([{
        'id': motif['ID'] if case['format'] == 'transfac' else motif.matrix_id if case['format'] == 'jaspar' else motif.name,
        'counts': [[motif.counts[base][i] for base in 'ACGT'] for i in range(motif.length)],
        'consensus': str(motif.degenerate_consensus),
    } for motif in read])
json.dump(answers, sys.stdout)
`
    const answers = (await runPython(program, files)) as {
      id: string
      counts: number[][]
      consensus: string
    }[][]
    expect(answers).toHaveLength(2 * motifFormats.length)
    for (const [i, read] of answers.entries()) {
      const { path, format } = files[i]!
      const expected = counts[matrixKinds[Math.floor(i / motifFormats.length)]!]
      const ours = await readKnownMotifs(path)
      expect(read.map(({ id }) => id)).toEqual(ours.map(({ id }) => id))
      for (const [id, rows] of Object.entries(expected)) {
        const theirs = read.find((motif) => motif.id === id)!
        expect(theirs.counts, path).toHaveLength(rows.length)
        if (format !== 'minimal') {
          expect(theirs.counts, path).toEqual(rows)
          continue
        }
        // Of MEME format Biopython makes whole counts, probability times sites.
        const { ppm, nsites } = ours.find((motif) => motif.id === id)!
        for (const [at, row] of theirs.counts.entries()) {
          for (const [base, count] of row.entries()) {
            expect(Math.abs(count - ppm[at]![base]! * nsites!), path).toBeLessThanOrEqual(1)
          }
        }
      }
      if (format !== 'minimal') expect(read[0]!.consensus, path).toBe(path.includes('kept') ? 'CAG' : 'NCAG')
    }
  }, 120_000)
})
