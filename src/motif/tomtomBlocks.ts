/**
 * Columns of motifs in blocks of near ones, by which the kernel that compares motifs finds medians of distances: where a whole
 * block is nearer than a border, or farther, its columns need not be looked at.
 */
import { baseCount } from '../sequence/alphabet.ts'

/** Columns in a block, and blocks that the kernel takes at a time. */
const blockSize = 8
const lanes = 4
/** What fills up stands far from all probabilities. */
const far = 1000
/** More than rounding to float32 moves a column by. */
const rounding = 1e-6
/** Bits of a place on the curve by each of three axes. */
const curveBits = 7

export interface ColumnBlocks {
  readonly count: number
  /** Four blocks by part by block. */
  readonly centers: Float32Array // [count / 4][4][4]
  readonly radii: Float32Array // [count]
  readonly sizes: Int32Array // [count]
  /** Twice four columns by part by column. */
  readonly points: Float32Array // [count][2][4][4]
  /** Which column each is, and which its complement. */
  readonly places: Int32Array // [count][2][8]
}

/**
 * Columns along a curve on which neighbours are alike (Morton's), cut into blocks. A column and its complement have one place
 * there, by whichever has more A than T (or C than G).
 * @param columns [n][4] probabilities
 * @param places what each is called, and what its complement: [n] both
 */
export function blocksOf(columns: Float64Array, places: Int32Array, complements: Int32Array): ColumnBlocks {
  const total = places.length
  const parts = new Float64Array(total * baseCount)
  const isComplement = new Uint8Array(total)
  const keys = new Float64Array(total)
  const cells = 2 ** curveBits
  const cellOf = (x: number): number => Math.min(cells - 1, Math.max(0, Math.floor(x * cells)))
  for (let i = 0; i < total; i++) {
    const at = i * baseCount
    const weak = columns[at + 3]! - columns[at]!
    const strong = columns[at + 2]! - columns[at + 1]!
    isComplement[i] = Number(weak > 0 || (weak === 0 && strong > 0))
    const sign = isComplement[i] === 1 ? 1 : -1
    parts[at] = (columns[at]! + columns[at + 3]!) * Math.SQRT1_2
    parts[at + 1] = (columns[at + 1]! + columns[at + 2]!) * Math.SQRT1_2
    parts[at + 2] = sign * weak * Math.SQRT1_2
    parts[at + 3] = sign * strong * Math.SQRT1_2
    const x = cellOf(columns[at]! + columns[at + 3]!)
    const y = cellOf(sign * weak)
    const z = cellOf((sign * strong + 1) / 2)
    keys[i] = interleaved(x, y, z) * 2 ** 31 + i
  }
  keys.sort()

  const count = Math.ceil(total / (blockSize * lanes)) * lanes
  const centers = new Float32Array(count * baseCount).fill(far)
  const radii = new Float32Array(count)
  const sizes = new Int32Array(count)
  const points = new Float32Array(count * blockSize * baseCount).fill(far)
  const blockPlaces = new Int32Array(2 * count * blockSize)
  const center = new Float64Array(baseCount)
  for (let block = 0; block * blockSize < total; block++) {
    const start = block * blockSize
    const size = Math.min(blockSize, total - start)
    center.fill(0)
    for (let lane = 0; lane < size; lane++) {
      const i = keys[start + lane]! % 2 ** 31
      const four = block * 2 + Math.floor(lane / lanes)
      for (let part = 0; part < baseCount; part++) {
        const value = parts[i * baseCount + part]!
        center[part]! += value / size
        points[(four * baseCount + part) * lanes + (lane % lanes)] = value
      }
      blockPlaces[2 * block * blockSize + lane] = (isComplement[i] === 1 ? complements : places)[i]!
      blockPlaces[(2 * block + 1) * blockSize + lane] = (isComplement[i] === 1 ? places : complements)[i]!
    }
    let radius = 0
    for (let lane = 0; lane < size; lane++) {
      const at = (keys[start + lane]! % 2 ** 31) * baseCount
      let squares = 0
      for (let part = 0; part < baseCount; part++) squares += (parts[at + part]! - center[part]!) ** 2
      radius = Math.max(radius, squares)
    }
    for (let part = 0; part < baseCount; part++) {
      centers[(Math.floor(block / lanes) * baseCount + part) * lanes + (block % lanes)] = center[part]!
    }
    radii[block] = Math.sqrt(radius) + 4 * rounding
    sizes[block] = size
  }
  return { count, centers, radii, sizes, points, places: blockPlaces }
}

/** Bits of three numbers in turn. */
function interleaved(x: number, y: number, z: number): number {
  let place = 0
  for (let bit = curveBits - 1; bit >= 0; bit--) {
    place = (place << 3) | (((x >> bit) & 1) << 2) | (((y >> bit) & 1) << 1) | ((z >> bit) & 1)
  }
  return place
}
