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

  it.each([
    ['1 2 3 4\n', ':1: ', "before the first '>'"],
    ['>\n1 2 3 4\n', ':1: ', 'not followed by an id'],
    ['>a\n>b\n1 2 3 4\n', ':1: ', "'a' has no matrix"],
    ['>a\n1 2 3 4\n>a\n1 2 3 4\n', ':3: ', 'occurs twice'],
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
