/** All 10,000 handwritten digits through a published Keras model. */
import { describe, expect, it } from 'vitest'
import { digitAccuracy } from './digits.ts'

const realData = process.env['SIS_REAL_DATA']

describe.skipIf(realData === undefined)('Keras models as published (SIS_REAL_DATA)', () => {
  it('99.24 % of the digits, as its author reports', async () => {
    expect(await digitAccuracy(realData!, 10_000)).toBe(0.9924)
  })
})
