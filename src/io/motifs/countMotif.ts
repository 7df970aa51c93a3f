/** What the writers of count matrices are given. */
import type { Matrix } from '../../sequence/matrix.ts'

export interface CountMotif {
  /** Unique, without white space. */
  readonly id: string
  /** Of the factor that binds there, without white space; undefined where none is known. */
  readonly name?: string | undefined
  /** [width][4], whole numbers, columns A C G T; rows sum to the same. */
  readonly counts: Matrix
  /** IUPAC, a letter a row of `counts`. */
  readonly consensus: string
}

/** Numbers of one width, aligned to the right. */
export function alignedNumbers(numbers: readonly number[], width: number): string {
  return numbers.map((number) => String(number).padStart(width)).join(' ')
}

/** Digits of the largest number. */
export function widestCount(counts: Matrix): number {
  return counts.reduce((widest, row) => Math.max(widest, ...row.map((count) => String(count).length)), 1)
}
