/** Rows of a batch held against others of it, strand by strand: how DeepLIFT's rules read what layers give. */
import type { GraphWriter } from './graphWriter.ts'

/**
 * What a row is held against: the reference, which is the first row; the sequence, which is; or the row before it (the first
 * against itself).
 */
type Other = 'reference' | 'sequence' | 'previous'

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

  /** Whether gradients, where there are no differences, are those of a row's other. */
  get explainsOther(): boolean {
    return this.#other === 'sequence'
  }

  /** Whether rows are points of a way, between which all moves evenly. */
  get isWay(): boolean {
    return this.#other === 'previous'
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
    return this.#other === 'previous'
      ? this.#g.concat([first, this.#g.slice(apart, axis, 0, -1)], axis)
      : first
  }

  /** @returns [strands × rows, dims]: what each row has more than its other */
  difference(x: string, dims: readonly number[]): string {
    const apart = this.apart(x, dims)
    return this.together(this.#g.op('Sub', [apart, this.other(apart)]), dims)
  }
}
