import { describe, expect, it } from 'vitest'
import { consensusToPpm } from '../../src/sequence/iupac.ts'
import { informationContent } from '../../src/sequence/matrix.ts'

describe('informationContent', () => {
  it('is 2 bits less the entropy', () => {
    expect(consensusToPpm('ARN').map((row) => informationContent(row))).toEqual([2, 1, 0])
    expect(informationContent(consensusToPpm('B')[0]!)).toBeCloseTo(2 - Math.log2(3), 12)
    expect(informationContent([0.5, 0.25, 0.125, 0.125])).toBeCloseTo(0.25, 12)
  })
})
