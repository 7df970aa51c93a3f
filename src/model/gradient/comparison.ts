/** Rows of a batch held against others of it, strand by strand: how DeepLIFT's rules read what layers give. */
import type { GraphWriter } from './graphWriter.ts'

/** What a row is held against: the first one, or the one before it (and the first one against itself). */
type Other = 'first' | 'previous'

/** Rows of a strand lie together: [strands × rows, …]. */
export class Comparison {
  readonly strands: 1 | 2
  readonly #g: GraphWriter
  readonly #other: Other

  constructor(g: GraphWriter, strands: 1 | 2, other: Other) {
    this.#g = g
    this.strands = strands
    this.#other = other
  }

  ofOneStrand(): Comparison {
    return new Comparison(this.#g, 1, this.#other)
  }

  /**
   * @param x [strands × rows, dims]
   * @returns of the same rows, with a strand an axis of its own where there are two, so that `other` goes with each
   */
  apart(x: string, dims: readonly number[]): string {
    return this.strands === 1 ? x : this.#g.reshape(x, [2, -1, ...dims])
  }

  /** The transpose of `apart`. */
  together(x: string, dims: readonly number[]): string {
    return this.strands === 1 ? x : this.#g.reshape(x, [-1, ...dims])
  }

  /** @returns what the rows that are apart are held against: as many, or one for all */
  other(apart: string): string {
    const axis = this.strands - 1
    const first = this.#g.slice(apart, axis, 0, 1)
    return this.#other === 'first' ? first : this.#g.concat([first, this.#g.slice(apart, axis, 0, -1)], axis)
  }

  /** @returns [strands × rows, dims]: what each row has more than its other */
  difference(x: string, dims: readonly number[]): string {
    const apart = this.apart(x, dims)
    return this.together(this.#g.op('Sub', [apart, this.other(apart)]), dims)
  }
}
