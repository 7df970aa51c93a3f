/**
 * Training a scanner: not written yet.
 */
export function probe(a: f32): f32 {
  return f32x4.extract_lane(f32x4.splat(a), 0)
}
