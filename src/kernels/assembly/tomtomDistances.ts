/** Distances of a query column from target columns: four at a time in float32, and one in float64. */
import { exact } from './tomtomMemory'

/** More than a distance in float32 is off by, several times over. */
export const ERROR: f32 = 4e-6

/** The distance in float64, as a plain loop computes it. Of a column and its complement one is there. */
export function exactDistance(point: usize, column: i32): f64 {
  const isComplement = <usize>(column & 4) != 0
  let target = exact + (<usize>((column >> 3 << 2) | (column & 3)) << 5) + (isComplement ? 24 : 0)
  const next: usize = isComplement ? -8 : 8
  let sum: f64 = 0
  for (let base: usize = 0; base < 32; base += 8, target += next) {
    const difference = load<f64>(point + base) - load<f64>(target)
    sum += difference * difference
  }
  return Math.sqrt(sum)
}

/**
 * Four target columns stand beside their complements. With (A + T, C + G, A - T, C - G) / √2 for a column, at the same distances
 * from others as with its bases, a complement differs in the sign of the last two: both distances share the first part.
 * @param at the first part of four columns, and then their last two
 */
@inline export function sharedPart(at: usize, q0: v128, q1: v128): v128 {
  const d0 = f32x4.sub(v128.load(at), q0)
  const d1 = f32x4.sub(v128.load(at, 16), q1)
  return f32x4.add(f32x4.mul(d0, d0), f32x4.mul(d1, d1))
}

@inline export function distanceOf(shared: v128, d2: v128, d3: v128): v128 {
  return f32x4.sqrt(f32x4.add(shared, f32x4.add(f32x4.mul(d2, d2), f32x4.mul(d3, d3))))
}

@inline export function distancesAt(at: usize, shared: v128, q2: v128, q3: v128): v128 {
  return distanceOf(shared, f32x4.sub(v128.load(at, 32), q2), f32x4.sub(v128.load(at, 48), q3))
}

@inline export function complementDistancesAt(at: usize, shared: v128, q2: v128, q3: v128): v128 {
  return distanceOf(shared, f32x4.add(v128.load(at, 32), q2), f32x4.add(v128.load(at, 48), q3))
}

const held = memory.data(16 * 16)

/**
 * A value as it is read back from memory. Engines compute a value that a loop needs within the loop, each time, wherever
 * nothing forbids it; what is loaded before a loop stays there.
 * @param slot 0 to 15, one for each that is needed at a time
 */
@inline export function hold(slot: usize, value: v128): v128 {
  v128.store(held + (slot << 4), value)
  return v128.load(held + (slot << 4))
}

/** Part `part` of a query column as the targets have them, four times over. @param point its bases */
@inline export function partOfColumn(point: usize, part: usize): v128 {
  const sign: f64 = part < 2 ? 1 : -1
  const at = point + ((part & 1) << 3)
  const x = load<f64>(at) + sign * load<f64>(point + 24 - ((part & 1) << 3))
  return hold(part, f32x4.splat(<f32>(x * Math.SQRT1_2)))
}
