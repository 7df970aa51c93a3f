/** Rows of a batch held against its first one, strand by strand: how DeepLIFT's rules read what layers give. */
import type { GraphWriter } from './graphWriter.ts'

/** Rows of a strand lie together: [strands × rows, …]. */
export class Comparison {
  readonly strands: 1 | 2
  readonly #g: GraphWriter

  constructor(g: GraphWriter, strands: 1 | 2) {
    this.#g = g
    this.strands = strands
  }

  /**
   * @param x [strands × rows, dims]
   * @returns of the same rows, with a strand an axis of its own where there are two, so that `first` goes with each
   */
  apart(x: string, dims: readonly number[]): string {
    return this.strands === 1 ? x : this.#g.reshape(x, [2, -1, ...dims])
  }

  /** The transpose of `apart`. */
  together(x: string, dims: readonly number[]): string {
    return this.strands === 1 ? x : this.#g.reshape(x, [-1, ...dims])
  }

  /** @returns the first row of each strand of what is apart, as one row */
  first(apart: string): string {
    return this.#g.slice(apart, this.strands - 1, 0, 1)
  }

  /** @returns [strands × rows, dims]: what each row has more than the first */
  difference(x: string, dims: readonly number[]): string {
    const apart = this.apart(x, dims)
    return this.together(this.#g.op('Sub', [apart, this.first(apart)]), dims)
  }
}
