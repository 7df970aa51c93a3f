/**
 * The index of a BAM file (.bai, .csi; SAM specification 5.2, CSI specification): from where the file is to be read for the
 * reads that overlap a place. The formats have no checksum, so that every number is held against the others and against the
 * file; and only the linear index is used, and read one window early, so that no single wrong number loses a read.
 */
import { DataError } from '../../base/errors.ts'
import { isBgzf } from '../files/bgzf.ts'
import { BgzfBlocks } from '../files/bgzfBlocks.ts'
import { HeldFile } from '../files/heldFile.ts'

/** A place in a BGZF file: where a block begins, and how far into what it unpacks to. */
export interface VirtualOffset {
  readonly block: number
  readonly within: number
}

export interface BamIndex {
  readonly path: string
  /** Number of reference sequences. */
  readonly references: number
  /** @returns from where to read for reads that overlap `start` (0-based) or what follows; undefined where there are none */
  startFor(reference: number, start: number): VirtualOffset | undefined
}

/** Where the first read lies that overlaps a window or what follows it; the windows in order. */
interface LinearIndex {
  readonly windows: Float64Array // [n], first base of each
  readonly blocks: Float64Array // [n]
  readonly withins: Uint16Array // [n]
}

/** Where the reads of a bin begin, and in CSI those of its first window and all that follow. */
interface BinStart {
  readonly first: number
  readonly chunk: VirtualOffset
  readonly loffset: VirtualOffset
}

const nowhere: VirtualOffset = { block: 0, within: 0 }

/** A CSI file of more is not one of a genome. */
const largestIndex = 2 ** 30
const baiShift = 14
const baiDepth = 5

/**
 * @param bam the file that is indexed
 * @throws DataError where the index is damaged or that of another file
 */
export function readBamIndex(path: string, bam: HeldFile): BamIndex {
  const file = new HeldFile(path)
  try {
    const reader = new IndexReader(unpack(file), path, bam)
    return { path, ...reader.read() }
  } finally {
    file.close()
  }
}

function unpack(file: HeldFile): Buffer {
  if (!isBgzf(file.read(0, 18))) return file.read(0, Math.min(file.size, largestIndex))
  const blocks = new BgzfBlocks(file)
  const pieces: Buffer[] = []
  let total = 0
  for (let at = 0; at < file.size;) {
    const { data, next } = blocks.block(at)
    pieces.push(data)
    total += data.length
    if (total > largestIndex)
      throw new DataError(`unpacks to more than ${largestIndex} bytes; that is no index`, { file: file.path })
    at = next
  }
  return Buffer.concat(pieces)
}

class IndexReader {
  readonly #bytes: Buffer
  readonly #path: string
  readonly #bam: HeldFile
  #at = 0

  constructor(bytes: Buffer, path: string, bam: HeldFile) {
    this.#bytes = bytes
    this.#path = path
    this.#bam = bam
  }

