/** A piece of a sequence scanned with several motifs: hits and windows as plain arrays, so that threads can do it. */
import { baseCount } from '../sequence/alphabet.ts'
import { eachHit, scanSequence, type Strand, type WindowScores } from './scan.ts'

export interface PieceMotif {
  readonly scores: WindowScores
  /** The lowest score that is a hit. */
  readonly least: number
}

export interface PieceCodes {
  readonly codes: Uint8Array // [L]
  /** Windows that begin here or further on are another piece's. */
  readonly owned: number
}

export interface PieceHits {
  /** `hitFields` numbers a hit, by motif, then from left to right; Int32Array [hits * 3]. */
  readonly hits: Int32Array
  /** Windows that each motif was laid on, both strands counted; Float64Array [motifs]. */
  readonly windows: Float64Array
}

export interface PieceHit {
  readonly motif: number
  /** First base of the window in the piece. */
  readonly at: number
  readonly strand: Strand
  readonly score: number
}

const hitFields = 3

/** @returns a function that scans pieces, several at a call: what there is to do weighs more than the asking */
export function pieceScanner(
  motifs: readonly PieceMotif[],
): (pieces: readonly PieceCodes[]) => readonly PieceHits[] {
  return (pieces) => pieces.map((piece) => hitsIn(piece, motifs))
}

function hitsIn({ codes, owned }: PieceCodes, motifs: readonly PieceMotif[]): PieceHits {
  const prepared = scanSequence(codes)
  const found: number[] = []
  for (const [i, { scores, least }] of motifs.entries()) {
    eachHit(scores, prepared, least, (at, strand, score) => {
      if (at < owned) found.push(2 * i + (strand === '+' ? 0 : 1), at, score)
    })
  }
  const countOf = windowCounter(codes, owned)
  const windows = Float64Array.from(motifs, ({ scores }) => 2 * countOf(scores.width))
  return { hits: Int32Array.from(found), windows }
}

/** @returns a function that counts the windows of a width in which all bases are known */
function windowCounter(codes: Uint8Array, owned: number): (width: number) => number {
  const runs: (readonly [from: number, to: number])[] = []
  let from = 0
  for (let at = 0; at <= codes.length; at++) {
    if (at < codes.length && codes[at]! < baseCount) continue
    if (at > from) runs.push([from, at])
    from = at + 1
  }
  const counts = new Map<number, number>()
  return (width) => {
    let count = counts.get(width)
    if (count === undefined) {
      count = 0
      for (const [first, end] of runs) count += Math.max(0, Math.min(end - width + 1, owned) - first)
      counts.set(width, count)
    }
    return count
  }
}

/** The hits one by one. */
export function* eachPieceHit({ hits }: PieceHits): Generator<PieceHit> {
  for (let i = 0; i < hits.length; i += hitFields) {
    const motif = hits[i]! >> 1
    yield { motif, at: hits[i + 1]!, strand: hits[i]! % 2 === 0 ? '+' : '-', score: hits[i + 2]! }
  }
}
