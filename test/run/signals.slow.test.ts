/**
 * Signals sent at random to the program as it is installed, in every stage: it ends within a second with exit code 130,
 * says so in one line, and goes on from there to the very files of a run that nobody interrupted, with none left over.
 */
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { temporaryDirectory } from '../cli/runSis.ts'
import { runx1Grammar } from './runx1Grammar.ts'

const root = resolve(import.meta.dirname, '../..')
const directory = temporaryDirectory()
const seed = Number(process.env['SIS_SIGNAL_SEED'] ?? Date.now() % 1_000_000)
const random = new Random(seed, 'signals')

const config = `
seed: 5
sequences:
  sources: [{ simulate: ${join(directory, 'grammar.yaml')} }]
train: { epochs: 8, patience: 8, batch-size: 32, learning-rate: 0.01, restarts: 0 }
models:
  - name: scanner
    layers:
      - conv1d: { filters: 16, kernel-size: 8, activation: relu }
      - global-max-pool
  - name: fc
    layers:
      - flatten
      - dense: { units: 16, activation: relu }
    epochs: 3
extract: { splits: [train, valid, test], quantile: 0.3, max-sis: 5 }
report: { examples: 2 }
`

const stages = ['prepare', 'train', 'extract', 'cluster', 'logic', 'compare', 'report'] as const
const commands = [...stages, 'run'] as const
type Command = (typeof commands)[number]

/** Attempts on one directory before the run that ends it. */
const attemptsInARow = 3
const rows = { SIGTERM: 3, SIGINT: 3, SIGKILL: 1 } as const
type Signal = keyof typeof rows

const before = (command: Command): string => join(directory, 'before', command)
const after = (command: Command): string => join(directory, 'after', command)
const argumentsOf = (command: Command, run: string): string[] =>
  command === 'run' ? ['run', join(directory, 'config.yaml'), '--out', run] : [command, run]

interface End {
  readonly code: number | null
  readonly stderr: string
  /** From the start. */
  readonly milliseconds: number
  /** From the signal, where it came in time, to the end. */
  readonly afterSignal: number | undefined
  /** To the end of the working process, too. */
  readonly allAfterSignal: number | undefined
}

