/** Pieces of sequences scanned with all motifs, in threads where there is much to scan; in the order of the pieces. */
import { mapInOrder } from '../../base/concurrently.ts'
import { StayingThreads } from '../../base/stayingThreads.ts'
import { pieceScanner, type PieceCodes, type PieceHits, type PieceMotif } from '../../motif/scanPiece.ts'
import type { ScanPiece } from './scanPieces.ts'

export interface ScannedPiece {
  readonly piece: ScanPiece
  readonly scanned: PieceHits
}

/** Short records go to a thread together: they are scanned in less time than asking takes. */
const batchBases = 1 << 18

/** @throws the signal's reason */
export async function* scannedPieces(
  pieces: AsyncIterable<ScanPiece>,
  motifs: readonly PieceMotif[],
  { threads, signal }: { readonly threads: number; readonly signal: AbortSignal },
): AsyncGenerator<ScannedPiece> {
  const bare = motifs.map(({ scores, least }) => ({ scores, least }))
  const own = pieceScanner(bare)
  const others = new StayingThreads<readonly PieceCodes[], readonly PieceHits[]>(
    threads,
    ['../../motif/scanPiece', import.meta.url],
    'pieceScanner',
    [bare],
  )
  const scanIn = async ({ batch, isAll }: Batch): Promise<readonly ScannedPiece[]> => {
    const codes = batch.map((piece) => ({ codes: piece.codes, owned: piece.owned }))
    const hits = threads === 1 || isAll ? own(codes) : await others.ask(codes)
    return batch.map((piece, i) => ({ piece, scanned: hits[i]! }))
  }
  try {
    for await (const batch of mapInOrder(batched(pieces, signal), 2 * threads, scanIn)) yield* batch
  } finally {
    await others.end()
  }
}

interface Batch {
  readonly batch: readonly ScanPiece[]
  /** There are no other pieces. */
  readonly isAll: boolean
}

async function* batched(pieces: AsyncIterable<ScanPiece>, signal: AbortSignal): AsyncGenerator<Batch> {
  let batch: ScanPiece[] = []
  let bases = 0
  let isFirst = true
  for await (const piece of pieces) {
    signal.throwIfAborted()
    if (bases >= batchBases) {
      yield { batch, isAll: false }
      isFirst = false
      batch = []
      bases = 0
    }
    batch.push(piece)
    bases += piece.codes.length
  }
  if (batch.length > 0) yield { batch, isAll: isFirst }
}
