/** The hash table behaves as a Map does, through growth and with keys that share a slot. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { hash53, HashTable } from '../../src/sequence/hashTable.ts'

describe('HashTable', () => {
  it('agrees with Map', () => {
    const key = fc.oneof(
      fc.nat(20),
      fc.nat(20).map((n) => n * 2 ** 40),
      fc.maxSafeNat(),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.integer())), (entries) => {
        const table = new HashTable()
        const map = new Map(entries)
        for (const [hash, value] of entries) table.set(hash, value)
        expect(table.size).toBe(map.size)
        for (const [hash, value] of map) expect(table.get(hash)).toBe(value)
        expect(table.get(12_345_678)).toBe(map.get(12_345_678))
      }),
    )
  })

  it('keeps every entry as it grows', () => {
    const table = new HashTable()
    for (let i = 0; i < 5000; i++) table.set(i * 2 ** 20, i) // the low bits are all zero
    expect(table.size).toBe(5000)
    const values = Array.from({ length: 5000 }, (_, i) => table.get(i * 2 ** 20))
    expect(values).toEqual(Array.from({ length: 5000 }, (_, i) => i))
    expect(table.get(1)).toBeUndefined()
  })
})

describe('hash53', () => {
  it('is a safe integer that tells sequences apart', () => {
    const random = new Random(1)
    const sequences = new Set<string>()
    const hashes = new Set<number>()
    const codes = Uint8Array.from({ length: 101 }, () => random.below(4))
    for (let i = 0; i < 20_000; i++) {
      codes[random.below(101)] = random.below(6) // one base from the one before, the hardest case
      sequences.add(codes.join(''))
      hashes.add(hash53(codes))
    }
    expect(hashes.size).toBe(sequences.size)
    expect([...hashes].every((hash) => Number.isSafeInteger(hash) && hash >= 0)).toBe(true)
  })

  it('sees the length', () => {
    expect(hash53([0])).not.toBe(hash53([0, 0]))
  })
})
