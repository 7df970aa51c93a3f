/**
 * Pairs of neighbours in compressed rows: each point's neighbours of smaller index, as a list or, where that takes less
 * room, as bits. n points never take more than n²/16 bytes, half of a matrix of bits.
 */

/** What DBSCAN asks of its data: every pair once. A point is its own neighbour, which is not said. */
export interface Neighbours {
  readonly count: number
  /** @returns ascending indexes of the neighbours that come before this point; valid until the next call */
  before(point: number): ArrayLike<number>
}

/** Words that are allocated at a time; a long row gets an allocation of its own. */
const chunkWords = 1 << 18

export class NeighbourRows implements Neighbours {
  readonly count: number
  #rows = 0
  readonly #chunks: Uint32Array[] = [new Uint32Array(chunkWords)]
  #used = 0 // words of the last chunk
  readonly #chunkOf: Uint32Array // [count]
  readonly #start: Uint32Array // [count], words within the chunk
  readonly #length: Uint32Array // [count], neighbours
  #unpacked = new Uint32Array(0)

  constructor(count: number) {
    this.count = count
    this.#chunkOf = new Uint32Array(count)
    this.#start = new Uint32Array(count)
    this.#length = new Uint32Array(count)
  }

  /** Adds the row of the next point: its neighbours before it, ascending. */
  push(neighbours: Uint32Array): void {
    const point = this.#rows++
    const words = wordsOf(point, neighbours.length)
    if (this.#used + words > this.#chunks.at(-1)!.length) {
      this.#chunks.push(new Uint32Array(Math.max(words, chunkWords)))
      this.#used = 0
    }
    const chunk = this.#chunks.at(-1)!
    this.#chunkOf[point] = this.#chunks.length - 1
    this.#start[point] = this.#used
    this.#length[point] = neighbours.length
    if (words === neighbours.length) chunk.set(neighbours, this.#used)
    else for (const j of neighbours) chunk[this.#used + (j >>> 5)]! |= 1 << (j & 31)
    this.#used += words
  }

  before(point: number): Uint32Array {
    const length = this.#length[point]!
    const chunk = this.#chunks[this.#chunkOf[point]!]!
    const start = this.#start[point]!
    const words = wordsOf(point, length)
    if (words === length) return chunk.subarray(start, start + length)
    if (this.#unpacked.length < length) this.#unpacked = new Uint32Array(this.count)
    let found = 0
    for (let word = 0; word < words; word++) {
      for (let bits = chunk[start + word]!; bits !== 0; bits = (bits & (bits - 1)) >>> 0) {
        this.#unpacked[found++] = word * 32 + 31 - Math.clz32(bits & -bits)
      }
    }
    return this.#unpacked.subarray(0, length)
  }
}

/** Words of a row: as many as neighbours where they are listed, fewer where each point before has a bit. */
function wordsOf(point: number, neighbours: number): number {
  return Math.min(neighbours, (point + 31) >>> 5)
}