/** @param delay milliseconds from when the program hears signals to when it is sent one */
async function sis(args: readonly string[], signal?: Signal, delay = 0): Promise<End> {
  const began = performance.now()
  const child = spawn(process.execPath, [join(root, 'bin/sis.js'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  let ended: number | undefined
  const end = new Promise<number | null>((done) => {
    child.on('exit', () => (ended = performance.now()))
    // Everybody who has the stream has ended, the working process too.
    child.on('close', (code) => done(code))
  })
  let sent: number | undefined
  if (signal !== undefined) {
    // It listens when it has started the process that works.
    while (ended === undefined && workersOf(child.pid!) === '') await setTimeout(2)
    await setTimeout(delay)
    if (ended === undefined) {
      sent = performance.now()
      child.kill(signal)
    }
  }
  const code = await end
  const since = (time: number): number | undefined =>
    sent === undefined || sent > ended! ? undefined : time - sent
  return {
    code,
    stderr,
    milliseconds: ended! - began,
    afterSignal: since(ended!),
    allAfterSignal: since(performance.now()),
  }
}

function workersOf(pid: number): string {
  const path = `/proc/${pid}/task/${pid}/children`
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

function filesIn(run: string): string[] {
  return readdirSync(run, { recursive: true, encoding: 'utf8' }).sort()
}

/** Of the files that hold no times. */
function results(run: string): Map<string, string> {
  const names = filesIn(run).filter((name) => /^motifs(\.sis)?\.meme$|^(tables|models)\/.*\.\w+$/.test(name))
  return new Map(names.map((name) => [name, readFileSync(join(run, name), 'base64')]))
}

const duration = new Map<Command, number>()
const totals = new Map<Signal, { sent: number; ended: number; finished: number; milliseconds: number[] }>()

function tell(): void {
  for (const [signal, { sent, ended, finished, milliseconds }] of totals) {
    const sorted = milliseconds.toSorted((a, b) => a - b)
    const at = (share: number): string => sorted[Math.floor(share * (sorted.length - 1))]?.toFixed(0) ?? '-'
    console.log(
      `seed ${seed}: ${sent} ${signal}, ${ended} ended by it, ${finished} had finished; ms from signal to end: median ${at(0.5)}, 90 % ${at(0.9)}, most ${at(1)}`,
    )
  }
}

beforeAll(async () => {
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  )
  writeFileSync(join(directory, 'grammar.yaml'), runx1Grammar(24, 400))
  writeFileSync(join(directory, 'config.yaml'), config)
  const run = join(directory, 'whole')
  mkdirSync(run)
  cpSync(join(directory, 'config.yaml'), join(run, 'config.yaml'))
  for (const stage of stages) {
    cpSync(run, before(stage), { recursive: true })
    const { code, stderr, milliseconds } = await sis(argumentsOf(stage, run))
    expect(code, stderr).toBe(0)
    duration.set(stage, milliseconds)
    cpSync(run, after(stage), { recursive: true })
  }
  mkdirSync(before('run'))
  const { code, stderr, milliseconds } = await sis(argumentsOf('run', after('run')))
  expect(code, stderr).toBe(0)
  duration.set('run', milliseconds)
  expect(results(after('run'))).toEqual(results(after('report')))
})

afterAll(() => {
  tell()
  rmSync(directory, { recursive: true, force: true })
})

describe.runIf(process.platform === 'linux')('signals', () => {
  const series = (Object.keys(rows) as Signal[]).flatMap((signal) =>
    commands.flatMap((command) =>
      Array.from({ length: rows[signal] }, (_, row) => ({ signal, command, row: row + 1 })),
    ),
  )

  it.each(series)('$signal in $command, row $row: nothing is lost, and nothing left', async (one) => {
    const { signal, command, row } = one
    const total = totals.get(signal) ?? { sent: 0, ended: 0, finished: 0, milliseconds: [] }
    totals.set(signal, total)
    const run = join(directory, `${signal}-${command}-${row}`)
    cpSync(before(command), run, { recursive: true })
    for (let attempt = 0; attempt < attemptsInARow; attempt++) {
      const delay = random.uniform() * 0.9 * duration.get(command)!
      const { code, stderr, afterSignal, allAfterSignal } = await sis(
        argumentsOf(command, run),
        signal,
        delay,
      )
      const what = `${signal} ${delay.toFixed(0)} ms after the start (seed ${seed}): ${stderr}`
      expect(stderr, what).not.toMatch(/\n {4}at |this is a bug|Warning/)
      total.sent++
      if (afterSignal === undefined || code === 0) {
        expect(code, what).toBe(0)
        total.finished++
        continue
      }
      total.ended++
      total.milliseconds.push(afterSignal)
      expect(allAfterSignal, what).toBeLessThan(2000)
      if (signal === 'SIGKILL') continue
      expect(code, what).toBe(130)
      expect(stderr.match(/^sis: interrupted; what was finished is kept/gm), what).toHaveLength(1)
      expect(afterSignal, what).toBeLessThan(1000)
    }
    const last = await sis(argumentsOf(command, run))
    expect(last.code, last.stderr).toBe(0)
    expect(filesIn(run)).toEqual(filesIn(after(command)))
    const [made, ideal] = [results(run), results(after(command))]
    for (const [name, bytes] of ideal) expect(made.get(name) === bytes, name).toBe(true)
    rmSync(run, { recursive: true })
  })

  it('came in time, most of them', () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { sent, ended } = totals.get(signal)!
      expect(sent).toBeGreaterThanOrEqual(60)
      expect(ended / sent).toBeGreaterThan(0.6)
    }
  })
})
