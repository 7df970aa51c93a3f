/**
 * Motifs as matrices under `>` headers: one row a position (HOMER, HOCOMOCO, gimmemotifs), the same with a letter before
 * each (ENCODE), or one row a base, with letters and brackets (JASPAR) or bare (JASPAR's raw layout).
 */
import { DataError } from '../base/errors.ts'
import type { KnownMotif } from './knownMotifs.ts'
import { matrixNumbers, motifOfCounts, readMotifText, UniqueIds, type MotifNote } from './motifText.ts'

/** @throws DataError naming file and line */
export function readPfmMotifs(path: string, onNote?: MotifNote): KnownMotif[] {
  return parsePfmMotifs(readMotifText(path), path, onNote)
}

/**
 * Headers are `>id`, `>id name` or `>id_name`; lines that begin with `#` are comments. Below a header stand rows of four
 * numbers for A C G T, one a position (a consensus letter may stand before them), or four rows for the bases, one column a
 * position, bare or as `A [ 0 3 79 ]`. Four rows of four numbers are read as the file's other matrices are, else by which
 * way they sum to the same, else by the header (see `layoutOfSquare`). An id that came before gets a number.
 * @param file names the text in errors
 * @throws DataError naming file and line
 */
export function parsePfmMotifs(text: string, file: string, onNote?: MotifNote): KnownMotif[] {
  const blocks: Block[] = []
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = at + 1
    const content = raw.trim()
    if (content === '' || content.startsWith('#')) continue
    if (content.startsWith('>')) {
      const header = content.slice(1).trim()
      if (header === '') throw new DataError("'>' is not followed by an id", { file, line })
      const [id, name] = idAndName(header)
      blocks.push({ id, name, header, line, rows: [] })
    } else {
      const block = blocks.at(-1)
      if (!block) throw new DataError("a matrix row comes before the first '>' header", { file, line })
      block.rows.push(rowOf(content, line))
    }
  }
  if (blocks.length === 0) throw new DataError('holds no motif', { file })
  const layouts = blocks.map((block) => layoutOf(block, file))
  const others = new Set(layouts.filter((layout) => layout !== 'square'))
  const ids = new UniqueIds()
  const motifs = blocks.map((block, i) => {
    let layout = layouts[i]!
    if (layout === 'square') {
      layout = others.size === 1 ? [...others][0]! : layoutOfSquare(block, file, onNote)
    }
    const rows = layout === 'bases' ? transposed(block, file) : numbersOf(block.rows, file)
    return motifOfCounts(ids.of(block.id), block.name, rows, file)
  })
  ids.tell(file, onNote)
  return motifs
}

interface MatrixRow {
  /** Before the numbers: the base of a row a base, or the consensus of a position. */
  readonly letter: string | undefined
  readonly bracket: boolean
  readonly words: readonly string[]
  readonly line: number
}

interface Block {
  readonly id: string
  readonly name: string
  readonly header: string
  readonly line: number
  readonly rows: MatrixRow[]
}

interface Counts {
  readonly counts: readonly number[]
  readonly line: number
}

type Layout = 'positions' | 'bases'

/** `MA0139.1 CTCF` and `MA0139.1_MA0139.1.CTCF` name CTCF; the id is the first word as it stands. */
function idAndName(header: string): [string, string] {
  const [id, ...rest] = header.split(/\s+/) as [string, ...string[]]
  if (rest.length > 0) return [id, rest[0]!]
  const jaspar = /^(MA\d+\.\d+)_(?:\1\.)?(.+)$/.exec(id)
  return [id, jaspar?.[2] ?? id]
}

