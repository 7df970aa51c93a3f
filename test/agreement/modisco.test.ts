/**
 * Patterns as modisco-lite has them: what stands in the file, and that its `meme` and `report` take it; the latter skipped
 * where Python lacks it (PyPI: modisco-lite==3.0.0; the first report compiles, which takes a minute).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'
import { type Hdf5Contents, Hdf5Reader } from '../../src/io/hdf5/hdf5.ts'
import { modiscoFile } from '../../src/run/export/modiscoFile.ts'
import { partRow, randomExport, writeExportTables } from '../run/exportTables.ts'
import { sequenceRow, temporaryDirectory } from '../store/fixtures.ts'
import { describeAgainst, runPython } from './python.ts'

/** Motif 0 has three sites of CAGT, one of them turned and one cut; motif 1 is another model's. */
async function patternRun(): Promise<string> {
  const directory = await temporaryDirectory()
  await writeExportTables(directory, {
    ...randomExport(1).tables,
    sequences: [
      sequenceRow(0, { name: 's0', sequence: 'TTCAGTTTTT' }),
      sequenceRow(1, { name: 's1', sequence: 'TTTTACTGAA' }),
      sequenceRow(2, { name: 's2', sequence: 'AGTNCCCCCC' }),
    ],
    sis_parts: [
      partRow([0, 0, 0, 0], [2, 'CA-T'], [0, '+', 2, 6, 5]),
      partRow([0, 1, 0, 0], [5, 'C-G'], [0, '-', 4, 8, 5]),
      partRow([0, 2, 0, 0], [0, 'AGT'], [0, '+', -1, 3, 5]),
      partRow([0, 2, 1, 0], [5, 'CC']),
      partRow([1, 2, 0, 0], [5, 'CC'], [1, '+', 5, 7, 5]),
    ],
  })
  return directory
}

const contents: Hdf5Contents = {
  numbers: 'numbers',
  read: /./,
  integers: false,
  typeRemedy: '',
  writer: '',
}

const letters = [
  [0, 1, 0, 0],
  [1, 0, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
]
/** CA-T and, turned, C-G: C in both, A in the first, G in the second, T in the first. */
const keptShares = [1, 0.5, 0.5, 0.5]

describe('patterns for modisco-lite', () => {
  it('are the sites that lie within their sequence, as the motif reads, and the share that keeps each base', async () => {
    const { bytes, ...counts } = await modiscoFile(await patternRun(), 'cnn')
    expect(counts).toEqual({ patterns: 1, seqlets: 2, cut: 1 })
    const read = await Hdf5Reader.read(bytes, contents, 'run.h5')
    expect(read.names('pos_patterns')).toEqual(['pattern_0'])
    expect(read.text('pos_patterns/pattern_0', 'sis_motif')).toBe('cnn_1')
    expect(read.text('', 'sis_contributions')).toContain('1 where the sufficient input subset keeps the base')
    const sequence = read.tensor('pos_patterns/pattern_0/sequence')
    expect(sequence.shape).toEqual([4, 4])
    // The second site, of ACTG read backwards, is CAGT too.
    expect([...sequence.values]).toEqual(letters.flat())
    const shares = letters.flatMap((row, i) => row.map((value) => value * keptShares[i]!))
    for (const name of ['contrib_scores', 'hypothetical_contribs']) {
      expect([...read.tensor(`pos_patterns/pattern_0/${name}`).values]).toEqual(shares)
      expect(read.tensor(`pos_patterns/pattern_0/seqlets/${name}`).shape).toEqual([2, 4, 4])
    }
    await expect(modiscoFile(await patternRun(), 'nobody')).rejects.toThrow('--model nobody')
  })
})

describeAgainst('modiscolite', 'patterns read by modisco-lite', () => {
  it('has its meme and report take them, and finds the seqlets where they lie', async () => {
    const directory = await patternRun()
    const path = join(directory, 'run.modisco.h5')
    writeFileSync(path, (await modiscoFile(directory, 'cnn')).bytes)
    const program = `
import json, sys, os, h5py
import matplotlib
matplotlib.use('Agg')
from modiscolite import io, report, descriptive_report, util
case = json.load(sys.stdin)
path, out = case['path'], case['out']
io.write_meme_from_h5(path, util.MemeDataType.PFM, out + '.meme', True)
report.report_motifs(path, out, './', None, False)
seqlets = descriptive_report.extract_seqlet_data(path, ['pos_patterns', 'neg_patterns'])
with h5py.File(path) as file:
    group = file['pos_patterns/pattern_0/seqlets']
    answer = {name: [int(x) for x in group[name][:]] for name in ('n_seqlets', 'start', 'end', 'example_idx', 'is_revcomp')}
    answer['window'] = int(file.attrs['window_size'])
answer['patterns'] = list(seqlets)
json.dump(answer, sys.stdout)
`
    const out = join(directory, 'report')
    const answer = await runPython(program, { path, out })
    expect(answer).toEqual({
      n_seqlets: [2],
      start: [2, 4],
      end: [6, 8],
      example_idx: [0, 1],
      is_revcomp: [0, 1],
      window: 10,
      patterns: ['pos_patterns.pattern_0'],
    })
    const [motif, ...more] = await readKnownMotifs(`${out}.meme`)
    expect(more).toEqual([])
    expect(motif).toMatchObject({ id: 'pos_patterns.pattern_0', ppm: letters })
    expect(readFileSync(join(out, 'motifs.html'), 'utf8')).toContain('pos_patterns.pattern_0')
    expect(existsSync(join(out, 'trimmed_logos/pos_patterns.pattern_0.cwm.fwd.png'))).toBe(true)
  }, 600_000)
})
