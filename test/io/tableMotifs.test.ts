/** TRANSFAC and CIS-BP: ids, names and matrices of one and of many, and what is wrong named. */
import { describe, expect, it } from 'vitest'
import { parseTableMotifs } from '../../src/io/motifs/tableMotifs.ts'

const ppm = [
  [0.75, 0.25, 0, 0],
  [0, 0, 0.5, 0.5],
]

describe('parseTableMotifs', () => {
  it('reads TRANSFAC: consensus letters behind the rows, names, facts behind a matrix', () => {
    const text =
      'VV  TRANSFAC MATRIX TABLE\nXX\n//\nAC  M00001\nXX\nID  V$FOO_01\nXX\nNA  Foo\nXX\nP0      A      C      G      T\n' +
      '01      3      1      0      0      A\n02      0      0      2      2      K\nXX\nBA  4 sites\nXX\n//\n' +
      'ID any_name\nBF species\nP0\tG\tT\tA\tC\n1\t0\t0\t3\t1\n2\t2\t2\t0\t0\n//\nDE  Bar of it\nPO A C G T\n00 0.75 .25 0 0\n01 0 0 .5 .5\nXX\n'
    expect(parseTableMotifs(text, 'x.dat')).toEqual([
      { id: 'M00001', name: 'Foo', ppm, nsites: 4 },
      { id: 'any_name', name: 'any_name', ppm, nsites: 4 },
      { id: 'Bar', name: 'Bar', ppm, nsites: undefined },
    ])
  })

  it('reads CIS-BP: a file of one motif, which names it, and a file of many', () => {
    const matrix = 'Pos\tA\tC\tG\tT\n1\t0.75\t0.25\t0\t0\n2\t0\t0\t0.5\t0.5\n'
    expect(parseTableMotifs(matrix, 'pwms/M0001_2.00.txt')).toEqual([
      { id: 'M0001_2.00', name: 'M0001_2.00', ppm, nsites: undefined },
    ])
    const record = (tf: string, motif: string, rows: string): string =>
      `TF\tT1_2.00\nTF Name\t${tf}\nGene\tENSG1\nMotif\t${motif}\nFamily\tx\n${rows}\n\n`
    const notes: string[] = []
    const text =
      record('Foo', 'M1_2.00', matrix) +
      record('Bar', 'M2_2.00', 'Pos\tA\tC\tG\tT') +
      record('Baz', 'M1_2.00', matrix)
    const motifs = parseTableMotifs(text, 'PWM.txt', (note) => notes.push(note))
    expect(motifs.map(({ id, name }) => [id, name])).toEqual([
      ['M1_2.00', 'Foo'],
      ['M1_2.00_2', 'Baz'],
    ])
    expect(notes).toEqual([
      'PWM.txt: 1 of 3 motifs have no matrix and are left out',
      "PWM.txt: some ids name several motifs; all are kept, those that repeat one as 'M1_2.00_2'",
    ])
  })

  it.each([
    ['Pos\tA\tC\tG\tU\n1\t1\t0\t0\t0\n', 'x.txt:1: the columns A C G U are not A C G T; only DNA'],
    ['Pos\tA\tC\tG\tT\n1\t1\t0\t0\n', 'x.txt:2: a matrix row needs its position and four numbers'],
    ['PO A C G T\n01 1 0 -1 0\n', "x.txt:2: '-1' is not a number"],
    ['PO A C G T\n01 0 0 0 0\n', 'x.txt:2: a matrix row sums to 0'],
    ['Motif\tM1\nPos\tA\tC\tG\tT\n', "x.txt: holds no matrix: motif 'M1' has no rows"],
  ])('names file and line: %j', (text, message) => {
    expect(() => parseTableMotifs(text, 'x.txt')).toThrow(message)
  })
})
