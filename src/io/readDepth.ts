/** How many reads of a BAM file cover each base, by strand: the depth that `samtools depth` counts. */
import { BamFile } from '@gmod/bam'
import { LocalFile } from 'generic-filehandle2'
import { DataError } from '../base/errors.ts'
import { bgzfHeaderLength, isBgzf } from './bgzf.ts'
import { endsWithBgzfMarker, fileExists, readHead } from './fileHead.ts'
import { binaryKind, looksLike } from './fileKind.ts'

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
/** The library keeps the decoded records of a hundred pieces of up to five megabytes; that many would be gigabytes. */
const cachedRecordPieces = 4

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
  readonly #minMappingQuality: number
  readonly #tiles = new Map<string, DepthTile | undefined>()

  private constructor(
    path: string,
    bam: BamFile,
    chromosomes: ReadonlyMap<string, number>,
    minMappingQuality: number,
  ) {
    this.path = path
    this.#bam = bam
    this.chromosomes = chromosomes
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
    const index = await findIndex(path)
    const indexFile = new LocalFile(index)
    const bam = new BamFile({
      bamFilehandle: new LocalFile(path),
      ...(index.endsWith('.csi') ? { csiFilehandle: indexFile } : { baiFilehandle: indexFile }),
    })
    try {
      await bam.getHeader()
    } catch (error) {
      throw new DataError(
        `its header or its index ${index} cannot be read; make the index again with: samtools index ${path}`,
        { file: path },
        { cause: error },
      )
    }
    const chromosomes = new Map(bam.indexToChr?.map(({ refName, length }) => [refName, length]))
    return new ReadDepth(path, bam, chromosomes, options.minMappingQuality ?? 0)
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
    // A CSI index refuses what lies beyond its bins, which reach only just over the longest chromosome.
    const records = await this.#records(chrom, start, Math.min(start + tileLength, length))
    let tile: DepthTile | undefined
    for (const record of records) {
      if ((record.flags & leftOut) !== 0 || (record.mq ?? 255) < this.#minMappingQuality) continue
      tile ??= { start, forward: new Int32Array(tileLength), reverse: new Int32Array(tileLength) }
      const reversed = record.isReverseComplemented() !== (record.flags & secondRead) > 0
      addSteps(record.NUMERIC_CIGAR, record.start - start, reversed ? tile.reverse : tile.forward)
    }
    if (tile !== undefined) {
      accumulate(tile.forward)
      accumulate(tile.reverse)
    }
    return tile
  }

  async #records(chrom: string, start: number, end: number) {
    try {
      const records = await this.#bam.getRecordsForRange(chrom, start, end)
      if (this.#bam.chunkFeatureCache.size > cachedRecordPieces) this.#bam.clearFeatureCache()
      return records
    } catch (error) {
      throw new DataError(
        `the reads at ${chrom}:${start + 1}-${end} cannot be read: the file is corrupt or does not fit its index; check it with: samtools quickcheck, and make the index again with: samtools index`,
        { file: this.path },
        { cause: error },
      )
    }
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
