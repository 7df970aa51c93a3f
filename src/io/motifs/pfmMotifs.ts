/**
 * Motifs as matrices under `>` headers: one row a position (HOMER, HOCOMOCO, gimmemotifs), the same with a letter before each
 * row (ENCODE), or one row a base, with letters (JASPAR) or without (JASPAR's raw layout).
 */
import { DataError } from '../../base/errors.ts'
import {
  matrixNumbers,
  motifOfCounts,
  readMotifText,
  withUniqueIds,
  type MatrixRow,
  type MotifNote,
  type KnownMotif,
} from './motifText.ts'

/** @throws DataError naming file and line */
export function readPfmMotifs(path: string, onNote?: MotifNote): KnownMotif[] {
  return parsePfmMotifs(readMotifText(path), path, onNote)
}

/**
 * Headers are `>id`, `>id name` or `>id_name`; lines that begin with `#` are comments. Below a header stand rows of four
 * numbers for A C G T, one a position, before which a consensus letter may stand; or four rows for A C G T, one column a
 * position, bare or as `A [ 0 3 79 ]`. Four rows of four numbers may be either: see `squareLayout`.
 * Ids that repeat become unique (`withUniqueIds`).
 * @param file names the text in errors
 */
export function parsePfmMotifs(text: string, file: string, onNote?: MotifNote): KnownMotif[] {
  const blocks = blocksOf(text, file)
  if (blocks.length === 0) throw new DataError('holds no motif', { file })
  const shapes = blocks.map((block) => shapeOf(block, file))
  const inFile = new Set(shapes.filter((shape) => shape !== 'square'))
  const ofOthers = inFile.size === 1 ? [...inFile][0] : undefined
  const motifs = blocks.map((block, i) => {
    const shape = shapes[i]!
    const layout = shape === 'square' ? squareLayout(block, ofOthers, file, onNote) : shape
    return motifOfCounts(block.id, block.name, layout === 'bases' ? transposed(block.rows) : block.rows, file)
  })
  return withUniqueIds(motifs, file, onNote)
}

/** What a row stands for. */
type Layout = 'positions' | 'bases'

interface Row extends MatrixRow {
  /** What stands before the numbers. */
  readonly letter: string | undefined
  readonly bracketed: boolean
}

interface Block {
  readonly id: string
  readonly name: string
  readonly header: string
  readonly line: number
  readonly rows: Row[]
}

function blocksOf(text: string, file: string): Block[] {
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
      block.rows.push(rowOf(content, file, line))
    }
  }
  return blocks
}

/** `MA0139.1 CTCF` and `MA0139.1_MA0139.1.CTCF` name CTCF; the id is the first word as it stands. */
function idAndName(header: string): [string, string] {
  const [id, ...rest] = header.split(/\s+/) as [string, ...string[]]
  if (rest.length > 0) return [id, rest[0]!]
  const jaspar = /^(MA\d+\.\d+)_(?:\1\.)?(.+)$/.exec(id)
  return [id, jaspar?.[2] ?? id]
}

