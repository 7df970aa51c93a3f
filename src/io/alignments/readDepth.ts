/** How many reads of a BAM file cover each base, by strand: the depth that `samtools depth` counts. */
import { setImmediate } from 'node:timers/promises'
import { DataError } from '../../base/errors.ts'
import { BamFile } from './bamFile.ts'
import { bgzfHeaderLength, isBgzf } from '../files/bgzf.ts'
import { endsWithBgzfMarker, fileExists, readHead } from '../files/fileHead.ts'
import { binaryKind, looksLike } from '../files/fileKind.ts'

export interface ReadDepthOptions {
  /** Reads mapped with a lower quality are left out; default 0. */
  readonly minMappingQuality?: number | undefined
}

/** Depth of `tileLength` bases, the first at `start` (0-based). */
export interface DepthTile {
  readonly start: number
  /** Of reads from the forward strand; the second read of a pair counts for the strand of its fragment. */
  readonly forward: Int32Array // [tileLength]
  readonly reverse: Int32Array // [tileLength]
}

/** Depth summed over an interval. */
export interface DepthSum {
  readonly forward: number
  readonly reverse: number
}

/** Bases in a tile: some thousand reads in a deep ChIP-seq file, so that a tile's records stay small in memory. */
export const tileLength = 1 << 18
const cachedTiles = 16

// Flags and CIGAR operations of the SAM specification, 1.4.
const secondRead = 0x80
const leftOut = 0x4 | 0x100 | 0x200 | 0x400 | 0x800 // unmapped, secondary, failed quality control, duplicate, supplementary
const matchOperations = 0b1_1000_0001 // M = X: bases aligned to the reference
const referenceOperations = 0b1_1000_1101 // M D N = X: bases of the reference passed

export class ReadDepth {
  readonly path: string
  /** Length in bases by name, as the BAM header has them. */
  readonly chromosomes: ReadonlyMap<string, number>
  readonly #bam: BamFile
  readonly #references: ReadonlyMap<string, number>
  readonly #minMappingQuality: number
  readonly #tiles = new Map<string, DepthTile | undefined>()

  private constructor(bam: BamFile, minMappingQuality: number) {
    this.path = bam.path
    this.#bam = bam
    this.chromosomes = new Map(bam.references.map(({ name, length }) => [name, length]))
    this.#references = new Map(bam.references.map(({ name }, i) => [name, i]))
    this.#minMappingQuality = minMappingQuality
  }

  /** Throws DataError where the file or its index (.bai or .csi) is missing, truncated or of another kind. */
  static async open(path: string, options: ReadDepthOptions = {}): Promise<ReadDepth> {
    const head = await readHead(path, bgzfHeaderLength)
    if (head.length === 0) throw new DataError('the file is empty', { file: path })
    if (!isBgzf(head)) {
      const kind = binaryKind(head)
      const what =
        kind === undefined
          ? looksLike(Buffer.from(head).toString('latin1'))
          : `: it is ${kind.name}; ${kind.remedy}`
      throw new DataError(`is not a BAM file${what}`, { file: path })
    }
    if (!(await endsWithBgzfMarker(path))) {
      throw new DataError(
        'the BAM end-of-file marker is missing: the file is truncated; copy or download it again',
        {
          file: path,
        },
      )
    }
    return new ReadDepth(BamFile.open(path, await findIndex(path)), options.minMappingQuality ?? 0)
  }

  /** Nothing can be read any more. */
  close(): void {
    this.#bam.close()
  }

  /** The tile that holds base `index * tileLength`; undefined where no read covers any of it. */
  async tile(chrom: string, index: number): Promise<DepthTile | undefined> {
    const key = `${chrom}:${index}`
    const held = this.#tiles.get(key)
    if (held !== undefined || this.#tiles.has(key)) return held
    const tile = await this.#countTile(chrom, index * tileLength)
    if (this.#tiles.size >= cachedTiles) this.#tiles.delete(this.#tiles.keys().next().value!)
    this.#tiles.set(key, tile)
    return tile
  }

  /** @param start 0-based @param end half-open */
  async sum(chrom: string, start: number, end: number): Promise<DepthSum> {
    let forward = 0
    let reverse = 0
    for (let index = Math.floor(start / tileLength); index * tileLength < end; index++) {
      const tile = await this.tile(chrom, index)
      if (tile === undefined) continue
      const to = Math.min(end - tile.start, tileLength)
      for (let i = Math.max(start - tile.start, 0); i < to; i++) {
        forward += tile.forward[i]!
        reverse += tile.reverse[i]!
      }
    }
    return { forward, reverse }
  }

  async #countTile(chrom: string, start: number): Promise<DepthTile | undefined> {
    const length = this.chromosomes.get(chrom) ?? 0
    if (start >= length) return undefined
    // Reads come without waiting; signals are heard in between.
    await setImmediate()
    let tile: DepthTile | undefined
    this.#bam.visit(this.#references.get(chrom)!, start, Math.min(start + tileLength, length), (read) => {
      if ((read.flags & leftOut) !== 0 || (read.mq ?? 255) < this.#minMappingQuality) return
      // One of no operations covers nothing, and the library would look for the first.
      if (read.num_cigar_ops === 0 || read.end <= start) return
      tile ??= { start, forward: new Int32Array(tileLength), reverse: new Int32Array(tileLength) }
      const reversed = read.isReverseComplemented() !== (read.flags & secondRead) > 0
      addSteps(read.NUMERIC_CIGAR, read.start - start, reversed ? tile.reverse : tile.forward)
    })
    if (tile !== undefined) {
      accumulate(tile.forward)
      accumulate(tile.reverse)
    }
    return tile
  }
}

/** Adds 1 where an aligned block of the read begins and takes it away where it ends; the running sum is the depth. */
function addSteps(cigar: ArrayLike<number>, readStart: number, steps: Int32Array): void {
  let at = readStart
  for (let i = 0; i < cigar.length; i++) {
    const operation = 1 << (cigar[i]! & 15)
    if ((operation & referenceOperations) === 0) continue
    const end = at + (cigar[i]! >>> 4)
    if ((operation & matchOperations) !== 0 && end > 0 && at < steps.length) {
      steps[Math.max(at, 0)]! += 1
      if (end < steps.length) steps[end]! -= 1
    }
    at = end
  }
}

function accumulate(steps: Int32Array): void {
  for (let i = 1; i < steps.length; i++) steps[i]! += steps[i - 1]!
}

async function findIndex(path: string): Promise<string> {
  const stem = path.replace(/\.bam$/i, '')
  for (const candidate of [`${path}.bai`, `${path}.csi`, `${stem}.bai`, `${stem}.csi`]) {
    if (await fileExists(candidate)) return candidate
  }
  throw new DataError(`has no index ${path}.bai or .csi; make it with: samtools index ${path}`, {
    file: path,
  })
}
