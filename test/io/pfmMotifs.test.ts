/** Count matrices: both orientations, the names of JASPAR, and what is wrong named. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { readKnownMotifs } from '../../src/io/knownMotifs.ts'
import { parsePfmMotifs, readPfmMotifs } from '../../src/io/pfmMotifs.ts'

const ppm = [
  [0.75, 0.25, 0, 0],
  [0, 0, 0.5, 0.5],
  [0, 1, 0, 0],
]

describe('parsePfmMotifs', () => {
  it('reads one row a position', () => {
    const text =
      '# comment\n>MA0001.1_MA0001.1.Foo\r\n3.0\t1.0\t0.0\t0.0\r\n0 0 2 2\n\n0 4 0 0\n>plain\n0.25 0.25 0.25 0.25\n'
    expect(parsePfmMotifs(text, 'x.pfm')).toEqual([
      { id: 'MA0001.1_MA0001.1.Foo', name: 'Foo', ppm, nsites: 4 },
      { id: 'plain', name: 'plain', ppm: [[0.25, 0.25, 0.25, 0.25]], nsites: undefined },
    ])
  })

  it("reads JASPAR's own rows a base", () => {
    const text = '>MA0001.1\tFoo\nA  [ 3  0  0 ]\nC  [ 1  0  4 ]\nG  [ 0  2  0 ]\nT  [ 0  2  0 ]\n'
    expect(parsePfmMotifs(text, 'x.jaspar')).toEqual([{ id: 'MA0001.1', name: 'Foo', ppm, nsites: 4 }])
  })

  const consensusOf = (text: string) => {
    const notes: string[] = []
    const motifs = parsePfmMotifs(text, 'x.pfm', (note) => notes.push(note))
    const letters = motifs.map(({ ppm }) => ppm.map((row) => 'ACGT'[row.indexOf(Math.max(...row))]).join(''))
    return { letters, notes, ids: motifs.map(({ id }) => id) }
  }
  const bases = '90 1 90 1\n1 1 1 1\n1 90 1 1\n8 8 8 97\n' // AGAT, columns sum to 100
  const positions = '90 1 1 8\n1 1 90 8\n90 1 1 8\n1 1 1 97\n'
  const even = '9 1 1 1\n1 1 9 1\n1 9 1 1\n1 1 1 9\n'
  const rest = 'may be bases or positions; they are read as'

  it.each([
    ["JASPAR's raw layout", '>MA1.1 x\n9 1 1 9 9\n0 0 0 0 0\n0 8 0 0 0\n0 0 8 0 0\n', ['AGTAA'], []],
    ['four raw rows of four', `>m\n${bases}`, ['AGAT'], []],
    ['four positions', `>m\n${positions}`, ['AGAT'], []],
    ['lettered without brackets', `>m\nA 90 1 90 1\nC 1 1 1 1\nG 1 90 1 1\nT 8 8 8 97\n`, ['AGAT'], []],
    ['positions with consensus', '>m\nA 9 1 0 0\nR 5 0 5 0\nT 0 0 0 9\n', ['AAT'], []],
    ['four positions with consensus ACGT', '>m\nA 7 1 1 1\nC 2 6 1 1\nG 3 1 5 1\nT 2 1 1 6\n', ['ACGT'], []],
    ['a square beside raw bases', `>m\n${even}>n\n9 1\n1 1\n1 9\n1 1\n`, ['AGCT', 'AG'], []],
    ['a square of a JASPAR id', `>MA0001.1 x\n9 1 1 1\n1 1 9 1\n1 1 1 9\n1 9 1 1\n`, ['ATCG'], ['bases']],
    ['a square of another id', `>m\n9 1 1 1\n1 1 9 1\n1 1 1 9\n1 9 1 1\n`, ['AGTC'], ['positions']],
  ])('tells bases from positions: %s', (_, text, letters, told) => {
    const read = consensusOf(text)
    expect(read.letters).toEqual(letters)
    expect(read.notes).toHaveLength(told.length)
    for (const [i, layout] of told.entries()) expect(read.notes[i]).toContain(`${rest} ${layout}`)
  })

  it("keeps HOMER's motifs of one consensus", () => {
    const text = '>AGA\tGATA1(Zf)/x\t6.5\n1 0 0 0\n>AGA\tGATA2(Zf)/y\t7\n0 0 0 1\n'
    expect(consensusOf(text)).toMatchObject({ ids: ['AGA', 'AGA_2'], letters: ['A', 'T'] })
  })

  it.each([
    ['1 2 3 4\n', ':1: ', "before the first '>'"],
    ['>\n1 2 3 4\n', ':1: ', 'not followed by an id'],
    ['>a\n>b\n1 2 3 4\n', ':1: ', "'a' has no matrix"],
    ['>a\n1 2 3\n', ':2: ', 'four numbers'],
    ['>a\n1 2 3 4\n1 2 x 4\n', ':3: ', "'x' is not a number"],
    ['>a\n1 2 3 4\n0 0 0 0\n', ':3: ', 'sums to 0'],
    ['>a\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 2 ]\n', ':4: ', '3 rows'],
    ['>a\nA [ 1 2 ]\nC [ 1 2 ]\nT [ 1 2 ]\nG [ 1 2 ]\n', ':4: ', 'in this order'],
    ['>a\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 2 3 ]\nT [ 1 2 ]\n', ':4: ', 'differ in length'],
    ['# nothing\n', ': ', 'holds no motif'],
  ])('names file and line: %j', (text, place, message) => {
    let error: unknown
    try {
      parsePfmMotifs(text, 'bad.pfm')
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(DataError)
    expect((error as DataError).message).toContain(`bad.pfm${place}`)
    expect((error as DataError).message).toContain(message)
  })
})

describe('readKnownMotifs', () => {
  it('tells formats by content, unpacks gzip, and names what it cannot read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sis-motifs-'))
    try {
      const file = (name: string, content: string | Uint8Array): string => {
        writeFileSync(join(folder, name), content)
        return join(folder, name)
      }
      expect(readKnownMotifs(file('a.txt', '>a\n1 0 0 1\n'))).toHaveLength(1)
      expect(readKnownMotifs(file('b.txt', gzipSync('>a\n1 0 0 1\n>b\n1 1 1 1\n')))).toHaveLength(2)
      const meme = 'MEME version 5\nMOTIF a\nletter-probability matrix: w= 1\n1 0 0 0\n'
      expect(readKnownMotifs(file('c.pfm', meme))[0]!.id).toBe('a')
      expect(() => readKnownMotifs(file('d.meme', 'hello\n'))).toThrow(/d\.meme: holds no motifs/)
      expect(() => readKnownMotifs(join(folder, 'none.meme'))).toThrow(DataError)
      expect(() => readKnownMotifs(file('e.gz', gzipSync('>a\n1 0 0 1\n').subarray(0, 12)))).toThrow(
        DataError,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('tables', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sis-motifs-'))
  const read = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return readKnownMotifs(join(folder, name))
  }
  const rows = '01\t9\t1\t0\t0\tA\n02\t0\t0\t10\t0\tG\n'
  const counts = [
    [0.9, 0.1, 0, 0],
    [0, 0, 1, 0],
  ]

  it('of TRANSFAC', () => {
    const text = `VV  x\nXX\n//\nAC  M1\nXX\nID  V$GATA\nXX\nP0\tA\tC\tG\tT\n${rows}XX\n//\nAC  M2\nNA  Gata2\nPO A C G T\n${rows}//\n`
    expect(read('a.txt', text)).toEqual([
      { id: 'M1', name: 'V$GATA', ppm: counts, nsites: 10 },
      { id: 'M2', name: 'Gata2', ppm: counts, nsites: 10 },
    ])
  })

  it('of CIS-BP, named by their file', () => {
    expect(read('M01_2.00.txt', 'Pos\tA\tC\tG\tT\n1\t0.9\t0.1\t0\t0\n2\t0\t0\t1\t0\n')).toEqual([
      { id: 'M01_2.00', name: 'M01_2.00', ppm: counts, nsites: undefined },
    ])
    expect(() => read('M02.txt', 'Pos\tA\tC\tG\tT\n')).toThrow(/M02\.txt:1: .*empty matrix/)
    expect(() => read('M03.txt', 'Pos\tA\tC\tG\tU\n1 1 0 0 0\n')).toThrow(/only DNA/)
  })
})

describe.skipIf(!process.env['SIS_REAL_DATA'])('JASPAR 2022', () => {
  it('is read whole', () => {
    const motifs = readPfmMotifs(
      join(process.env['SIS_REAL_DATA'] ?? '', 'motifs/JASPAR2022_vertebrates.pfm'),
    )
    expect(motifs).toHaveLength(838)
    expect(motifs.find(({ name }) => name === 'CTCF')!.ppm).toHaveLength(19)
    expect(motifs[1]).toMatchObject({ name: 'Ahr::Arnt', nsites: 24 })
  })
})
