/** Who lies within eps of whom, one bit a pair: 5,000 patterns take 3 MB however dense their clusters are. */
import type { EditDistances } from './editDistance.ts'

/** What DBSCAN asks of its data; a point is its own neighbour. */
export interface Neighbours {
  readonly count: number
  /** @returns ascending indexes of the points within eps of this one, itself included */
  of(point: number): ArrayLike<number>
}

export class NeighbourBits implements Neighbours {
  readonly count: number
  readonly #wordsPerRow: number
  readonly #bits: Uint32Array // [count, wordsPerRow]

  constructor(count: number) {
    this.count = count
    this.#wordsPerRow = Math.ceil(count / 32)
    this.#bits = new Uint32Array(count * this.#wordsPerRow)
    for (let i = 0; i < count; i++) this.#set(i, i)
  }

  join(a: number, b: number): void {
    this.#set(a, b)
    this.#set(b, a)
  }

  of(point: number): number[] {
    const found: number[] = []
    const row = point * this.#wordsPerRow
    for (let word = 0; word < this.#wordsPerRow; word++) {
      for (let bits = this.#bits[row + word]!; bits !== 0; bits = (bits & (bits - 1)) >>> 0) {
        found.push(word * 32 + 31 - Math.clz32(bits & -bits))
      }
    }
    return found
  }

  #set(row: number, column: number): void {
    this.#bits[row * this.#wordsPerRow + (column >>> 5)]! |= 1 << (column & 31)
  }
}

/** @param eps largest edit distance between neighbours */
export function neighboursWithin(distances: EditDistances, eps: number): NeighbourBits {
  const neighbours = new NeighbourBits(distances.count)
  const limit = Math.floor(eps)
  for (let a = 0; a < distances.count; a++) {
    for (let b = a + 1; b < distances.count; b++)
      if (distances.upTo(a, b, limit) <= limit) neighbours.join(a, b)
  }
  return neighbours
}