function rowOf(content: string, line: number): MatrixRow {
  const [, letter, rest] = /^([A-Z])(?=[\s[|:])(.*)$/i.exec(content) ?? [undefined, undefined, content]
  const words = rest
    .replace(/[[\]|:]/g, ' ')
    .trim()
    .split(/\s+/)
  return { letter: letter?.toUpperCase(), bracket: /[[|:]/.test(rest), words, line }
}

/** @returns `square` for four bare rows of four numbers, which may be either */
function layoutOf({ id, rows, line }: Block, file: string): Layout | 'square' {
  if (rows.length === 0) throw new DataError(`motif '${id}' has no matrix`, { file, line })
  const letters = rows.map(({ letter }) => letter ?? '').join('')
  const four = rows.every(({ words }) => words.length === 4)
  if (letters !== '') {
    const bases = letters === 'ACGT'
    if (bases && four && !rows.some(({ bracket }) => bracket)) return 'square'
    // ENCODE's rows, each with the consensus of its position.
    if (!bases && four && letters.length === rows.length && !rows[0]!.bracket) return 'positions'
    checkBases(rows, letters, id, file)
    return 'bases'
  }
  if (four) return rows.length === 4 ? 'square' : 'positions'
  const uneven = rows.find(({ words }) => words.length !== rows[0]!.words.length)
  if (rows.length === 4 && uneven === undefined) return 'bases'
  const wrong = rows.find(({ words }) => words.length !== 4)!
  throw new DataError(
    rows.length === 4 && rows.every(({ words }) => words.length > 4)
      ? `the rows of motif '${id}' differ in length`
      : `a matrix row needs four numbers (A C G T), not ${wrong.words.length}; or write four rows, for A, C, G and T`,
    { file, line: rows.length === 4 && rows[0]!.words.length > 4 ? uneven!.line : wrong.line },
  )
}

function checkBases(rows: readonly MatrixRow[], letters: string, id: string, file: string): void {
  const wrong = rows.findIndex(({ letter }, base) => letter !== 'ACGT'[base])
  if (wrong >= 0) {
    throw new DataError(`motif '${id}' needs four rows A, C, G, T in this order`, {
      file,
      line: rows[wrong]!.line,
    })
  }
  if (letters.length !== 4) {
    throw new DataError(`motif '${id}' has ${letters.length} rows instead of A, C, G, T`, {
      file,
      line: rows.at(-1)!.line,
    })
  }
}

/** Printed numbers are rounded. */
const evenness = 0.02

/**
 * Every position was counted from the same sites, so the sums of the positions are equal and those of the bases are not.
 * Where both are or neither is, JASPAR's ids (MA0001.1) say bases and all others positions, as most files have it, and the
 * user is told.
 */
function layoutOfSquare(block: Block, file: string, onNote: MotifNote | undefined): Layout {
  const rows = numbersOf(block.rows, file)
  const ofRows = rows.map(({ counts }) => sumOf(counts))
  const ofColumns = [0, 1, 2, 3].map((column) => sumOf(rows.map(({ counts }) => counts[column]!)))
  const [evenRows, evenColumns] = [areEven(ofRows), areEven(ofColumns)]
  if (evenRows !== evenColumns) return evenRows ? 'positions' : 'bases'
  const layout = block.rows[0]!.letter !== undefined || /^MA\d+\.\d+/.test(block.id) ? 'bases' : 'positions'
  onNote?.(
    `${file}:${block.line}: the four rows of motif '${block.id}' may be bases or positions; they are read as ${layout}: if that is wrong, write the file in MEME format`,
  )
  return layout
}

function areEven(sums: readonly number[]): boolean {
  const most = Math.max(...sums)
  return most - Math.min(...sums) <= evenness * most
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function numbersOf(rows: readonly MatrixRow[], file: string): Counts[] {
  return rows.map(({ words, line }) => ({ counts: matrixNumbers(words, file, line), line }))
}

function transposed({ id, rows }: Block, file: string): Counts[] {
  const ofBase = numbersOf(rows, file)
  const width = ofBase[0]!.counts.length
  const uneven = ofBase.find(({ counts }) => counts.length !== width)
  if (uneven !== undefined) {
    throw new DataError(`the rows of motif '${id}' differ in length`, { file, line: uneven.line })
  }
  return Array.from({ length: width }, (_, position) => ({
    counts: ofBase.map(({ counts }) => counts[position]!),
    line: ofBase[0]!.line,
  }))
}
