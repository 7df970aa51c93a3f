/** Config files: defaults, overrides, paths, and errors that name the line. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { ConfigError } from '../../src/base/errors.ts'
import { toConfig } from '../../src/run/config/configSchema.ts'
import { readConfigFile } from '../../src/run/config/readConfig.ts'
import { temporaryDirectory } from '../cli/runSis.ts'

const directory = temporaryDirectory()

async function read(text: string, overrides: Record<string, unknown> = {}) {
  const path = join(directory, 'config.yaml')
  writeFileSync(path, text)
  return toConfig(await readConfigFile(path, overrides))
}

const minimal = 'sequences: { sources: [{ fasta: a.fa }] }\n'

describe('readConfigFile', () => {
  it('fills in the defaults of the paper', async () => {
    const config = await read(minimal)
    expect(config.extract).toMatchObject({ quantile: 0.9, quantileSplit: 'test', direction: '>=' })
    expect(config.extract.background).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(config.models.map(({ name }) => name)).toEqual(['cnn', 'fc'])
    expect(config.seed).toBe(1)
  })

  it('reads paths from the folder of the file, and variables of the environment from where one is', async () => {
    vi.stubEnv('SIS_TEST_DATA', 'some/data')
    const config = await read(
      'sequences: { sources: [{ fasta: sub/a.fa }, { table: "${SIS_TEST_DATA}/b.tsv" }] }\ncluster: { known-motifs: /m.meme }\n',
    )
    expect(config.sequences.sources[0]!.fasta).toBe(join(directory, 'sub/a.fa'))
    expect(config.sequences.sources[1]!.table).toBe(join(process.cwd(), 'some/data/b.tsv'))
    expect(config.cluster.knownMotifs).toBe('/m.meme')
  })

  it('leaves the layers of a model in their own language', async () => {
    const config = await read(`${minimal}models: [{ name: a, layers: [{ conv1d: { kernel-size: 3 } }] }]\n`)
    expect(config.models[0]!.layers).toEqual([{ conv1d: { 'kernel-size': 3 } }])
  })

  it('takes chromosomes that are named by numbers', async () => {
    const config = await read(
      'sequences: { sources: [{ fasta: a.fa }], split-by: chromosome, test-chromosomes: [1, X] }\n',
    )
    expect(config.sequences.testChromosomes).toEqual(['1', 'X'])
  })

  it('lets overrides win, and makes sections that the file lacks', async () => {
    const config = await read(`${minimal}extract: { quantile: 0.5 }\n`, {
      'extract.quantile': 0.8,
      'train.epochs': 2,
    })
    expect(config.extract.quantile).toBe(0.8)
    expect(config.train.epochs).toBe(2)
  })

  it.each([
    ['extract: { threshold: 2 }', { 'extract.quantile': 0.8 }, 'extract', { quantile: 0.8 }],
    ['extract: { quantile: 0.8 }', { 'extract.threshold': 2 }, 'extract', { threshold: 2, quantile: 0.9 }],
    ['cluster: { method: kmeans, k: 3 }', { 'cluster.method': 'dbscan' }, 'cluster', { method: 'dbscan' }],
    ['cluster: { eps: 3 }', { 'cluster.method': 'kmeans', 'cluster.k': 2 }, 'cluster', { k: 2 }],
  ] as const)('of %s and %j the later wins', async (section, overrides, name, expected) => {
    const config = await read(`${minimal}${section}\n`, overrides)
    expect(config[name]).toMatchObject(expected)
    expect(config.extract.threshold === undefined || !('extract.quantile' in overrides)).toBe(true)
    expect(config.cluster.k === undefined || config.cluster.method === 'kmeans').toBe(true)
    expect(config.cluster.eps === undefined || config.cluster.method === 'dbscan').toBe(true)
  })

  it.each([
    ['sequences: [\n', {}, /config\.yaml:\d+: not YAML/],
    ['sequences: { sources: [] }\n', {}, /config\.yaml:1: sequences\.sources needs at least one source/],
    [
      `${minimal}extract:\n  quantile: 1.5\n`,
      {},
      /config\.yaml:3: extract\.quantile must be at most 1, not 1\.5/,
    ],
    [`${minimal}extrct: {}\n`, {}, /config\.yaml:2: unknown key 'extrct'; did you mean 'extract'\?/],
    [
      `${minimal}models:\n  - name: a\n    achitecture: cnn\n`,
      {},
      /config\.yaml:4: unknown key 'achitecture' in models\.0; did you mean 'architecture'\?/,
    ],
    [`${minimal}models: [{ name: a }]\n`, {}, /exactly one of architecture, layers, artifact/],
    [
      `${minimal}models: [{ name: a, architecture: cnn }, { name: a, architecture: fc }]\n`,
      {},
      /two models are named 'a'/,
    ],
    [`${minimal}models: [{ name: joint, architecture: cnn }]\n`, {}, /is taken/],
    [`${minimal}models: [{ name: a, artifact: b, strands: both }]\n`, {}, /remove 'strands'/],
    [
      `${minimal}models: [{ name: a, architecture: cnn, strands: reverse }]\n`,
      {},
      /models\.0\.strands must be one of forward, both, not 'reverse'/,
    ],
    ['sequences: { sources: [{ fasta: a, table: b }] }\n', {}, /exactly one of .*; it has 2/],
    ['sequences: { sources: [{ bed: a.bed, genome: g.fa }] }\n', {}, /a bed source needs 'length'/],
    ['sequences: { length: 5, sources: [{ bam: a.bam }] }\n', {}, /a bam source needs 'genome'/],
    ['sequences: { sources: [{ fasta: "${SIS_NOT_SET}/a" }] }\n', {}, /SIS_NOT_SET is not set/],
    [minimal, { 'extract.max-sis': 0 }, /^--max-sis must be above 0, not 0$/],
    [minimal, { 'extract.max-sis': 1.5 }, /^--max-sis must be a whole number, not 1\.5$/],
    [minimal, { 'extract.background': [0, 0, 1] }, /^--background needs 4 values, has 3$/],
    [minimal, { 'extract.background': ['x', 0, 0, 1] }, /^--background must be a number, not 'x'$/],
    [
      minimal,
      { 'extract.threshold': 1, 'extract.quantile': 0.5 },
      /^--threshold and --quantile contradict each other; give one of them$/,
    ],
    [minimal, { 'cluster.k': 3 }, /^--k: k is for method kmeans; here it is dbscan$/],
    [minimal, { 'cluster.k': 3, 'cluster.method': 'dbscan' }, /^--k is for --method kmeans$/],
    [
      minimal,
      { 'extract.batch-features': 3 },
      /^--batch-features: batch-features is for selection batched-gradient; here it is exact$/,
    ],
    [`${minimal}cluster: { method: kmeans, eps: 2 }\n`, {}, /config\.yaml:2: eps is for method dbscan/],
    [
      'sequences: { sources: [{ fasta: a.fa }], split-by: chromosome }\n',
      {},
      /split-by chromosome needs test-chromosomes/,
    ],
    [
      'sequences: { sources: [{ fasta: a.fa }], test-chromosomes: [chr1] }\n',
      {},
      /test-chromosomes is for split-by chromosome; here it is hash/,
    ],
    [
      'sequences: { sources: [{ fasta: a.fa, genome: g.fa }] }\n',
      {},
      /genome is for bed or bam, not for fasta/,
    ],
    [
      'sequences: { length: 9, sources: [{ bam: a.bam, genome: g.fa, genomic-negatives: 1 }] }\n',
      {},
      /config\.yaml:1: genomic-negatives is for bed, not for bam/,
    ],
    [
      'sequences:\n  length: 9\n  sources:\n    - { bed: a.bed, genome: g.fa, label: 0, genomic-negatives: 1 }\n',
      {},
      /config\.yaml:4: genomic-negatives are drawn for positives, but label 0 makes negatives/,
    ],
    ['sequences: { sources: [{ fasta: a.fa, stranded: true }] }\n', {}, /stranded is for bam, not for fasta/],
  ])('rejects %j %j', async (text, overrides, message) => {
    await expect(read(text, overrides)).rejects.toThrow(ConfigError)
    await expect(read(text, overrides)).rejects.toThrow(message)
  })
})
