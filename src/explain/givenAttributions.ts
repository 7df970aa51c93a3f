/** Attributions made elsewhere, as arrays, read as a method of ours would tell them. */
import { DataError } from '../base/errors.ts'
import type { Tensor } from '../io/hdf5/hdf5.ts'
import { baseCount } from '../sequence/alphabet.ts'
import type { Attribution, ExplainedSequence } from './method.ts'

/** Reads rows of an array of attributions. */
export interface GivenAttributions {
  /** Rows of the array. */
  readonly rows: number
  /** @throws DataError where a number is none */
  attribution(row: number, sequence: ExplainedSequence): Attribution
}

/**
 * @param tensor [n, L]: of the base that is there; [n, L, 4] or [n, 4, L]: of each base in each place (hypothetical), or 0
 * but for the base that is there
 * @param length L
 * @param file named in errors
 * @throws DataError where it has another shape
 */
export function readGiven({ shape, values }: Tensor, length: number, file: string): GivenAttributions {
  const told = `[${shape.join(', ')}]`
  const [rows = 0, first, second] = shape
  const isFlat = shape.length === 2 && first === length
  const byPosition = shape.length === 3 && first === length && second === baseCount
  const byBase = shape.length === 3 && first === baseCount && second === length
  if (!isFlat && !byPosition && !byBase) {
    throw new DataError(
      `holds ${told}; sequences of ${length} bases need [n, ${length}], [n, ${length}, 4] or [n, 4, ${length}]`,
      { file },
    )
  }
  if (byPosition && byBase) {
    throw new DataError(
      `holds ${told}, which could be [n, L, 4] or [n, 4, L]; give [n, L], of the bases that are there`,
      { file },
    )
  }
  const size = isFlat ? length : length * baseCount
  const isHypothetical = !isFlat
  return {
    rows,
    attribution(row, { name, codes }) {
      const own = values.subarray(row * size, (row + 1) * size)
      if (!own.every(Number.isFinite)) {
        throw new DataError(`row ${row + 1} holds a number that is not finite`, { file, sequence: name })
      }
      if (!isHypothetical) return { importance: own.slice() }
      const contributions = new Float32Array(size)
      const importance = new Float32Array(length)
      let others = false
      for (const [at, code] of codes.entries()) {
        for (let base = 0; base < baseCount; base++) {
          const value = own[byPosition ? at * baseCount + base : base * length + at]!
          contributions[at * baseCount + base] = value
          if (base === code) importance[at] = value
          else if (value !== 0) others = true
        }
      }
      // Projected on the sequence: of other bases it says nothing.
      return others ? { importance, contributions } : { importance }
    },
  }
}
