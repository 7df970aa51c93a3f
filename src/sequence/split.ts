/** Split rules: which of train, valid and test a sequence belongs to, so that a shuffle always stays with its parent. */
import { ConfigError, DataError } from '../base/errors.ts'
import { fnv1a } from '../base/random.ts'
import type { SequenceRecord, Split } from './sequenceSet.ts'

export type SplitRule =
  | {
      readonly by: 'chromosome'
      /** Chromosome names as in the data; every other chromosome is for training. */
      readonly valid: readonly string[]
      readonly test: readonly string[]
    }
  | {
      readonly by: 'hash'
      /** Expected shares in [0, 1]; the rest is for training. */
      readonly validFraction: number
      readonly testFraction: number
      readonly seed: number
    }
  /** The source must have fixed the split of every record. */
  | { readonly by: 'source' }

type SplitRecord = Pick<SequenceRecord, 'name' | 'chrom' | 'file' | 'line'> & {
  readonly split?: Split | undefined
}

export interface Splitter {
  /** Throws DataError where the record lacks what the rule needs. */
  splitOf(record: SplitRecord): Split
  /** Chromosomes that the rule names and no record so far lay on, in the order given. */
  absentChromosomes(): string[]
}

/** A split that the source fixed stands whatever the rule. Throws ConfigError where a rule contradicts itself. */
export function createSplitter(rule: SplitRule): Splitter {
  const ruled = splitterOf(rule)
  return { ...ruled, splitOf: (record) => record.split ?? ruled.splitOf(record) }
}

function splitterOf(rule: SplitRule): Splitter {
  switch (rule.by) {
    case 'chromosome':
      return chromosomeSplitter(rule.valid, rule.test)
    case 'hash':
      return hashSplitter(rule)
    case 'source':
      return sourceSplitter()
  }
}

/** The name without a shuffle's suffix: `chr1:5-9_shuf`, `peak_shuf2` and `peak_shuffled_3` belong to their parents. */
export function parentName(name: string): string {
  return name.replace(/_shuf(?:fled?)?(?:_?\d+)?$/i, '')
}

/** The chromosome of a record, from its coordinates or else from a name (or its parent's) of the form `chrom:start-end`. */
export function chromosomeOf(record: Pick<SequenceRecord, 'name' | 'chrom'>): string | undefined {
  return record.chrom ?? /^(.+):[\d,]+-[\d,]+(?:\([+-]\))?$/.exec(parentName(record.name))?.[1]
}

function sourceSplitter(): Splitter {
  return {
    splitOf(record) {
      throw new DataError('the source gives no split for it; choose a split by chromosome or by hash', {
        ...record,
        sequence: record.name,
      })
    },
    absentChromosomes: () => [],
  }
}

function chromosomeSplitter(valid: readonly string[], test: readonly string[]): Splitter {
  const splits = new Map<string, Split>()
  for (const chrom of valid) splits.set(chrom, 'valid')
  for (const chrom of test) {
    if (splits.get(chrom) === 'valid') {
      throw new ConfigError(`chromosome '${chrom}' is given for both validation and test; give it once`)
    }
    splits.set(chrom, 'test')
  }
  const absent = new Set(splits.keys())
  return {
    splitOf(record) {
      const chrom = chromosomeOf(record)
      if (chrom === undefined) {
        throw new DataError('it has no chromosome to split by; choose a split by hash', {
          ...record,
          sequence: record.name,
        })
      }
      absent.delete(chrom)
      return splits.get(chrom) ?? 'train'
    },
    absentChromosomes: () => [...absent],
  }
}

function hashSplitter({ validFraction, testFraction, seed }: Extract<SplitRule, { by: 'hash' }>): Splitter {
  if (!(validFraction >= 0 && testFraction >= 0 && validFraction + testFraction <= 1)) {
    throw new ConfigError(
      `validation and test fractions must not be negative nor exceed 1 together: ${validFraction} and ${testFraction}`,
    )
  }
  return {
    splitOf(record) {
      const draw = fnv1a(`split\u0000${seed}\u0000${parentName(record.name)}`) / 0x1_0000_0000
      return draw < testFraction ? 'test' : draw < testFraction + validFraction ? 'valid' : 'train'
    },
    absentChromosomes: () => [],
  }
}
