/** The blocks of a BGZF file, read at any place; each is held against its own CRC-32 and length before anybody sees it. */
import { crc32, inflateRawSync } from 'node:zlib'
import { DataError, oneLine } from '../../base/errors.ts'
import { bgzfFooterLength, bgzfHeaderLength, isBgzf, largestBgzfBlock } from './bgzf.ts'
import type { HeldFile } from './heldFile.ts'

export interface BgzfBlock {
  /** Unpacked. */
  readonly data: Buffer
  /** Where the block after it begins in the file. */
  readonly next: number
}

/** Blocks kept unpacked: neighbouring pieces of a genome, and tiles of reads, share their ends. */
const keptBlocks = 16
const readAheadBytes = largestBgzfBlock + bgzfHeaderLength

export class BgzfBlocks {
  readonly file: HeldFile
  readonly #kept = new Map<number, BgzfBlock>()
  #ahead: { readonly at: number; readonly bytes: Buffer } = { at: 0, bytes: Buffer.alloc(0) }

  constructor(file: HeldFile) {
    this.file = file
  }

  /**
   * @param at where a block begins in the file; its end is no block
   * @throws DataError where no block begins there, or it is damaged
   */
  block(at: number): BgzfBlock {
    const kept = this.#kept.get(at)
    if (kept !== undefined) return kept
    const block = this.#read(at)
    if (this.#kept.size >= keptBlocks) this.#kept.delete(this.#kept.keys().next().value!)
    this.#kept.set(at, block)
    return block
  }

  /** @returns whether a block begins there, damaged or not */
  isBlock(at: number): boolean {
    return isBlockHeader(this.#bytes(at, bgzfHeaderLength))
  }

  #read(at: number): BgzfBlock {
    const head = this.#bytes(at, bgzfHeaderLength)
    if (!isBlockHeader(head)) throw this.#damaged(at, 'no BGZF block begins there')
    const size = head.readUInt16LE(16) + 1
    const packed = this.#bytes(at, size)
    if (size < bgzfHeaderLength + bgzfFooterLength)
      throw this.#damaged(at, 'its block is too short to be one')
    if (packed.length < size) throw this.#damaged(at, 'the file ends within it')
    const checksum = packed.readUInt32LE(size - 8)
    const length = packed.readUInt32LE(size - 4)
    let data: Buffer
    try {
      data = inflateRawSync(packed.subarray(bgzfHeaderLength, size - bgzfFooterLength), {
        chunkSize: largestBgzfBlock,
        maxOutputLength: largestBgzfBlock,
      })
    } catch (error) {
      throw this.#damaged(at, oneLine(error), error)
    }
    if (data.length !== length) throw this.#damaged(at, `it holds ${data.length} bytes, not ${length}`)
    if (crc32(data) !== checksum) throw this.#damaged(at, 'its checksum (CRC-32) is wrong')
    return { data, next: at + size }
  }

  #bytes(at: number, length: number): Buffer {
    const from = at - this.#ahead.at
    if (from < 0 || from + length > this.#ahead.bytes.length) {
      this.#ahead = { at, bytes: this.file.read(at, readAheadBytes) }
      return this.#ahead.bytes.subarray(0, length)
    }
    return this.#ahead.bytes.subarray(from, from + length)
  }

  #damaged(at: number, reason: string, cause?: unknown): DataError {
    return new DataError(
      `is damaged at byte ${at}: ${reason}; copy or download it again`,
      { file: this.file.path },
      { cause },
    )
  }
}

function isBlockHeader(head: Buffer): boolean {
  return isBgzf(head) && head[2] === 8 && head.readUInt16LE(10) === 6 && head.readUInt16LE(14) === 2
}
