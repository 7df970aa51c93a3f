/** Split rules: shuffles stay with their parents, shares are as asked, and what a rule needs must be there. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/base/errors.ts'
import { splitNames } from '../../src/sequence/sequenceSet.ts'
import { chromosomeOf, createSplitter, parentName } from '../../src/sequence/split.ts'

const at = (name: string, chrom?: string) => ({ name, chrom, file: 'peaks.fa', line: 7 })
const hash = (validFraction = 0.1, testFraction = 0.2, seed = 1) =>
  createSplitter({ by: 'hash', validFraction, testFraction, seed })

describe('parentName', () => {
  it.each([
    ['chr1:5-9_shuf', 'chr1:5-9'],
    ['peak_shuf2', 'peak'],
    ['peak_shuffle', 'peak'],
    ['peak_shuffled_3', 'peak'],
    ['seq_00001_shuf', 'seq_00001'],
    ['shuf', 'shuf'],
    ['reshuffle', 'reshuffle'],
    ['a_shuffler', 'a_shuffler'],
    ['peak_2', 'peak_2'],
  ])('of %s is %s', (name, parent) => {
    expect(parentName(name)).toBe(parent)
  })
})

describe('chromosomeOf', () => {
  it('is what the record says, or its name', () => {
    expect(chromosomeOf(at('chr2:1-5', 'chr1'))).toBe('chr1')
    expect(chromosomeOf(at('chr2:1-5'))).toBe('chr2')
    expect(chromosomeOf(at('chr2:1,001-1,101(-)'))).toBe('chr2')
    expect(chromosomeOf(at('HLA:A*01:1-5_shuf'))).toBe('HLA:A*01')
    expect(chromosomeOf(at('peak_1'))).toBeUndefined()
  })
})

describe('split by hash', () => {
  it('keeps a shuffle on the side of its parent', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.nat(),
        fc.constantFrom('_shuf', '_shuf3', '_shuffled'),
        (name, seed, suffix) => {
          const splitter = hash(0.3, 0.3, seed)
          expect(splitter.splitOf(at(name + suffix))).toBe(splitter.splitOf(at(name)))
        },
      ),
    )
  })

  it('gives each split its share, whatever the seed', () => {
    for (const seed of [1, 2]) {
      const splitter = hash(0.1, 0.2, seed)
      const counts = { train: 0, valid: 0, test: 0 }
      for (let i = 0; i < 20_000; i++) counts[splitter.splitOf(at(`seq_${i}`))]++
      // Five standard deviations of a binomial count.
      expect(Math.abs(counts.valid - 2000)).toBeLessThan(5 * Math.sqrt(20_000 * 0.1 * 0.9))
      expect(Math.abs(counts.test - 4000)).toBeLessThan(5 * Math.sqrt(20_000 * 0.2 * 0.8))
    }
  })

  it('differs between seeds and gives an empty split nothing', () => {
    const names = Array.from({ length: 500 }, (_, i) => at(`seq_${i}`))
    const splits = (seed: number) => names.map((name) => hash(0.3, 0.3, seed).splitOf(name)).join()
    expect(splits(1)).toBe(splits(1))
    expect(splits(1)).not.toBe(splits(2))
    expect(new Set(names.map((name) => hash(0, 0).splitOf(name)))).toEqual(new Set(['train']))
    expect(new Set(names.map((name) => hash(0, 1).splitOf(name)))).toEqual(new Set(['test']))
  })

  it.each([
    [-0.1, 0.2],
    [0.6, 0.5],
    [NaN, 0],
  ])('refuses the fractions %d and %d', (valid, test) => {
    expect(() => hash(valid, test)).toThrow(ConfigError)
  })
})

describe('split by chromosome', () => {
  it('sends named chromosomes to their split and the others to training', () => {
    const splitter = createSplitter({ by: 'chromosome', valid: ['chr8'], test: ['chr9', 'chrX'] })
    expect(splitter.splitOf(at('a', 'chr1'))).toBe('train')
    expect(splitter.splitOf(at('a', 'chr8'))).toBe('valid')
    expect(splitter.splitOf(at('chr9:1-5_shuf'))).toBe('test')
    expect(splitter.absentChromosomes()).toEqual(['chrX'])
  })

  it('needs a chromosome', () => {
    const splitter = createSplitter({ by: 'chromosome', valid: [], test: [] })
    expect(() => splitter.splitOf(at('peak_1'))).toThrow(DataError)
    expect(() => splitter.splitOf(at('peak_1'))).toThrow(
      "peaks.fa:7: sequence 'peak_1': it has no chromosome",
    )
  })

  it('refuses a chromosome in two splits', () => {
    expect(() => createSplitter({ by: 'chromosome', valid: ['chr8'], test: ['chr8'] })).toThrow(ConfigError)
  })
})

describe('a split that the source fixed', () => {
  it('stands under every rule', () => {
    for (const split of splitNames) {
      const record = { ...at('chr1:1-5'), split }
      expect(hash().splitOf(record)).toBe(split)
      expect(createSplitter({ by: 'chromosome', valid: ['chr1'], test: [] }).splitOf(record)).toBe(split)
      expect(createSplitter({ by: 'source' }).splitOf(record)).toBe(split)
    }
  })

  it('is needed by the rule of that name', () => {
    expect(() => createSplitter({ by: 'source' }).splitOf(at('a'))).toThrow(
      "peaks.fa:7: sequence 'a': the source gives no split for it",
    )
  })
})
