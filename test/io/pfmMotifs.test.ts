/** Count matrices: both orientations, the names of JASPAR, and what is wrong named. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'
import { parsePfmMotifs, readPfmMotifs } from '../../src/io/motifs/pfmMotifs.ts'

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

  it("reads JASPAR's raw layout: four bare rows, for A, C, G and T", () => {
    expect(parsePfmMotifs('>MA0001.1\tFoo\n 3 0  0\n 1 0 4\n 0 2 0\n 0 2 0\n', 'x.pfm')).toEqual([
      { id: 'MA0001.1', name: 'Foo', ppm, nsites: 4 },
    ])
  })

  it("reads ENCODE's rows, which have the consensus before them, and HOMER's headers", () => {
    const encode = '>FOO_disc1 FOO_K562_encode\nA 0.75 0.25 0 0\nK 0 0 0.5 0.5\nC 0 1 0 0\n'
    expect(parsePfmMotifs(encode, 'motifs.txt')).toEqual([
      { id: 'FOO_disc1', name: 'FOO_K562_encode', ppm, nsites: undefined },
    ])
    const homer =
      '>AKC\tFoo(Zf)/K562-Foo/Homer\t6.5\t-23\t0\tT:1.0(4%)\n0.75\t0.25\t0\t0\n0 0 .5 .5\n0 1 0 0\n'
    const other = homer.replace('Foo(Zf)', 'Bar(Zf)')
    expect(parsePfmMotifs(homer + other, 'known.motifs').map(({ id, name }) => [id, name])).toEqual([
      ['AKC', 'Foo(Zf)/K562-Foo/Homer'],
      ['AKC_2', 'Bar(Zf)/K562-Foo/Homer'],
    ])
  })

  describe('tells which way four rows of four numbers lie', () => {
    const asRows = [
      [7, 1, 1, 1],
      [0, 9, 1, 0],
      [8, 0, 1, 1],
      [9, 1, 0, 0],
    ]
    const asColumns = asRows.map((_, i) => asRows.map((row) => row[i]!))
    const text = (matrix: readonly (readonly number[])[]): string =>
      matrix.map((row) => row.join(' ')).join('\n') + '\n'
    const read = (content: string): { first: number[][]; notes: string[] } => {
      const notes: string[] = []
      const [motif] = parsePfmMotifs(content, 'x.pfm', (note) => notes.push(note))
      return { first: motif!.ppm.map((row) => row.map((p) => Math.round(p * 1000) / 1000)), notes }
    }
    const expected = asRows.map((row) => row.map((count) => count / 10))
    /** Rows and columns sum to the same: read as bases, the second and third position are exchanged. */
    const doubly = [
      [0, 10, 0, 0],
      [0, 0, 10, 0],
      [10, 0, 0, 0],
      [0, 0, 0, 10],
    ]
    const positions = doubly.map((row) => row.map((count) => count / 10))
    const bases = positions.map((_, i) => positions.map((row) => row[i]!))

    it('by their sums', () => {
      expect(read(`>a\n${text(asRows)}`)).toEqual({ first: expected, notes: [] })
      const { first, notes } = read(`>MA0009.1\n${text(asColumns)}`)
      expect(first).toEqual(expected)
      expect(notes).toEqual([
        "x.pfm:1: the four rows of motif 'MA0009.1' are read as A, C, G and T, since their columns sum to the same and they do not; if that is wrong, write the motif in MEME format",
      ])
      // Its id does not overrule the sums, and ENCODE's letters may spell ACGT.
      expect(read(`>MA0009.1\n${text(asRows)}`)).toEqual({ first: expected, notes: [] })
      expect(read('>a b\nA .7 .1 .1 .1\nC 0 .9 .1 0\nG .8 0 .1 .1\nT .9 .1 0 0\n')).toEqual({
        first: expected,
        notes: [],
      })
    })

    it('by the other motifs of the file', () => {
      const raw = '>b\n3 0 0\n1 0 4\n0 2 0\n0 2 0\n'
      const rows = '>b\n3 1 0 0\n0 0 2 2\n'
      expect(read(`>a\n${text(doubly)}${raw}`)).toEqual({ first: bases, notes: [] })
      expect(read(`>MA0009.1\n${text(doubly)}${rows}`)).toEqual({ first: positions, notes: [] })
      expect(read(`>a\n${text(asColumns)}${raw}`)).toEqual({ first: expected, notes: [] })
      const against = read(`>a\n${text(asColumns)}${rows}`)
      expect(against.first).toEqual(expected)
      expect(against.notes).toHaveLength(1)
      expect(against.notes[0]).toContain("although the file's other motifs are not laid out so")
    })

    it('by their header where nothing else tells', () => {
      const jaspar = read(`>MA0009.1 x\n${text(doubly)}`)
      expect(jaspar.first).toEqual(bases)
      expect(jaspar.notes[0]).toContain('both rows and columns sum to the same')
      const other = read(`>a\n${text(doubly)}`)
      expect(other.first).toEqual(positions)
      expect(other.notes[0]).toContain(
        "read as four positions, since both rows and columns sum to the same and the id is not one of JASPAR's",
      )
      const odd = read('>a\n4 1 1 1\n1 5 9 1\n2 2 2 2\n1 1 1 1\n')
      expect(odd.first[1]).toEqual([0.063, 0.313, 0.563, 0.063])
      expect(odd.notes[0]).toContain('neither rows nor columns')
    })

    it('never where brackets say it', () => {
      const bracketed = doubly.map((row, i) => `${'ACGT'[i]!} [ ${row.join(' ')} ]`).join('\n')
      expect(read(`>a\n${bracketed}\n`)).toEqual({ first: bases, notes: [] })
    })
  })

  it.each([
    ['1 2 3 4\n', ':1: ', "before the first '>'"],
    ['>\n1 2 3 4\n', ':1: ', 'not followed by an id'],
    ['>a\n>b\n1 2 3 4\n', ':1: ', "'a' has no matrix"],
    ['>a\n1 2 3 4 5\n1 2 3 4 5\n', ':2: ', 'or write four rows, for A, C, G and T'],
    ['>a\n1 2 3 4 5\n1 2 3 4 5\n1 2 3 4\n1 2 3 4 5\n', ':4: ', 'differ in length'],
    ['>a\nA 1 2 3 4 5\nG 1 2 3 4 5\n', ':3: ', 'in this order'],
    [
      '>a\n1 2 3 4\n1.2 -0.4 0.1 -3\n',
      ':3: ',
      "'-0.4' is not a number of at least 0 in a matrix row: log-odds",
    ],
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
  it('tells formats by content, unpacks gzip, and names what it cannot read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sis-motifs-'))
    try {
      const file = (name: string, content: string | Uint8Array): string => {
        writeFileSync(join(folder, name), content)
        return join(folder, name)
      }
      expect(await readKnownMotifs(file('a.txt', '>a\n1 0 0 1\n'))).toHaveLength(1)
      expect(await readKnownMotifs(file('b.txt', gzipSync('>a\n1 0 0 1\n>b\n1 1 1 1\n')))).toHaveLength(2)
      const meme = 'MEME version 5\nMOTIF a\nletter-probability matrix: w= 1\n1 0 0 0\n'
      expect((await readKnownMotifs(file('c.pfm', meme)))[0]!.id).toBe('a')
      await expect(readKnownMotifs(file('d.meme', 'hello\n'))).rejects.toThrow(/d\.meme: holds no motifs/)
      await expect(readKnownMotifs(join(folder, 'none.meme'))).rejects.toThrow(DataError)
      await expect(readKnownMotifs(file('f.meme', ' \n'))).rejects.toThrow(
        /f\.meme: the file is empty: it has no motif/,
      )
      await expect(readKnownMotifs(file('g.meme', '<!DOCTYPE html>\n<html>MEME version 5'))).rejects.toThrow(
        /HTML/,
      )
      await expect(
        readKnownMotifs(file('h.meme', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'))),
      ).rejects.toThrow(/HDF5/)
      await expect(readKnownMotifs(file('i.pfm', '>a\r1 0 0 1\r'))).rejects.toThrow(/carriage returns alone/)
      expect(await readKnownMotifs(file('j.pfm', '\uFEFF>a\r\n1 0 0 1\r\n'))).toHaveLength(1)
      expect((await readKnownMotifs(file('k.txt', '# note\nPos A C G T\n1 1 0 0 1\n')))[0]!.id).toBe('k')
      await expect(readKnownMotifs(file('e.gz', gzipSync('>a\n1 0 0 1\n').subarray(0, 12)))).rejects.toThrow(
        DataError,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
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
