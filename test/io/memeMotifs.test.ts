/** MEME format: what others wrote is read, what we write is read back, and what is wrong is named. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { readKnownMotifs } from '../../src/io/knownMotifs.ts'
import { parseMemeMotifs, readMemeMotifs, writeMemeMotifs } from '../../src/io/memeMotifs.ts'

const box = [
  [0.05, 0.85, 0.05, 0.05],
  [1, 0, 0, 0],
  [1 / 3, 1 / 3, 1 / 3, 0],
]
const written = writeMemeMotifs(
  [
    { id: 'cnn_0', alternateName: 'CAN', ppm: box, nsites: 120, eValue: 1e-12 },
    { id: 'cnn_1', ppm: box.slice(1), nsites: 7 },
  ],
  [0.3, 0.2, 0.2, 0.3],
)

describe('writeMemeMotifs', () => {
  it('writes what it wrote before', () => {
    const golden = join(import.meta.dirname, 'memeMotifs.golden.meme')
    const changed = join(import.meta.dirname, 'memeMotifs-changed.meme')
    const expected = existsSync(golden) ? readFileSync(golden, 'utf8') : ''
    if (written === expected) rmSync(changed, { force: true })
    else writeFileSync(changed, written)
    expect(written).toBe(expected)
  })

  it('is read back, and its rows sum to 1 as printed', () => {
    const probabilities = fc
      .array(fc.nat(1000), { minLength: 4, maxLength: 4 })
      .filter((counts) => counts.some((count) => count > 0))
      .map((counts) => counts.map((count) => count / counts.reduce((sum, c) => sum + c)))
    fc.assert(
      fc.property(fc.array(probabilities, { minLength: 1, maxLength: 12 }), fc.nat(5000), (ppm, nsites) => {
        const text = writeMemeMotifs([{ id: 'm', alternateName: 'other', ppm, nsites }])
        const [motif] = parseMemeMotifs(text, 'm.meme')
        expect(motif).toMatchObject({ id: 'm', name: 'other', nsites })
        for (const [i, row] of motif!.ppm.entries()) {
          for (const [base, p] of row.entries()) expect(Math.abs(p - ppm[i]![base]!)).toBeLessThan(1.1e-6)
        }
        for (const line of text.split('\n').filter((line) => /^ \d/.test(line))) {
          const units = line
            .trim()
            .split(/\s+/)
            .map((word) => Math.round(Number(word) * 1e6))
          expect(units.reduce((sum, unit) => sum + unit)).toBe(1e6)
        }
      }),
    )
  })
})

describe('parseMemeMotifs', () => {
  const head = 'MEME version 4\n\nALPHABET= ACGT\n\n'

  it('reads motifs without w=, nsites=, E= and alternate name, and skips what is not a matrix', () => {
    const text = `${head}Background letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n\nMOTIF one\nletter-probability matrix:\n1 0 0 0\n0 0.5 0.5 0\n\nURL x\r\nMOTIF two TWO\r\nlog-odds matrix: alength= 4 w= 1\n 1 2 3 -4\nletter-probability matrix: alength= 4 w= 1 nsites= 3\n0 0 0 1`
    expect(parseMemeMotifs(text, 'x.meme')).toEqual([
      {
        id: 'one',
        name: 'one',
        ppm: [
          [1, 0, 0, 0],
          [0, 0.5, 0.5, 0],
        ],
        nsites: undefined,
      },
      { id: 'two', name: 'TWO', ppm: [[0, 0, 0, 1]], nsites: 3 },
    ])
  })

  const matrix = 'letter-probability matrix: alength= 4 w= 2 nsites= 3\n'
  it.each([
    ['MOTIF a\n', 1, "has no line 'MEME version 4'"],
    ['', 1, "has no line 'MEME version 4'"],
    ['MEME version 5\nALPHABET= ACDEFGHIKLMNPQRSTVWY\n', 2, 'is not ACGT'],
    [`${head}MOTIF\n`, 5, 'not followed by an id'],
    [`${head}MOTIF a\nMOTIF b\n`, 5, "'a' has no matrix"],
    [`${head}MOTIF a\n`, 5, "'a' has no matrix"],
    [`${head}${matrix}`, 5, 'before its MOTIF line'],
    [`${head}MOTIF a\n${matrix}1 0 0 0\n`, 8, 'needs four probabilities (row 2 of w= 2)'],
    [`${head}MOTIF a\n${matrix}1 0 0 0`, 7, 'the file ends after 1 of w= 2'],
    [`${head}MOTIF a\n${matrix}1 0 0 0\n1 0 0\n`, 8, 'needs four probabilities'],
    [`${head}MOTIF a\n${matrix}1 0 0 0\n1 0 x 0\n`, 8, "'x' is not a number"],
    [`${head}MOTIF a\n${matrix}1 0 0 0\n-1 1 1 0\n`, 8, "'-1' is not a number"],
    [`${head}MOTIF a\n${matrix}1 0 0 0\n1 1 0 0\n`, 8, 'sums to 2.0000'],
    [`${head}MOTIF a\nletter-probability matrix: alength= 20 w= 2\n`, 6, 'alength= 20'],
  ])('names file and line: %j', (text, line, message) => {
    let error: unknown
    try {
      parseMemeMotifs(text, 'bad.meme')
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(DataError)
    expect((error as DataError).message).toContain(`bad.meme:${line}: `)
    expect((error as DataError).message).toContain(message)
    expect((error as DataError).message).not.toContain('\n')
  })

  it.each([
    [
      'MEME',
      '*****\nMEME - Motif discovery tool\n*****\nMEME version 5.5.5 (Release date: x)\n\nALPHABET= ACGT\n*****\n' +
        'MOTIF GAT MEME-1\twidth =   2  sites =  42  llr = 3\n-----\n\tMotif GAT MEME-1 Description\n' +
        'log-odds matrix: alength= 4 w= 2 n= 9\n 190 -400 -400 -400\n-400 -400 190 -400\n-----\n' +
        'letter-probability matrix: alength= 4 w= 2 nsites= 42 E= 1e-9\n 1 0 0 0\n 0 0 1 0\n-----\nTime 0.4 secs.\n',
      { id: 'GAT', name: 'MEME-1', nsites: 42 },
    ],
    [
      'old MEME',
      '***\nMEME version 4.8.1\n***\nMOTIF  1\twidth =   2   sites =  42\nletter-probability matrix: alength= 4 w= 2 nsites= 42 E= 1\n 1 0 0 0\n 0 0 1 0\n',
      { id: '1', name: '1', nsites: 42 },
    ],
    [
      'DREME',
      '# DREME 5.0.1\n# Command: dreme -p x\n\nMEME version 5.0.1\n\nALPHABET "DNA" DNA-LIKE\nA "Adenine" CC0000 ~ T "Thymine" 008000\nEND ALPHABET\n\n' +
        'MOTIF GA DREME-1\n\n#  Word  RC Word\n# BEST GA TC 9\n\nletter-probability matrix: alength= 4 w= 2 nsites= 42 E= 1\n1 0 0 0\n0 0 1 0\n',
      { id: 'GA', name: 'DREME-1', nsites: 42 },
    ],
  ])('reads what %s itself writes', (_, text, expected) => {
    const ppm = [
      [1, 0, 0, 0],
      [0, 0, 1, 0],
    ]
    expect(parseMemeMotifs(text, 'x.txt')).toEqual([{ ...expected, ppm }])
  })

  it('keeps motifs of one id, and says so', () => {
    const motif = (id: string): string => `MOTIF ${id} x\nletter-probability matrix: w= 1\n1 0 0 0\n`
    const notes: string[] = []
    const text = head + motif('a') + motif('a_2') + motif('a') + motif('a')
    const ids = parseMemeMotifs(text, 'x.meme', (note) => notes.push(note)).map(({ id }) => id)
    expect(ids).toEqual(['a', 'a_2', 'a_3', 'a_4'])
    expect(notes).toEqual([
      "x.meme: motif ids occur more than once; all are kept, the later ones as 'a_3', and 1 more",
    ])
  })

  it('takes a row that misses 1 by its rounding, whatever the digits, and no more', () => {
    const read = (row: string) => () =>
      parseMemeMotifs(`${head}MOTIF a\nletter-probability matrix: w= 1\n${row}\n`, 'x.meme')[0]!.ppm[0]!
    for (const base of read('0.33 0.33 0.33 0.00')().slice(0, 3)) expect(base).toBeCloseTo(1 / 3, 12)
    expect(read('0.3 0.3 0.3 0.0')().reduce((sum, p) => sum + p)).toBeCloseTo(1, 12)
    expect(read('0.33 0.33 0.31 0.00')).toThrow('sums to 0.9700')
    expect(read('0.330 0.330 0.320 0.000')).toThrow('sums to 0.9800')
  })

  it('says when there is no motif at all', () => {
    expect(() => parseMemeMotifs(head, 'empty.meme')).toThrow('empty.meme: holds no motif')
  })
})

describe.skipIf(!process.env['SIS_REAL_DATA'])('real MEME files', () => {
  const folder = join(process.env['SIS_REAL_DATA'] ?? '', 'motifs')

  it('are read whole', () => {
    const test = readMemeMotifs(join(folder, 'test.meme'))
    expect(test).toHaveLength(12)
    expect(test[0]).toMatchObject({ id: 'MEOX1_homeodomain_1', name: 'MEOX1_homeodomain_1', nsites: 200 })
    expect(test[0]!.ppm).toHaveLength(10)
    const human = readKnownMotifs(join(folder, 'Homo_sapiens.meme'))
    expect(human).toHaveLength(734)
    expect(human[0]).toMatchObject({
      id: 'M0085_1.02',
      name: '(TFAP2E)_(Mus_musculus)_(DBD_0.99)',
      nsites: 1,
    })
    for (const { ppm } of human) {
      for (const row of ppm) expect(row.reduce((sum, p) => sum + p)).toBeCloseTo(1, 10)
    }
  })

  it('survive being written and read', () => {
    const motifs = readMemeMotifs(join(folder, 'test.meme'))
    const text = writeMemeMotifs(motifs.map(({ id, ppm, nsites }) => ({ id, ppm, nsites: nsites! })))
    for (const [i, { id, ppm }] of parseMemeMotifs(text, 'copy.meme').entries()) {
      expect(id).toBe(motifs[i]!.id)
      expect(ppm.flat().every((p, at) => Math.abs(p - motifs[i]!.ppm.flat()[at]!) < 2e-6)).toBe(true)
    }
  })
})
