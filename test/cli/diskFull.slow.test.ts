/**
 * A full disk: a small file system is mounted, the chain is run on it and again with a little more space until it ends
 * well. Each time before: exit code 3, one line that names the file and what to do, and nothing half-written.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { Random } from '../../src/base/random.ts'
import { decodeSequence } from '../../src/sequence/alphabet.ts'
import { runSis, temporaryDirectory, type SisResult } from './runSis.ts'

const ample = 'size=64m'
const pageKib = 4

function tmpfs(action: 'mount' | 'remount', directory: string, limits: string): boolean {
  const options = action === 'mount' ? limits : `remount,${limits}`
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory]).status === 0
}

/** Mounting needs Linux and the right to do so. */
const canMount = ((): boolean => {
  const directory = temporaryDirectory()
  const mounted = tmpfs('mount', directory, 'size=16k')
  if (mounted) spawnSync('umount', [directory])
  rmdirSync(directory)
  return mounted
})()

const mounts: string[] = []

function mountSmall(limits: string): string {
  const directory = temporaryDirectory()
  if (!tmpfs('mount', directory, limits)) throw new Error(`cannot mount ${directory}`)
  mounts.push(directory)
  // A size of nothing would mean no limit.
  writeFileSync(join(directory, 'occupied'), 'one page')
  return directory
}

/** Makes the file system as large as what lies on it and so many pages more. */
function leaveFree(directory: string, pages: number): void {
  const { blocks, bfree, bsize } = statfsSync(directory)
  const kib = ((blocks - bfree) * bsize) / 1024 + pages * pageKib
  if (!tmpfs('remount', directory, `size=${kib}k`)) throw new Error(`cannot give ${directory} ${kib} KiB`)
}

afterEach(() => {
  for (const directory of mounts.splice(0)) {
    spawnSync('umount', [directory])
    rmdirSync(directory)
  }
})

function fasta(prefix: string, motif: string, count: number): string {
  const random = new Random(1, prefix)
  const letters = (length: number): string =>
    decodeSequence(Uint8Array.from({ length }, () => random.below(4)))
  return Array.from(
    { length: count },
    (_, i) => `>${prefix}${i}\n${letters(12)}${motif || letters(8)}${letters(20)}\n`,
  ).join('')
}

/** @returns a config of a small run, whose sequences lie on the ordinary disk */
function writeConfig(): string {
  const folder = temporaryDirectory()
  const [positives, negatives] = [join(folder, 'p.fa'), join(folder, 'n.fa')]
  writeFileSync(positives, fasta('p', 'TGACTCAT', 200))
  writeFileSync(negatives, fasta('n', '', 200))
  return stringify({
    sequences: { sources: [{ positives, negatives }] },
    // Weights whose SIS fill more than the smallest disk.
    train: { epochs: 1, initialisation: 'he-uniform', restarts: 0 },
    models: [
      {
        name: 'net',
        layers: [
          { conv1d: { filters: 16, 'kernel-size': 16, activation: 'relu' } },
          'global-max-pool',
          { dense: { units: 64, activation: 'relu' } },
        ],
      },
    ],
    extract: { splits: ['train'], direction: '<=', quantile: 0.5, 'max-sis': 3 },
  })
}

/** The commands of a chain, and the largest of the files that each writes. */
const commands = [
  [['prepare'], ['tables/sequences/all.parquet']],
  [['train'], ['models/net/model.onnx']],
  [['predict'], ['tables/predictions/net.parquet']],
  [['extract', '--shard', '1/2'], ['tables/sis/net.1-of-2.parquet']],
  [['extract', '--shard', '2/2'], []],
  [['merge'], ['sis.duckdb']],
] as const

function runOf(directory: string, config: string): string {
  const run = join(directory, 'run')
  mkdirSync(run)
  writeFileSync(join(run, 'config.yaml'), config)
  return run
}

/** Files by path, relative to the directory. */
function contents(directory: string): Map<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return [path.slice(directory.length + 1), readFileSync(path, 'base64')]
      }),
  )
}

/** The files that no later command changes. */
function kept(files: Map<string, string>): string[] {
  return [...files.keys()].filter((path) => path.startsWith('tables/') || path.startsWith('models/'))
}

function temporaryPaths(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)\.|\.tmp|\.spill|\.wal/.test(path),
  )
}

/** @returns the file that the one line of the error names, relative to the run directory */
function expectDiskFull({ code, stderr }: SisResult, run: string): string {
  const errors = stderr.split('\n').filter((line) => line.startsWith('sis: '))
  expect(errors).toHaveLength(1)
  expect(stderr.trimEnd().endsWith(errors[0]!)).toBe(true)
  const named =
    /^sis: no space left on the device holding (\S+); free some or choose another output directory$/.exec(
      errors[0]!,
    )?.[1]
  expect(named?.startsWith(run), errors[0]).toBe(true)
  expect(code).toBe(3)
  expect(temporaryPaths(run)).toEqual([])
  return named!.slice(run.length + 1)
}

describe.skipIf(!canMount)('a full disk', () => {
  it('stops a command with one line and nothing half-written; with space it succeeds', async () => {
    const config = writeConfig()
    const disk = mountSmall(ample)
    const run = runOf(disk, config)
    for (const [command, large] of commands) {
      const before = contents(run)
      const stops = new Set<string>()
      for (let pages = 0; ; pages = pages < 4 ? pages + 1 : pages * 4) {
        leaveFree(disk, pages)
        const result = await runSis([...command, run])
        if (result.code === 0) break
        stops.add(expectDiskFull(result, run))
        const now = contents(run)
        for (const path of kept(before)) expect(now.get(path) === before.get(path), path).toBe(true)
      }
      expect([...stops]).toEqual(expect.arrayContaining([...large]))
    }

    const elsewhere = runOf(temporaryDirectory(), config)
    for (const [command] of commands) expect((await runSis([...command, elsewhere])).code).toBe(0)
    const [made, ideal] = [contents(run), contents(elsewhere)]
    expect([...made.keys()].sort()).toEqual([...ideal.keys()].sort())
    for (const path of kept(made)) expect(made.get(path) === ideal.get(path), path).toBe(true)
  }, 120_000)

  it('may be full of files, too', async () => {
    const disk = mountSmall(`${ample},nr_inodes=5`)
    const run = runOf(disk, writeConfig())
    const stops = new Set<string>()
    for (let files = 5; ; files++) {
      if (!tmpfs('remount', disk, `nr_inodes=${files}`)) throw new Error(`cannot give ${disk} ${files} files`)
      const result = await runSis(['prepare', run])
      if (result.code === 0) break
      stops.add(expectDiskFull(result, run))
    }
    expect(stops.size).toBeGreaterThan(3)
  })

  it('keeps what an earlier preparation made, whole', async () => {
    const disk = mountSmall(ample)
    const run = runOf(disk, writeConfig())
    expect((await runSis(['prepare', run])).code).toBe(0)
    const before = contents(run)
    const stops = new Set<string>()
    for (let pages = 0; ; pages++) {
      leaveFree(disk, pages)
      const result = await runSis(['prepare', run, '--valid-fraction', '0.3'])
      if (result.code === 0) break
      const stop = expectDiskFull(result, run)
      stops.add(stop)
      if (!stop.startsWith('tables/')) continue
      for (const [path, bytes] of contents(run)) expect(bytes === before.get(path), path).toBe(true)
    }
    expect([...stops]).toEqual(
      expect.arrayContaining(['tables/sequences/all.parquet', 'tables/truth/all.parquet']),
    )
  })
})
