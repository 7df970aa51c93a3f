/**
 * Motifs in MEME's minimal format, and the text that MEME, STREME and DREME write, which has it inside
 * (https://meme-suite.org/meme/doc/meme-format.html).
 */
import { DataError } from '../base/errors.ts'
import type { KnownMotif } from './knownMotifs.ts'
import { matrixNumbers, normalisedRow, readMotifText, UniqueIds, type MotifNote } from './motifText.ts'

/** Old databases miss 1 by some more than their rounding. */
const rowTolerance = 0.01
const probabilityDigits = 6

/** @throws DataError naming file and line */
export function readMemeMotifs(path: string, onNote?: MotifNote): KnownMotif[] {
  return parseMemeMotifs(readMotifText(path), path, onNote)
}

/**
 * Reads the letter-probability matrix of every motif; log-odds matrices, backgrounds, URLs and E-values are passed over,
 * and so is what stands before the version line. An id that came before gets a number.
 * @param file names the text in errors
 */
export function parseMemeMotifs(text: string, file: string, onNote?: MotifNote): KnownMotif[] {
  const lines = text.split(/\r?\n/)
  const version = lines.findIndex((line) => /^\s*MEME version\s/.test(line))
  if (version < 0 || !/^\s*MEME version\s+[3-9]/.test(lines[version]!)) {
    throw new DataError("has no line 'MEME version 4' or later", { file, line: Math.max(0, version) + 1 })
  }
  const motifs: KnownMotif[] = []
  const ids = new UniqueIds()
  let header: { id: string; name: string; line: number } | undefined
  for (let at = version + 1; at < lines.length; at++) {
    const line = at + 1
    const words = lines[at]!.trim().split(/\s+/)
    if (words[0] === 'ALPHABET=' || words[0]?.startsWith('ALPHABET=') === true) {
      const alphabet = words.join('').slice('ALPHABET='.length)
      if (alphabet !== 'ACGT') {
        throw new DataError(
          `the alphabet '${alphabet}' is not ACGT; only DNA motifs can be read${alphabet === 'ACGU' ? ' (where RNA motifs are meant as DNA, write ACGT there)' : ''}`,
          { file, line },
        )
      }
    } else if (words[0] === 'ALPHABET' && !/\b(?:DNA-LIKE|"?DNA"?)\s*$/i.test(lines[at]!)) {
      throw new DataError(`${lines[at]!.trim()}: the alphabet is not DNA; only DNA motifs can be read`, {
        file,
        line,
      })
    } else if (words[0] === 'MOTIF') {
      if (header) throw new DataError(`motif '${header.id}' has no matrix`, { file, line: header.line })
      const id = words[1]
      if (id === undefined) throw new DataError('MOTIF is not followed by an id', { file, line })
      // MEME's own text goes on: `MOTIF AGATAA MEME-1 width = 6 sites = 42`, older `MOTIF 1 width = 6`.
      const more = words[2]?.startsWith('width') === true ? undefined : words[2]
      header = { id: ids.of(id), name: more ?? id, line }
    } else if (words[0] === 'letter-probability') {
      if (!header) throw new DataError('a matrix comes before its MOTIF line', { file, line })
      const fields = matrixFields(lines[at]!)
      if ((fields['alength'] ?? 4) !== 4) {
        throw new DataError(`alength= ${fields['alength']} is not 4; only DNA motifs can be read`, {
          file,
          line,
        })
      }
      const ppm = matrixRows(lines, at + 1, fields['w'], file)
      if (ppm.length === 0) throw new DataError(`motif '${header.id}' has an empty matrix`, { file, line })
      motifs.push({ id: header.id, name: header.name, ppm, nsites: fields['nsites'] })
      at += ppm.length
      header = undefined
    }
  }
  if (header) throw new DataError(`motif '${header.id}' has no matrix`, { file, line: header.line })
  if (motifs.length === 0) throw new DataError('holds no motif', { file })
  ids.tell(file, onNote)
  return motifs
}

