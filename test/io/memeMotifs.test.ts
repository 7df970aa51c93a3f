/** MEME format: what others wrote is read, what we write is read back, and what is wrong is named. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'
import { parseMemeMotifs, readMemeMotifs, writeMemeMotifs } from '../../src/io/motifs/memeMotifs.ts'

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
    ['# note\nMEME version 2.2\n', 2, 'is not of MEME version 4 or later'],
    ['MEME version 5\nALPHABET= ACDEFGHIKLMNPQRSTVWY\n', 2, 'is not ACGT'],
    ['MEME version 5\nALPHABET= ACGU\n', 2, 'to compare RNA motifs as if of DNA, write ACGT there'],
    ['MEME version 5\nALPHABET "RNA" RNA-LIKE\nA\nC\nG\nU\nN = ACGU\nEND ALPHABET\n', 2, "'ACGU' is not"],
    ['MEME version 5\nALPHABET DNA-LIKE\nA ~ T\nC ~ G\n', 2, "no line 'END ALPHABET'"],
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
    [`${head}MOTIF a\n${matrix}0.34 0.34 0.34 0.00\n0.34 0.34 0.34 0.01\n`, 8, 'sums to 1.0300'],
    [`${head}MOTIF a\n${matrix}0.333 0.333 0.333 0.000\n0.32 0.333 0.333 0.000\n`, 8, 'sums to 0.9860'],
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

  it.each(['MOTIF a\n', ''])('names a file without a version: %j', (text) => {
    expect(() => parseMemeMotifs(text, 'bad.meme')).toThrow("bad.meme: has no line 'MEME version 4' or later")
  })

  const rule = '*'.repeat(80)
  const rows = '0.8 0.1 0.1 0\n 0 0 0 1\n'
  const ppm = [
    [0.8, 0.1, 0.1, 0],
    [0, 0, 0, 1],
  ]

  it("reads MEME's own text: a banner before the version, MOTIF lines that go on, log-odds beside the probabilities", () => {
    const text =
      `${rule}\nMEME - Motif discovery tool\n${rule}\nMEME version 5.5.7 (Release date: today)\n\n${rule}\n` +
      `ALPHABET= ACGT\nSequence name  Weight\n${rule}\nMOTIF AT MEME-1\twidth =   2  sites =  9  llr = 8  E-value = 1e-3\n` +
      `${rule}\n\tMotif AT MEME-1 Description\nlog-odds matrix: alength= 4 w= 2 n= 9 bayes= 8 E= 1e-3\n 99 -9 -9 -99\n -9 -9 -9 99\n` +
      `-----\nletter-probability matrix: alength= 4 w= 2 nsites= 9 E= 1.0e-003\n ${rows}-----\nBL   MOTIF AT width=2 seqs=9\n` +
      `${rule}\nMOTIF  2\twidth =    2   sites =   7\n${rule}\nletter-probability matrix: alength= 4 w= 2 nsites= 7 E= 1\n ${rows}` +
      `${rule}\nSUMMARY OF MOTIFS\n${rule}\n`
    expect(parseMemeMotifs(text, 'meme.txt')).toEqual([
      { id: 'AT', name: 'MEME-1', ppm, nsites: 9 },
      { id: '2', name: '2', ppm, nsites: 7 },
    ])
  })

  it("reads DREME's own text: comments before the version, the alphabet spelt out", () => {
    const text =
      `# DREME 5.5.7\n# command: dreme -p MEME.fa\n\nMEME version 5.5.7\n\nALPHABET "DNA" DNA-LIKE\n` +
      'A "Adenine" CC0000 ~ T "Thymine" 008000\nC "C = ~ x" 0000CC ~ G "Guanine" FFB300\nN "Any base" = ACGT\n. = ACGT\nEND ALPHABET\n\n' +
      `MOTIF AT DREME-1\n\n#  Word  Pos\n# BEST AT 3\n\nletter-probability matrix: alength= 4 w= 2 nsites= 3 E= 0\n${rows}\nTime 1 secs.\n`
    expect(parseMemeMotifs(text, 'dreme.txt')).toEqual([{ id: 'AT', name: 'DREME-1', ppm, nsites: 3 }])
  })

  it('takes rows that miss 1 by the rounding of their digits', () => {
    const rounded = (matrix: string): number[][] =>
      parseMemeMotifs(`${head}MOTIF a\nletter-probability matrix:\n${matrix}`, 'a.meme')[0]!.ppm.map(
        (row) => [...row],
      )
    const third = 0.33 / (0.33 + 0.33 + 0.33)
    expect(rounded('0.33 0.33 0.33 0.00\n0.67 0.34 0.00 0.00\n')[0]).toEqual([third, third, third, 0])
    expect(rounded('0.3 0.3 0.2 0.1\n')[0]!.reduce((sum, p) => sum + p)).toBeCloseTo(1, 12)
    expect(rounded('.26 .26 .25 .25\n')[0]![0]).toBeCloseTo(0.26 / 1.02, 12)
  })

  it('keeps motifs whose ids repeat, under names of their own', () => {
    const notes: string[] = []
    const one = (id: string): string => `MOTIF ${id} fly\nletter-probability matrix: w= 2\n${rows}`
    const text = head + ['a', 'a', 'a_2', 'b', 'a', 'b'].map(one).join('')
    const motifs = parseMemeMotifs(text, 'fly.meme', (note) => notes.push(note))
    expect(motifs.map(({ id }) => id)).toEqual(['a', 'a_3', 'a_2', 'b', 'a_4', 'b_2'])
    expect(motifs.every(({ name }) => name === 'fly')).toBe(true)
    expect(notes).toEqual([
      "fly.meme: some ids name several motifs; all are kept, those that repeat one as 'a_3' and 2 more",
    ])
  })

  it('says when there is no motif at all', () => {
    expect(() => parseMemeMotifs(head, 'empty.meme')).toThrow('empty.meme: holds no motif')
  })
})

describe.skipIf(!process.env['SIS_REAL_DATA'])('real MEME files', () => {
  const folder = join(process.env['SIS_REAL_DATA'] ?? '', 'motifs')

  it('are read whole', async () => {
    const test = readMemeMotifs(join(folder, 'test.meme'))
    expect(test).toHaveLength(12)
    expect(test[0]).toMatchObject({ id: 'MEOX1_homeodomain_1', name: 'MEOX1_homeodomain_1', nsites: 200 })
    expect(test[0]!.ppm).toHaveLength(10)
    const human = await readKnownMotifs(join(folder, 'Homo_sapiens.meme'))
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
