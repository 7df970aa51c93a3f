/**
 * Keys of the config that contradict each other, or mean nothing without another: said at once, since a key that is ignored
 * in silence is taken for one that works. What is given later wins over what the run's config has from before.
 */
import { ConfigError } from '../../base/errors.ts'
import { sourceSchema, type ConfigFile, type sourceKinds } from './configSchema.ts'

type Overrides = Readonly<Record<string, unknown>>
type NameOf = (key: string) => string

/** Only one of the two has a say. */
const rivals = [
  ['extract.threshold', 'extract.quantile'],
  ['extract.threshold', 'extract.quantile-split'],
] as const

interface Dependent {
  readonly key: string
  /** The key that must have `value` for this one to mean something. */
  readonly on: string
  readonly value: string
  /** A default stands in its place, so that only an override shows that somebody wanted it. */
  readonly hasDefault?: true
}

const dependents: readonly Dependent[] = [
  { key: 'cluster.k', on: 'cluster.method', value: 'kmeans' },
  { key: 'cluster.eps', on: 'cluster.method', value: 'dbscan' },
  { key: 'cluster.min-samples', on: 'cluster.method', value: 'dbscan' },
  { key: 'extract.batch-features', on: 'extract.selection', value: 'batched-gradient', hasDefault: true },
  { key: 'sequences.valid-chromosomes', on: 'sequences.split-by', value: 'chromosome' },
  { key: 'sequences.test-chromosomes', on: 'sequences.split-by', value: 'chromosome' },
]

/**
 * @returns the overrides, and `undefined` for each key of the file that one of them makes meaningless
 * @throws ConfigError where two overrides contradict each other
 */
export function withoutRivals(overrides: Overrides, nameOf: NameOf): Record<string, unknown> {
  const changes: Record<string, unknown> = { ...overrides }
  const given = (key: string): boolean => overrides[key] !== undefined
  for (const [a, b] of rivals) {
    if (given(a) && given(b)) {
      throw new ConfigError(`${nameOf(a)} and ${nameOf(b)} contradict each other; give one of them`)
    }
    if (given(a)) changes[b] = undefined
    if (given(b)) changes[a] = undefined
  }
  for (const { key, on, value } of dependents) {
    if (!given(on) || overrides[on] === value) continue
    if (given(key)) throw new ConfigError(`${nameOf(key)} is for ${nameOf(on)} ${value}`)
    changes[key] = undefined
  }
  return changes
}

/**
 * @param place names the place of a key path in messages
 * @throws ConfigError where a key is given that means nothing without another
 */
export function checkDependents(
  config: ConfigFile,
  overrides: Overrides,
  place: (path: readonly PropertyKey[]) => string,
): void {
  for (const { key, on, value, hasDefault } of dependents) {
    const actual = valueAt(config, on)
    const isGiven = hasDefault ? overrides[key] !== undefined : isSet(valueAt(config, key))
    if (!isGiven || actual === value) continue
    throw new ConfigError(
      `${place(key.split('.'))}: ${last(key)} is for ${last(on)} ${value}; here it is ${String(actual)}`,
    )
  }
  const { sequences } = config
  if (
    sequences['split-by'] === 'chromosome' &&
    sequences['test-chromosomes'].length + sequences['valid-chromosomes'].length === 0
  ) {
    throw new ConfigError(
      `${place(['sequences', 'split-by'])}: split-by chromosome needs test-chromosomes and valid-chromosomes, e.g. chr1 chr8 and chr7`,
    )
  }
}

const kindsOfKeys: Readonly<Record<string, readonly (typeof sourceKinds)[number][]>> = {
  target: ['fasta'],
  negatives: ['positives'],
  'sequence-column': ['table'],
  'name-column': ['table'],
  'label-columns': ['table'],
  genome: ['bed', 'bam'],
  centre: ['bed', 'bam'],
  'genomic-negatives': ['bed'],
  peaks: ['bam'],
  'min-coverage': ['bam'],
  'min-mapping-quality': ['bam'],
  stranded: ['bam'],
}

/** @returns the key of a source that is of another kind of source, and what is wrong with it */
export function strayKey(
  source: ConfigFile['sequences']['sources'][number],
  kind: (typeof sourceKinds)[number],
): { readonly key: string; readonly problem: string } | undefined {
  for (const [key, kinds] of Object.entries(kindsOfKeys)) {
    const name = key as keyof typeof source
    if (kinds.includes(kind) || source[name] === undefined) continue
    if (source[name] === sourceSchema.shape[name].safeParse(undefined).data) continue
    return { key, problem: `${key} is for ${kinds.join(' or ')}, not for ${kind}` }
  }
  return undefined
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined
}

function valueAt(config: ConfigFile, key: string): unknown {
  return key.split('.').reduce<unknown>((holder, part) => (holder as Record<string, unknown>)[part], config)
}

function last(key: string): string {
  return key.split('.').at(-1)!
}