function rowOf(content: string, file: string, line: number): Row {
  const letter = /^([A-Z])(?=[\s[|:])/i.exec(content)?.[1]
  const rest = letter === undefined ? content : content.slice(1)
  const numbers = rest.replace(/[[\]|:]/g, ' ').trim()
  return {
    letter: letter?.toUpperCase(),
    bracketed: numbers !== rest.trim(),
    counts: matrixNumbers(numbers.split(/\s+/), file, line),
    line,
  }
}

/** @returns what the rows are by their shape; `square` where four rows of four numbers may be either */
function shapeOf({ id, line, rows }: Block, file: string): Layout | 'square' {
  if (rows.length === 0) throw new DataError(`motif '${id}' has no matrix`, { file, line })
  const four = rows.every(({ counts }) => counts.length === 4)
  const lettered = rows.some(({ letter }) => letter !== undefined)
  const bracketed = rows.some((row) => row.bracketed)
  const consensus = rows.every(({ letter }) => letter !== undefined) && !bracketed
  const ofBases = rows.map(({ letter }) => letter).join('') === 'ACGT'
  if (four && rows.length === 4 && (!lettered || (consensus && ofBases))) return 'square'
  if (four && (!lettered || (consensus && !ofBases))) return 'positions'
  if (!lettered && rows.length !== 4) {
    const wrong = rows.find(({ counts }) => counts.length !== 4)!
    throw new DataError(
      `a matrix row needs four numbers (A C G T), not ${wrong.counts.length}; or write four rows, for A, C, G and T`,
      { file, line: wrong.line },
    )
  }
  checkBases(id, rows, lettered, file)
  return 'bases'
}

function checkBases(id: string, rows: readonly Row[], lettered: boolean, file: string): void {
  const wrong = rows.find(({ letter }, base) => lettered && letter !== 'ACGT'[base])
  if (wrong !== undefined) {
    throw new DataError(`motif '${id}' needs four rows A, C, G, T in this order`, { file, line: wrong.line })
  }
  if (rows.length !== 4) {
    const { line } = rows.at(-1)!
    throw new DataError(`motif '${id}' has ${rows.length} rows instead of A, C, G, T`, { file, line })
  }
  const uneven = rows.find(({ counts }) => counts.length !== rows[0]!.counts.length)
  if (uneven !== undefined) {
    throw new DataError(`the rows of motif '${id}' differ in length`, { file, line: uneven.line })
  }
}

/** Sums that differ by less are equal: what is printed is rounded. */
const equalSums = 0.02

/**
 * Positions are counted from the same sites, so they sum to the same, which bases do not: of rows and columns, those
 * that do are the positions. Where both sums or neither are equal, the square is what the file's other matrices are;
 * else, by its header, bases where the id is JASPAR's (MA0001.1), and positions where it is not. The user is told
 * wherever the matrix is read as bases by its sums, or as either by its header.
 * @param ofOthers what all other matrices of the file are, where they agree
 */
function squareLayout(
  { id, line, rows }: Block,
  ofOthers: Layout | undefined,
  file: string,
  onNote: MotifNote | undefined,
): Layout {
  const rowsEqual = areEqual(rows.map(({ counts }) => sumOf(counts)))
  const columnsEqual = areEqual(
    [0, 1, 2, 3].map((column) => sumOf(rows.map(({ counts }) => counts[column]!))),
  )
  const tell = (layout: Layout, why: string): void => {
    onNote?.(
      `${file}:${line}: the four rows of motif '${id}' are read as ${layout === 'bases' ? 'A, C, G and T' : 'four positions'}, since ${why}; if that is wrong, write the motif in MEME format`,
    )
  }
  if (rowsEqual !== columnsEqual) {
    const layout = rowsEqual ? 'positions' : 'bases'
    if (ofOthers !== undefined && ofOthers !== layout) {
      tell(
        layout,
        `${rowsEqual ? 'they' : 'their columns'} sum to the same, although the file's other motifs are not laid out so`,
      )
    } else if (ofOthers === undefined && layout === 'bases') {
      tell(layout, 'their columns sum to the same and they do not')
    }
    return layout
  }
  if (ofOthers !== undefined) return ofOthers
  const layout = rows[0]!.letter !== undefined || /^MA\d+\.\d+/.test(id) ? 'bases' : 'positions'
  const sums = rowsEqual ? 'both rows and columns' : 'neither rows nor columns'
  tell(layout, `${sums} sum to the same and ${headerReason(layout, rows[0]!.letter)}`)
  return layout
}

function headerReason(layout: Layout, letter: string | undefined): string {
  if (letter !== undefined) return 'the letters before them are A, C, G and T'
  return layout === 'bases' ? "the id is one of JASPAR's" : "the id is not one of JASPAR's"
}

function areEqual(sums: readonly number[]): boolean {
  const most = Math.max(...sums)
  return most - Math.min(...sums) <= equalSums * most
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function transposed(rows: readonly Row[]): MatrixRow[] {
  return rows[0]!.counts.map((_, position) => ({
    counts: rows.map(({ counts }) => counts[position]!),
    line: rows[0]!.line,
  }))
}
