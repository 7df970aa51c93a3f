/** Motif files held to the readers of Biopython (PyPI: biopython) and memelite; skipped where Python lacks them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'
import { describeAgainst, runPython } from './python.ts'

// Biopython rounds the counts of MEME format, probability · nsites, to whole ones: with 100 sites these are.
const rows = '0.94 0.02 0.02 0.02\n0.1 0.2 0.3 0.4\n0 0 1 0\n0.25 0.25 0.25 0.25\n0.5 0 0.5 0\n'
const square = '0.9 0.1 0 0\n0.2 0.3 0.4 0.1\n1 0 0 0\n0.5 0 0 0.5\n'
const rule = '*'.repeat(80)
const background = 'Background letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n\n'
const matrix = `letter-probability matrix: alength= 4 w= 5 nsites= 100 E= 1.0e-005\n${rows}\n`
const minimal = `MEME version 5\n\nALPHABET= ACGT\n\nstrands: + -\n\n${background}MOTIF one ONE\n${matrix}MOTIF two TWO\n${matrix}`

/** Of each format, as Biopython calls it. */
const files = [
  ['minimal', minimal],
  ['minimal', `${rule}\n\tSTREME - Sensitive Motif Elicitation\n${rule}\n${minimal}`],
  ['jaspar', '>MA0001.1\tFoo\nA [ 9 2 0 1 5 ]\nC [ 0 3 0 8 1 ]\nG [ 1 5 0 0 4 ]\nT [ 0 0 10 1 0 ]\n'],
  ['jaspar', '>MA0001.1\tFoo\n9 2 0 1 5\n0 3 0 8 1\n1 5 0 0 4\n0 0 10 1 0\n'],
  ['jaspar', '>MA0002.1\tFour\n9 2 0 1\n0 3 0 8\n1 5 0 0\n0 0 10 1\n'],
  ['pfm-four-rows', '>MA0001.1 Foo\n9 2 0 1 5 4\n0 3 0 8 1 4\n1 5 0 0 4 1\n0 0 10 1 0 1\n'],
  ['pfm-four-columns', `>AGGNR\tFoo(Zf)/Homer\t6.5\t-23\t0\n${rows.replaceAll(' ', '\t')}`],
  ['pfm-four-columns', `>AAAW Square\n${square}`],
  [
    'pfm-four-columns',
    `Pos\tA\tC\tG\tT\n${rows
      .trim()
      .split('\n')
      .map((row, i) => `${i + 1}\t${row.replaceAll(' ', '\t')}`)
      .join('\n')}\n`,
  ],
  [
    'transfac',
    'VV  x\nXX\n//\nAC  M1\nXX\nID  V$FOO\nXX\nP0      A      C      G      T\n01      9      0      1      0      A\n02      2      3      5      0      N\nXX\n//\n',
  ],
] as const

async function compared(program: string, cases: readonly (readonly [string, string])[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sis-motif-files-'))
  try {
    const written = cases.map(([format, text], i) => {
      const path = join(folder, `${i}.txt`)
      writeFileSync(path, text)
      return { format, path }
    })
    const answers = (await runPython(program, written)) as number[][][][] // [file][motif][position][base]
    expect(answers).toHaveLength(cases.length)
    for (const [i, { format, path }] of written.entries()) {
      const motifs = await readKnownMotifs(path)
      expect(motifs.length, format).toBeGreaterThan(0)
      expect(answers[i], `${format} ${i}`).toHaveLength(motifs.length)
      for (const [m, { ppm }] of motifs.entries()) {
        expect(ppm.length).toBe(answers[i]![m]!.length)
        for (const [at, row] of ppm.entries()) {
          for (const [base, p] of row.entries())
            expect(p, `${format} ${i}`).toBeCloseTo(answers[i]![m]![at]![base]!, 6)
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describeAgainst('Bio', "readKnownMotifs against Biopython's readers", () => {
  it('gives the same matrices in every format', async () => {
    const program = `
import json, sys
from Bio import motifs
answers = []
for case in json.load(sys.stdin):
    with open(case['path']) as handle:
        read = motifs.parse(handle, case['format'], strict=False)
    pwms = [motif.counts.normalize() for motif in read]
    answers.append([[[pwm[base][i] for base in 'ACGT'] for i in range(len(pwm['A']))] for pwm in pwms])
json.dump(answers, sys.stdout)
`
    await compared(program, files)
  }, 120_000)
})

describeAgainst('memelite', "readKnownMotifs against memelite's reader", () => {
  it('gives the same matrices of MEME format', async () => {
    const program = `
import json, sys
from memelite.io import read_meme
print(json.dumps([[pwm.T.tolist() for pwm in read_meme(case['path']).values()] for case in json.load(sys.stdin)]))
`
    await compared(
      program,
      files.filter(([format]) => format === 'minimal'),
    )
  }, 600_000)
})
