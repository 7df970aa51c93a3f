/** Sums that weighted least squares of few features need, and their solution. */
import { CholeskyDecomposition, Matrix } from 'ml-matrix'

/** Adds weight × x xᵀ to the lower half of a symmetric matrix [n, n]. */
export function addOuter(products: Float64Array, x: Float64Array, weight: number): void {
  const n = x.length
  for (let i = 0; i < n; i++) {
    const own = weight * x[i]!
    if (own === 0) continue
    for (let j = 0; j <= i; j++) products[i * n + j]! += own * x[j]!
  }
}

/** What solves systems of a symmetric positive definite matrix, its lower half given; undefined where it is not definite. */
export function solverOf(lower: Float64Array, n: number): ((y: Float64Array) => Float64Array) | undefined {
  const matrix = new Matrix(n, n)
  let largest = 0
  for (let i = 0; i < n; i++) {
    largest = Math.max(largest, lower[i * n + i]!)
    for (let j = 0; j <= i; j++) {
      matrix.set(i, j, lower[i * n + j]!)
      matrix.set(j, i, lower[i * n + j]!)
    }
  }
  const decomposition = new CholeskyDecomposition(matrix)
  if (!decomposition.isPositiveDefinite()) return undefined
  const triangle = decomposition.lowerTriangularMatrix
  for (let i = 0; i < n; i++) if (triangle.get(i, i) ** 2 <= 1e-12 * largest) return undefined
  return (y) => Float64Array.from(decomposition.solve(Matrix.columnVector(y)).to1DArray())
}
