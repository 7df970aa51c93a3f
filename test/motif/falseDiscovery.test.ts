/** False discovery rates against worked examples. */
import { expect, it } from 'vitest'
import { benjaminiHochberg } from '../../src/motif/falseDiscovery.ts'

it('is p n / rank, made monotone, from the least p-value on', () => {
  const q = benjaminiHochberg(Float64Array.of(0.01, 0.04, 0.03, 0.005), Int32Array.of(3, 0, 2, 1))
  for (const [i, expected] of [0.02, 0.02, 0.04, 0.04].entries()) expect(q[i]).toBeCloseTo(expected, 12)
  expect([...benjaminiHochberg(Float64Array.of(0.9, 1), Int32Array.of(0, 1))]).toEqual([1, 1])
})
