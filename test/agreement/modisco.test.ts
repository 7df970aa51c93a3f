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
    const path = join(await temporaryDirectory(), 'run.h5')
    writeFileSync(path, bytes)
    const id = 'pos_patterns.pattern_0'
    expect(await readKnownMotifs(path)).toEqual([{ id, name: id, ppm: letters, nsites: 2 }])
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

/** Python that writes patterns of chance with modisco-lite's own `save_hdf5`, those of its report's matrices that it compares, and its `meme`. */
const saved = `
import json, sys
import numpy as np
import h5py
from modiscolite import io, util
from modiscolite.core import Seqlet, SeqletSet
path = json.load(sys.stdin)
random = np.random.default_rng(5)
def pattern(width, count):
    shares = random.dirichlet(np.full(4, 0.3), size=width)
    seqlets = []
    for i in range(count):
        seqlet = Seqlet(i, 2, 2 + width, bool(i % 2))
        seqlet.sequence = np.eye(4)[[random.choice(4, p=p) for p in shares]]
        seqlet.hypothetical_contribs = random.normal(size=(width, 4)) * np.hanning(width + 2)[1:-1, None]
        seqlet.contrib_scores = seqlet.sequence * np.abs(seqlet.hypothetical_contribs)
        seqlets.append(seqlet)
    return SeqletSet(seqlets)
positive = [pattern(10 + i, 30 + i) for i in range(12)]
negative = [pattern(20, 25)]
positive[0].subclusters = np.zeros(30)
positive[0].subcluster_to_subpattern = {0: pattern(10, 9)}
io.save_hdf5(path, positive, negative, 60)
io.write_meme_from_h5(path, util.MemeDataType.PFM, path + '.meme', True)
answer = {}
with h5py.File(path) as file:
    for group in ('pos_patterns', 'neg_patterns'):
        for name, found in file[group].items():
            ppm = found['sequence'][:]
            score = np.sum(np.abs(found['contrib_scores'][:]), axis=1)
            pass_inds = np.where(score >= np.max(score) * 0.3)[0]
            start, end = int(np.min(pass_inds)), int(np.max(pass_inds)) + 1
            answer[f'{group}.{name}'] = {
                'ppm': ppm[start:end].tolist(), 'start': start, 'end': end, 'nsites': int(found['seqlets']['n_seqlets'][0]),
            }
json.dump(answer, sys.stdout)
`

describeAgainst('modiscolite', "modisco-lite's own file, written by it", () => {
  it('has the motifs of its meme, cut as its report cuts them before it compares them', async () => {
    const path = join(await temporaryDirectory(), 'modisco.h5')
    const theirs = (await runPython(saved, path)) as Record<
      string,
      { ppm: number[][]; start: number; end: number; nsites: number }
    >
    const ours = await readKnownMotifs(path)
    const meme = await readKnownMotifs(`${path}.meme`)
    expect(ours).toHaveLength(13)
    expect(ours.map(({ id }) => id)).toEqual(Object.keys(theirs))
    expect(meme.map(({ id }) => id)).toEqual(Object.keys(theirs))
    let cut = 0
    for (const [i, { id, ppm, nsites }] of ours.entries()) {
      const expected = theirs[id]!
      expect(nsites).toBe(expected.nsites)
      const whole = meme[i]!.ppm
      cut += whole.length - ppm.length
      expect(ppm).toHaveLength(expected.ppm.length)
      for (const [column, row] of ppm.entries())
        for (const [base, value] of row.entries()) {
          expect(value).toBeCloseTo(expected.ppm[column]![base]!, 6)
          expect(value).toBeCloseTo(whole[expected.start + column]![base]!, 4)
        }
    }
    expect(cut).toBeGreaterThan(0)
  }, 600_000)
})
