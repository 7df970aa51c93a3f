/**
 * Kills `sis run` over and over, at random moments of all stages, until it has come to its end again and again; then asks what
 * was lost, doubled or left behind: npx tsx test/batch/killLoop.ts [KILLS, 200] [SEED, 1].
 *
 * A shard is a run with `--stage`, and two of them at once try the same part; a whole run is killed and begun again.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Random } from '../../src/base/random.ts'
import { leftBehind, program, tableHashes, writeSheet } from './tinySamples.ts'

export interface KillReport {
  readonly kills: number
  /** Runs that came to their end. */
  readonly finished: number
  /** Tables that are not as those of a run that nobody killed. */
  readonly different: readonly string[]
  readonly leftBehind: readonly string[]
  /** Exit codes that are neither 0 nor of a kill, with what was said. */
  readonly failures: readonly string[]
  /** Stages that were under way when a kill came, by name, and how often. */
  readonly during: Readonly<Record<string, number>>
}

const stages = [
  ['prepare'],
  ['train.cnn', 'predict.cnn'],
  ['train.fc', 'predict.fc'],
  ['extract.cnn.1-of-2'],
  ['extract.cnn.2-of-2'],
  ['extract.fc.1-of-2'],
  ['extract.fc.2-of-2'],
  ['merge', 'cluster', 'logic', 'compare', 'merge', 'report'],
] as const

/** @param say takes a line now and then */
export async function killLoop(
  kills: number,
  seed: number,
  say: (line: string) => void = () => undefined,
): Promise<KillReport> {
  const random = new Random(seed, 'kills')
  const directory = mkdtempSync(join(tmpdir(), 'sis-kill-'))
  try {
    const { config } = writeSheet(directory, 1)
    const whole = join(directory, 'whole')
    const undisturbed = await call(['run', config, '--out', whole])
    if (undisturbed.code !== 0) throw new Error(undisturbed.said)
    const expected = await tableHashes(join(whole, 'sis.duckdb'))
    const different: string[] = []
    const left: string[] = []
    const failures: string[] = []
    const during: Record<string, number> = {}
    let [killed, finished] = [0, 0]
    // The shards' way and the whole run's by turns.
    for (let round = 0; killed < kills; round++) {
      const out = join(directory, `run-${round}`)
      const jobs = round % 2 === 0 ? stages.map((names) => ['--stage', ...names]) : [[]]
      for (const job of jobs) {
        const usual = job.length === 0 ? 9000 : 2500
        for (let tries = 0; ; tries++) {
          // In the end it is left alone: a run that is always killed early never ends.
          const limit = killed < kills && tries < 12 ? 200 + usual * random.uniform() : undefined
          const two = limit !== undefined && job.length > 0 && random.below(4) === 0
          const ends = await Promise.all(
            (two ? [limit, undefined] : [limit]).map((after) =>
              call(['run', config, '--out', out, ...job], after),
            ),
          )
          for (const { code, said, wasKilled } of ends) {
            if (wasKilled) {
              killed++
              const name = job[1] ?? 'run'
              during[name] = (during[name] ?? 0) + 1
            } else if (code !== 0) failures.push(`${job.join(' ')}: exit ${code}: ${said}`)
          }
          if (ends.some(({ code }) => code === 0) || failures.length > 20) break
        }
      }
      finished++
      const found = await tableHashes(join(out, 'sis.duckdb'))
      for (const name of new Set([...Object.keys(found), ...Object.keys(expected)])) {
        if (found[name] !== expected[name]) different.push(`run-${round}: ${name}`)
      }
      left.push(...leftBehind(out), ...strangers(out, whole, round % 2 === 0))
      say(
        `${killed} kills, ${finished} runs finished, ${different.length} tables differ, ${left.length} files left`,
      )
      rmSync(out, { recursive: true })
    }
    return { kills: killed, finished, different, leftBehind: left, failures, during }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** @returns files that a run which nobody killed does not have; of shards the numbers are their own */
function strangers(out: string, whole: string, sharded: boolean): string[] {
  const list = (path: string): string[] => readdirSync(path, { recursive: true, encoding: 'utf8' })
  const known = new Set(list(whole))
  return list(out).filter((name) => !known.has(sharded ? name.replace(/\.\d-of-2\./, '.') : name))
}

interface End {
  readonly code: number | null
  readonly said: string
  readonly wasKilled: boolean
}

/** @param after milliseconds until the process group is killed; undefined for never */
function call(args: readonly string[], after?: number): Promise<End> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args, '--quiet'], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    let wasKilled = false
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    const timer =
      after === undefined
        ? undefined
        : setTimeout(() => {
            wasKilled = true
            // The watching process and the working one, as when a node goes.
            process.kill(-child.pid!, 'SIGKILL')
          }, after)
    child.on('close', (code) => {
      clearTimeout(timer)
      void sleep(50).then(() => {
        resolve({ code, said: said.trim(), wasKilled: wasKilled && code === null })
      })
    })
  })
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const [kills = 200, seed = 1] = process.argv.slice(2).map(Number)
  const report = await killLoop(kills, seed, (line) => {
    process.stderr.write(`${line}\n`)
  })
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
  process.exitCode = report.different.length + report.leftBehind.length + report.failures.length === 0 ? 0 : 1
}
