/** Bytes of a bgzip file by their place in what it unpacks to, found by its index (.gzi). */
import { DataError } from '../../base/errors.ts'
import { bgzfEndMarker, largestBgzfBlock } from './bgzf.ts'
import { BgzfBlocks } from './bgzfBlocks.ts'
import { HeldFile } from './heldFile.ts'

/** Where bytes are read, packed or not. */
export interface RandomBytes {
  /** Bytes in all, unpacked. */
  readonly size: number
  /** @returns the bytes from `position`, fewer than `length` where they end */
  read(position: number, length: number): Buffer
}

/** Bytes of one entry of the index. */
const entryBytes = 16

export class PackedText implements RandomBytes {
  readonly size: number
  readonly #blocks: BgzfBlocks
  readonly #index: BlockIndex
  readonly #indexPath: string

  /** @throws DataError where the index is damaged or that of another file */
  constructor(file: HeldFile, indexPath: string) {
    this.#blocks = new BgzfBlocks(file)
    this.#indexPath = indexPath
    this.#index = readBlockIndex(indexPath, file)
    const last = this.#index.count - 1
    const { data, next } = this.#blocks.block(this.#index.packed[last]!)
    if (next < file.size - bgzfEndMarker.length) {
      throw unfit(indexPath, file.path, 'it ends before the file does')
    }
    this.size = this.#index.unpacked[last]! + data.length
  }

  read(position: number, length: number): Buffer {
    const pieces: Buffer[] = []
    const end = Math.min(position + length, this.size)
    for (let at = position; at < end;) {
      const index = this.#indexOf(at)
      const data = this.#block(index)
      const from = at - this.#index.unpacked[index]!
      const piece = data.subarray(from, from + end - at)
      pieces.push(piece)
      at += piece.length
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  }

  /** The block of an entry, which ends where the next entry says. */
  #block(i: number): Buffer {
    const { packed, unpacked, count } = this.#index
    const { data, next } = this.#blocks.block(packed[i]!)
    const nextUnpacked = i + 1 < count ? unpacked[i + 1]! : this.size
    if (data.length !== nextUnpacked - unpacked[i]! || (i + 1 < count && next !== packed[i + 1]!)) {
      throw unfit(this.#indexPath, this.#blocks.file.path, `its entry ${i + 1} is not where a block begins`)
    }
    return data
  }

  /** The last entry at or before an unpacked position. */
  #indexOf(position: number): number {
    const { unpacked, count } = this.#index
    let low = 0
    let high = count
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (unpacked[middle]! <= position) low = middle
      else high = middle
    }
    return low
  }
}

/** Where blocks begin, in the file and in what it unpacks to; the first at 0 and 0. */
interface BlockIndex {
  readonly count: number
  readonly packed: Float64Array // [count]
  readonly unpacked: Float64Array // [count]
}

function readBlockIndex(path: string, file: HeldFile): BlockIndex {
  const index = new HeldFile(path)
  try {
    const bytes = index.size < 8 ? Buffer.alloc(8) : index.read(0, index.size)
    const entries = (index.size - 8) / entryBytes
    if (index.size < 8 || bytes.readBigUInt64LE(0) !== BigInt(Math.floor(entries)) || entries % 1 !== 0) {
      throw unfit(path, file.path, 'its length is not that of the entries it announces')
    }
    const count = entries + 1
    const packed = new Float64Array(count)
    const unpacked = new Float64Array(count)
    for (let i = 1; i < count; i++) {
      packed[i] = Number(bytes.readBigUInt64LE(8 + (i - 1) * entryBytes))
      unpacked[i] = Number(bytes.readBigUInt64LE(16 + (i - 1) * entryBytes))
      const step = packed[i]! - packed[i - 1]!
      const growth = unpacked[i]! - unpacked[i - 1]!
      if (!(step > 0 && step <= largestBgzfBlock && growth >= 0 && growth <= largestBgzfBlock)) {
        throw unfit(path, file.path, `its entry ${i} is out of order`)
      }
      if (packed[i]! >= file.size) throw unfit(path, file.path, `its entry ${i} lies behind the file's end`)
    }
    return { count, packed, unpacked }
  } finally {
    index.close()
  }
}

function unfit(index: string, file: string, reason: string): DataError {
  return new DataError(
    `does not fit ${file}: ${reason}; one of them is damaged, truncated or newer; make the index again with: samtools faidx ${file}`,
    { file: index },
  )
}