function matrixFields(line: string): Partial<Record<string, number>> {
  return Object.fromEntries(
    [...line.matchAll(/(\w+)=\s*(\S+)/g)].map(([, key, value]) => [key!, Number(value)]),
  )
}

function matrixRows(
  lines: readonly string[],
  from: number,
  width: number | undefined,
  file: string,
): number[][] {
  const rows: { words: string[]; line: number }[] = []
  for (let at = from; at < lines.length && rows.length < (width ?? Infinity); at++) {
    const words = lines[at]!.trim().split(/\s+/)
    if (width === undefined && !/^[\d.]/.test(words[0]!)) break
    const line = at + 1
    if (words.length !== 4) {
      const expected = width === undefined ? '' : ` (row ${rows.length + 1} of w= ${width})`
      throw new DataError(`a matrix row needs four probabilities${expected}`, { file, line })
    }
    rows.push({ words, line })
  }
  if (width !== undefined && rows.length < width) {
    throw new DataError(`the file ends after ${rows.length} of w= ${width} matrix rows`, {
      file,
      line: lines.length,
    })
  }
  const tolerance = Math.max(rowTolerance, roundingOf(rows.flatMap(({ words }) => words)))
  return rows.map(({ words, line }) => {
    const row = matrixNumbers(words, file, line)
    const sum = row.reduce((total, value) => total + value, 0)
    // In float64 0.33 + 0.33 + 0.33 misses .99 by its own rounding.
    if (Math.abs(sum - 1) > tolerance + 1e-9) {
      throw new DataError(`a matrix row sums to ${sum.toFixed(4)} instead of 1`, { file, line })
    }
    return normalisedRow(row, file, line)
  })
}

/** @returns what a row of four may miss 1 by, each number rounded to the digits that the matrix is printed with */
function roundingOf(words: readonly string[]): number {
  const digits = Math.max(...words.map((word) => /\.(\d+)(?:$|[^eE\d])/.exec(`${word} `)?.[1]?.length ?? 0))
  return digits === 0 ? 0 : 4 * 0.5 * 10 ** -digits
}

export interface MemeMotif {
  /** Unique, without white space. */
  readonly id: string
  /** MEME's alternate name, without white space. */
  readonly alternateName?: string | undefined
  readonly ppm: readonly (readonly number[])[] // [width][4]
  /** The true number of sites. */
  readonly nsites: number
  readonly eValue?: number | undefined
}

/** @returns the text of a MEME 5 file; each row sums to 1 as printed */
export function writeMemeMotifs(
  motifs: readonly MemeMotif[],
  background: readonly number[] = [0.25, 0.25, 0.25, 0.25],
): string {
  const head = [
    'MEME version 5',
    '',
    'ALPHABET= ACGT',
    '',
    'strands: + -',
    '',
    'Background letter frequencies',
    roundedRow(background)
      .map((frequency, base) => `${'ACGT'[base]!} ${frequency}`)
      .join(' '),
    '',
  ]
  const blocks = motifs.flatMap(({ id, alternateName, ppm, nsites, eValue = 0 }) => [
    alternateName === undefined ? `MOTIF ${id}` : `MOTIF ${id} ${alternateName}`,
    `letter-probability matrix: alength= 4 w= ${ppm.length} nsites= ${nsites} E= ${eValue}`,
    ...ppm.map((row) => ` ${roundedRow(row).join('  ')}`),
    '',
  ])
  return [...head, ...blocks].join('\n')
}

/** Rounds so that what is printed sums to 1: the largest remainders are rounded up. */
function roundedRow(row: readonly number[]): string[] {
  const unit = 10 ** probabilityDigits
  const units = row.map((value) => Math.floor(value * unit))
  const missing = unit - units.reduce((sum, value) => sum + value, 0)
  const byRemainder = [0, 1, 2, 3].sort(
    (a, b) => row[b]! * unit - units[b]! - (row[a]! * unit - units[a]!) || a - b,
  )
  for (const base of byRemainder.slice(0, missing)) units[base]!++
  return units.map((value) => (value / unit).toFixed(probabilityDigits))
}
