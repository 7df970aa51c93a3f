/**
 * The reads of a coordinate-sorted BAM file (SAM specification 4.2) from any place on. `@gmod/bam` decodes them; the blocks that
 * they lie in are verified, and their fields held to their bounds, before it does: it trusts both, and the index.
 */
import { BamRecord } from '@gmod/bam'
import { DataError } from '../../base/errors.ts'
import { bgzfEndMarker } from '../files/bgzf.ts'
import { BgzfBlocks } from '../files/bgzfBlocks.ts'
import { readBamIndex, unfitBamIndex, type BamIndex, type VirtualOffset } from './bamIndex.ts'
import { HeldFile } from '../files/heldFile.ts'

export interface Reference {
  readonly name: string
  /** Bases. */
  readonly length: number
}

/** A header of more is none. */
const largestHeader = 2 ** 28
/** As htslib has it; a read of more bases fits no sequencer. */
const largestRead = 2 ** 28
/** Bytes of a read's record before its name. */
const fixedBytes = 32

export class BamFile {
  readonly path: string
  readonly references: readonly Reference[]
  readonly #file: HeldFile
  readonly #blocks: BgzfBlocks
  readonly #index: BamIndex

  private constructor(file: HeldFile, indexPath: string) {
    this.path = file.path
    this.#file = file
    this.#blocks = new BgzfBlocks(file)
    this.references = this.#header()
    this.#index = readBamIndex(indexPath, file)
    if (this.#index.references > this.references.length) {
      throw unfitBamIndex(
        indexPath,
        this.path,
        `it has ${this.#index.references} chromosomes, the file ${this.references.length}`,
      )
    }
  }

  /**
   * Close it after use.
   * @param indexPath .bai or .csi, told apart by content
   * @throws DataError where one of them is damaged
   */
  static open(path: string, indexPath: string): BamFile {
    const file = new HeldFile(path)
    try {
      return new BamFile(file, indexPath)
    } catch (error) {
      file.close()
      throw error
    }
  }

  close(): void {
    this.#file.close()
  }

  /**
   * Calls `visit` with every read of a chromosome that begins before `end`, in their order, from one that lies before those
   * that overlap `start` on.
   * @throws DataError where the file is damaged or not sorted, or does not fit its index
   */
  visit(reference: number, start: number, end: number, visit: (read: BamRecord) => void): void {
    const from = this.#index.startFor(reference, start)
    if (from === undefined) return
    const bytes = new BlockBytes(this.#blocks, from)
    if (!bytes.isInside) throw this.#unfit('it points behind the end of a block')
    let first = true
    let last = -1
    while (!bytes.atEnd) {
      const size = bytes.take(4).readInt32LE()
      if (size < fixedBytes || size > largestRead) {
        throw first
          ? this.#unfit('it points to where no read begins')
          : this.#damaged(`a read of ${size} bytes`)
      }
      const read = parseRead(bytes.take(size), this.references.length)
      if (typeof read === 'string') {
        throw first ? this.#unfit('it points to where no read begins') : this.#damaged(read)
      }
      const { ref_id, start: position } = read
      if (first && ref_id !== reference && ref_id !== -1 && ref_id < reference) {
        throw this.#unfit('it points to the reads of another chromosome')
      }
      first = false
      if (ref_id !== reference || position >= end) return
      if (position < last) {
        throw new DataError(
          `its reads are not sorted; sort them with: samtools sort ${this.path} -o sorted.bam, and index that`,
          { file: this.path },
        )
      }
      last = position
      visit(read)
    }
  }

  #header(): Reference[] {
    const bytes = new BlockBytes(this.#blocks, { block: 0, within: 0 })
    if (bytes.take(4).toString('latin1') !== 'BAM\x01') throw this.#damaged('it does not begin as BAM does')
    const textLength = bytes.take(4).readInt32LE()
    if (textLength < 0 || textLength > largestHeader) throw this.#damaged(`a header of ${textLength} bytes`)
    bytes.take(textLength)
    const count = bytes.take(4).readInt32LE()
    if (count < 0) throw this.#damaged(`${count} chromosomes`)
    const references: Reference[] = []
    for (let i = 0; i < count; i++) {
      const nameLength = bytes.take(4).readInt32LE()
      if (nameLength < 1 || nameLength > largestHeader) throw this.#damaged(`a name of ${nameLength} bytes`)
      const name = bytes.take(nameLength).toString('utf8', 0, nameLength - 1)
      references.push({ name, length: bytes.take(4).readInt32LE() })
    }
    return references
  }

  #damaged(what: string): DataError {
    return new DataError(
      `is damaged: it has ${what}; check it with: samtools quickcheck ${this.path}, and copy or download it again`,
      { file: this.path },
    )
  }

  #unfit(reason: string): DataError {
    return unfitBamIndex(this.#index.path, this.path, reason)
  }
}

/** @returns the read, or what is wrong with it */
function parseRead(record: Buffer, references: number): BamRecord | string {
  const reference = record.readInt32LE(0)
  const start = record.readInt32LE(4)
  const nameLength = record[8]!
  const operations = record.readUInt16LE(12)
  const bases = record.readInt32LE(16)
  if (reference < -1 || reference >= references) return `a read on chromosome ${reference}`
  if (start < -1) return `a read at ${start}`
  const needed = fixedBytes + nameLength + 4 * operations + ((bases + 1) >> 1) + bases
  if (nameLength < 1 || bases < 0 || needed > record.length) return 'a read that is longer than its record'
  if (record[fixedBytes + nameLength - 1] !== 0) return 'a read whose name does not end'
  // With the length before it, as the class wants it; a copy, since a list of operations must lie at a multiple of four.
  const byteArray = new Uint8Array(4 + record.length)
  byteArray.set(record, 4)
  new DataView(byteArray.buffer).setInt32(0, record.length, true)
  return new BamRecord({ bytes: { byteArray, start: 0, end: byteArray.length }, fileOffset: 0 })
}

/** What blocks unpack to, one after the other. */
class BlockBytes {
  readonly #blocks: BgzfBlocks
  #data: Buffer
  #next: number
  #at: number

  constructor(blocks: BgzfBlocks, { block, within }: VirtualOffset) {
    this.#blocks = blocks
    const { data, next } = blocks.block(block)
    this.#data = data
    this.#next = next
    this.#at = within
  }

  get isInside(): boolean {
    return this.#at <= this.#data.length
  }

  /** Whether nothing follows but the block that ends the file. */
  get atEnd(): boolean {
    while (this.#at === this.#data.length && this.#next < this.#end) this.#advance()
    return this.#at === this.#data.length
  }

  /** @throws DataError where the file ends earlier */
  take(length: number): Buffer {
    const from = this.#at
    if (from + length <= this.#data.length) {
      this.#at += length
      return this.#data.subarray(from, this.#at)
    }
    const pieces: Buffer[] = []
    for (let left = length; left > 0;) {
      const piece = this.#data.subarray(this.#at, this.#at + left)
      pieces.push(piece)
      left -= piece.length
      this.#at += piece.length
      if (left === 0) break
      if (this.#next >= this.#end) {
        throw new DataError('is damaged: it ends within a record; copy or download it again', {
          file: this.#blocks.file.path,
        })
      }
      this.#advance()
    }
    return Buffer.concat(pieces)
  }

  get #end(): number {
    return this.#blocks.file.size - bgzfEndMarker.length
  }

  #advance(): void {
    const { data, next } = this.#blocks.block(this.#next)
    this.#data = data
    this.#next = next
    this.#at = 0
  }
}
