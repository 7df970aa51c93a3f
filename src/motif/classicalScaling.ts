/** Classical multidimensional scaling (Torgerson, Psychometrika 17:401, 1952): distances as places on a plane. Exact and deterministic. */

export interface Plane {
  /** [n]: x along the axis that holds most, y along the next. */
  readonly points: readonly { readonly x: number; readonly y: number }[]
  /** Share of what the distances hold (of the positive eigenvalues) that the plane shows, in [0, 1]; 1 where all are 0. */
  readonly shown: number
}

/** @param distances symmetric, 0 on its diagonal, [n][n] */
export function classicalScaling(distances: readonly (readonly number[])[]): Plane {
  const n = distances.length
  const squares = distances.map((row) => row.map((distance) => distance * distance))
  const means = squares.map((row) => row.reduce((sum, value) => sum + value, 0) / n)
  const mean = means.reduce((sum, value) => sum + value, 0) / n
  const centred = squares.map((row, i) => row.map((value, j) => -(value - means[i]! - means[j]! + mean) / 2))
  const axes = eigenpairs(centred)
    .filter(({ value }) => value > 1e-12)
    .sort((a, b) => b.value - a.value)
  const total = axes.reduce((sum, { value }) => sum + value, 0)
  const coordinates = axes.slice(0, 2).map(({ value, vector }) => {
    // The sign is free: the entry that is largest in size is positive.
    const largest = vector.reduce(
      (best, entry) => (Math.abs(entry) > Math.abs(best) + 1e-9 ? entry : best),
      0,
    )
    const scale = Math.sqrt(value) * (largest < 0 ? -1 : 1)
    return vector.map((entry) => entry * scale)
  })
  return {
    points: Array.from({ length: n }, (_, i) => ({
      x: coordinates[0]?.[i] ?? 0,
      y: coordinates[1]?.[i] ?? 0,
    })),
    shown: total === 0 ? 1 : axes.slice(0, 2).reduce((sum, { value }) => sum + value, 0) / total,
  }
}

/** Of a symmetric matrix, by Jacobi's rotations. */
function eigenpairs(symmetric: readonly (readonly number[])[]): { value: number; vector: number[] }[] {
  const n = symmetric.length
  const a = symmetric.map((row) => [...row])
  const vectors = a.map((_, i) => a.map((__, j) => Number(i === j)))
  const size = Math.hypot(...a.flat())
  for (let sweep = 0; sweep < 100; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2
    if (Math.sqrt(off) <= 1e-14 * size) break
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) rotate(a, vectors, p, q)
    }
  }
  return a.map((row, i) => ({ value: row[i]!, vector: vectors.map((entries) => entries[i]!) }))
}

/** Makes the entry of row p and column q zero. */
function rotate(a: number[][], vectors: number[][], p: number, q: number): void {
  const entry = a[p]![q]!
  if (entry === 0) return
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * entry)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c
  for (const row of a) {
    const [x, y] = [row[p]!, row[q]!]
    row[p] = c * x - s * y
    row[q] = s * x + c * y
  }
  const [rowP, rowQ] = [a[p]!, a[q]!]
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [rowP[k]!, rowQ[k]!]
    rowP[k] = c * x - s * y
    rowQ[k] = s * x + c * y
  }
  for (const row of vectors) {
    const [x, y] = [row[p]!, row[q]!]
    row[p] = c * x - s * y
    row[q] = s * x + c * y
  }
}
