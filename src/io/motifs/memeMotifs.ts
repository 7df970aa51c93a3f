/**
 * Motifs in MEME's minimal format and in the text that MEME, STREME and DREME write, which has the same lines among others
 * (https://meme-suite.org/meme/doc/meme-format.html).
 */
import { DataError } from '../../base/errors.ts'
import {
  matrixNumbers,
  normalisedRow,
  readMotifText,
  withUniqueIds,
  type MotifNote,
  type KnownMotif,
} from './motifText.ts'
import type { Matrix } from '../../sequence/matrix.ts'

/** Old databases miss 1 by more than the rounding of what they print. */
const rowTolerance = 0.01 + 1e-12 // the sum in float64 of rows that miss 1 by .01 is off by some 1e-16 more
const probabilityDigits = 6

/** @throws DataError naming file and line */
export function readMemeMotifs(path: string, onNote?: MotifNote): KnownMotif[] {
  return parseMemeMotifs(readMotifText(path), path, onNote)
}

/** The line that begins the format; banners and comments may stand before it. */
export const memeVersionLine = /^[ \t]*MEME version[ \t]/m

/**
 * Reads the letter-probability matrix of every motif; log-odds matrices, backgrounds, URLs, E-values and what stands before
 * the version are passed over. Ids that repeat become unique (`withUniqueIds`).
 * @param file names the text in errors
 */
export function parseMemeMotifs(text: string, file: string, onNote?: MotifNote): KnownMotif[] {
  const lines = text.split(/\r?\n/)
  const version = lines.findIndex((line) => memeVersionLine.test(line))
  if (version < 0) throw new DataError("has no line 'MEME version 4' or later", { file })
  if (!/version\s+[4-9]/.test(lines[version]!)) {
    throw new DataError('is not of MEME version 4 or later', { file, line: version + 1 })
  }
  const motifs: KnownMotif[] = []
  let header: { id: string; name: string; line: number } | undefined
  for (let at = version + 1; at < lines.length; at++) {
    const line = at + 1
    const words = lines[at]!.trim().split(/\s+/)
    if (words[0]?.startsWith('ALPHABET=') === true) {
      checkAlphabet(words.join('').slice('ALPHABET='.length), file, line)
    } else if (words[0] === 'ALPHABET') {
      const end = lines.findIndex((other, i) => i > at && /^\s*END ALPHABET\b/.test(other))
      if (end < 0) throw new DataError("the alphabet has no line 'END ALPHABET'", { file, line })
      checkAlphabet(coreSymbols(lines.slice(at + 1, end)), file, line)
      at = end
    } else if (words[0] === 'MOTIF') {
      if (header) throw new DataError(`motif '${header.id}' has no matrix`, { file, line: header.line })
      const id = words[1]
      if (id === undefined) throw new DataError('MOTIF is not followed by an id', { file, line })
      // MEME's text goes on with `width = 6 sites = 42`, and has no alternate name where the user gave the motif.
      const alternate = /^width=?$/.test(words[2] ?? '') ? undefined : words[2]
      header = { id, name: alternate ?? id, line }
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
  return withUniqueIds(motifs, file, onNote)
}

function checkAlphabet(alphabet: string, file: string, line: number): void {
  if (alphabet === 'ACGT') return
  const remedy = alphabet === 'ACGU' ? '; to compare RNA motifs as if of DNA, write ACGT there' : ''
  throw new DataError(`the alphabet '${alphabet}' is not ACGT; only DNA motifs can be read${remedy}`, {
    file,
    line,
  })
}

/**
 * @param lines of an alphabet's definition: `A "Adenine" CC0000 ~ T "Thymine" 008000` pairs complements, `N = ACGT` is
 *   ambiguous
 * @returns the symbols that have a column, which are in the order of the alphabet
 */
function coreSymbols(lines: readonly string[]): string {
  const symbols = lines.flatMap((line) => {
    const bare = line.replace(/"(?:[^"\\]|\\.)*"/g, ' ').trim()
    if (bare === '' || bare.startsWith('#') || /^\S\s*=/.test(bare)) return []
    const complement = /~\s*(\S)/.exec(bare)?.[1]
    return complement === undefined ? [bare[0]!] : [bare[0]!, complement]
  })
  return symbols.sort().join('')
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
  const tolerance = Math.max(rowTolerance, rounding(rows.flatMap(({ words }) => words)))
  return rows.map(({ words, line }) => {
    const row = matrixNumbers(words, file, line)
    const sum = row.reduce((total, value) => total + value, 0)
    if (Math.abs(sum - 1) > tolerance) {
      throw new DataError(`a matrix row sums to ${sum.toFixed(4)} instead of 1`, { file, line })
    }
    return normalisedRow(row, file, line)
  })
}

/** @returns by how much four numbers, rounded to the digits that a matrix is printed with, may miss their sum */
function rounding(words: readonly string[]): number {
  const digits = Math.max(...words.map((word) => /^\d*\.(\d+)$/.exec(word)?.[1]!.length ?? 0))
  return digits === 0 ? 0 : 2 * 10 ** -digits + 1e-12
}

export interface MemeMotif {
  /** Unique, without white space. */
  readonly id: string
  /** MEME's alternate name, without white space. */
  readonly alternateName?: string | undefined
  readonly ppm: Matrix // [width][4]
  /** The true number of sites. */
  readonly nsites: number
  readonly eValue?: number | undefined
}

/**
 * @param note a line for people before the first motif; readers pass it over
 * @returns the text of a MEME 5 file; each row sums to 1 as printed
 */
export function writeMemeMotifs(
  motifs: readonly MemeMotif[],
  background: readonly number[] = [0.25, 0.25, 0.25, 0.25],
  note?: string,
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
    ...(note === undefined ? [] : [note, '']),
  ]
  const blocks = motifs.flatMap(({ id, alternateName, ppm, nsites, eValue = 0 }) => [
    alternateName === undefined ? `MOTIF ${id}` : `MOTIF ${id} ${alternateName}`,
    `letter-probability matrix: alength= 4 w= ${ppm.length} nsites= ${nsites} E= ${eValue}`,
    // Single spaces: some readers find an empty number between two.
    ...ppm.map((row) => ` ${roundedRow(row).join(' ')}`),
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