  read(): Omit<BamIndex, 'path'> {
    const magic = this.#take(4).toString('latin1')
    if (magic !== 'BAI\x01' && magic !== 'CSI\x01') throw this.#unfit('it is neither a BAI nor a CSI index')
    const isBai = magic === 'BAI\x01'
    const shift = isBai ? baiShift : this.#integer('the size of its bins', 30)
    const depth = isBai ? baiDepth : this.#integer('the depth of its bins', 10)
    if (!isBai) this.#take(this.#integer('the length of its further data'))
    const references = this.#count(isBai ? 8 : 4, 'its number of chromosomes')
    const binning = new Binning(shift, depth)
    const linear: LinearIndex[] = []
    for (let i = 0; i < references; i++) linear.push(this.#reference(binning, isBai))
    const rest = this.#bytes.length - this.#at
    // The number of reads without a place; the first versions did not write it.
    if (rest !== 0 && rest !== 8) throw this.#unfit(`${rest} bytes follow its end`)
    return {
      references,
      startFor: (reference, start) => startIn(linear[reference], start - binning.windowBases),
    }
  }

  #reference(binning: Binning, isBai: boolean): LinearIndex {
    const bins = this.#count(isBai ? 8 : 16, 'a number of bins')
    const seen = new Set<number>()
    const starts: BinStart[] = []
    let unmapped: number | undefined
    for (let i = 0; i < bins; i++) {
      const bin = this.#take(4).readUInt32LE(0)
      if (seen.has(bin)) throw this.#unfit(`it has the bin ${bin} twice`)
      seen.add(bin)
      const loffset = isBai ? nowhere : this.#offset()
      const chunks = this.#count(16, 'a number of chunks')
      if (bin === binning.count + 1) {
        // Not a bin: where the reads of the chromosome lie, and how many of them are mapped and unmapped.
        if (chunks !== 2) throw this.#unfit('its counts of reads are not there')
        unmapped = Number(this.#take(32).readBigUInt64LE(24))
        continue
      }
      if (bin >= binning.count) throw this.#unfit(`it has the bin ${bin}, which there is not`)
      let chunk: VirtualOffset | undefined
      for (let k = 0; k < chunks; k++) {
        const begin = this.#offset()
        const end = this.#offset()
        if (isBefore(end, begin)) throw this.#unfit('a chunk ends before it begins')
        if (end.block > this.#bam.size) throw this.#unfit('it reaches beyond the end of the file')
        if (chunk === undefined || isBefore(begin, chunk)) chunk = begin
      }
      if (chunk !== undefined) starts.push({ first: binning.firstBase(bin), chunk, loffset })
    }
    starts.sort((a, b) => a.first - b.first)
    const linear = isBai ? this.#linear() : linearOf(starts.map(({ first, loffset }) => [first, loffset]))
    this.#check(linear, starts, unmapped)
    return linear
  }

  /** The linear index is in order, in the file, and not behind a read. Unmapped reads have bins only. */
  #check(linear: LinearIndex, starts: readonly BinStart[], unmapped: number | undefined): void {
    const count = linear.windows.length
    for (let i = 1; i < count; i++) {
      if (isBefore(at(linear, i), at(linear, i - 1))) throw this.#unfit('its linear index is out of order')
    }
    if (count > 0 && at(linear, count - 1).block >= this.#bam.size)
      throw this.#unfit('it reaches beyond the end of the file')
    if (unmapped !== 0) return
    for (const { first, chunk } of starts) {
      const begin = startIn(linear, first)
      if (begin === undefined || isBefore(chunk, begin)) {
        throw this.#unfit('its bins and its linear index contradict each other')
      }
    }
  }

  #linear(): LinearIndex {
    const count = this.#count(8, 'a number of windows')
    const entries: (readonly [number, VirtualOffset])[] = []
    for (let i = 0; i < count; i++) entries.push([i * 2 ** baiShift, this.#offset()])
    return linearOf(entries)
  }

  #integer(what: string, most = Infinity): number {
    const value = this.#take(4).readInt32LE(0)
    if (value < 0 || value > most) throw this.#unfit(`${what} is ${value}`)
    return value
  }

  /** @param bytes that each of the counted takes at least */
  #count(bytes: number, what: string): number {
    return this.#integer(what, (this.#bytes.length - this.#at - 4) / bytes)
  }

  #offset(): VirtualOffset {
    const bytes = this.#take(8)
    return { within: bytes.readUInt16LE(0), block: bytes.readUIntLE(2, 6) }
  }

  #take(length: number): Buffer {
    const from = this.#at
    this.#at += length
    if (this.#at > this.#bytes.length) throw this.#unfit('it ends early')
    return this.#bytes.subarray(from, this.#at)
  }

  #unfit(reason: string): DataError {
    return unfitBamIndex(this.#path, this.#bam.path, reason)
  }
}

/** The bins of the specification: each level has eight times as many, an eighth as long; counted from the whole down. */
class Binning {
  readonly windowBases: number
  /** The number of the last bin. */
  readonly count: number
  readonly #shift: number
  readonly #depth: number

  constructor(shift: number, depth: number) {
    this.#shift = shift
    this.#depth = depth
    this.windowBases = 2 ** shift
    this.count = (8 ** (depth + 1) - 1) / 7
  }

  firstBase(bin: number): number {
    let level = 0
    let firstOfLevel = 0
    while (bin >= firstOfLevel + 8 ** level) firstOfLevel += 8 ** level++
    return (bin - firstOfLevel) * 2 ** (this.#shift + 3 * (this.#depth - level))
  }
}

/** Windows without an offset, as some writers leave them, have that of the window before. */
function linearOf(entries: readonly (readonly [number, VirtualOffset])[]): LinearIndex {
  const known = entries.filter(([, { block, within }]) => block + within > 0)
  return {
    windows: Float64Array.from(known, ([first]) => first),
    blocks: Float64Array.from(known, ([, { block }]) => block),
    withins: Uint16Array.from(known, ([, { within }]) => within),
  }
}

/** The offset of the last window that begins at `start` or before, or else of the first. */
function startIn(linear: LinearIndex | undefined, start: number): VirtualOffset | undefined {
  if (linear === undefined || linear.windows.length === 0) return undefined
  let low = 0
  let high = linear.windows.length
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (linear.windows[middle]! <= start) low = middle
    else high = middle
  }
  return at(linear, low)
}

function at({ blocks, withins }: LinearIndex, i: number): VirtualOffset {
  return { block: blocks[i]!, within: withins[i]! }
}

function isBefore(a: VirtualOffset, b: VirtualOffset): boolean {
  return a.block === b.block ? a.within < b.within : a.block < b.block
}

export function unfitBamIndex(index: string, bam: string, reason: string): DataError {
  return new DataError(
    `does not fit ${bam}: ${reason}; one of them is damaged, truncated or newer; make the index again with: samtools index ${bam}`,
    { file: index },
  )
}
