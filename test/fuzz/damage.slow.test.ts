/**
 * Damaged files of every format that is read: where the format has a checksum each gives the intact file's answer or an
 * error, nothing hangs, nothing ends in an error that is not for the user, and nothing takes much more memory.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { Outcome, Question } from './child.ts'
import { makeFormats, writeFormats } from './files.ts'
import type { Format } from './formats.ts'

const leastInputs = 5000
const processes = 2
/** Beyond the 21 s that a reader of HDF5 is given. */
const patience = 60_000
const mostMebibytesMore = 512

const directory = mkdtempSync(join(tmpdir(), 'sis-fuzz-'))
const intact = join(directory, 'intact')
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** By its place, since the processes work in folders of their own. */
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

type Ending = Outcome | { readonly end: string }

/** A process that reads, and another one after it where it hangs or dies. */
class FuzzProcess {
  readonly work: string
  #child: Promise<ChildProcess> | undefined

  constructor(number: number) {
    this.work = join(directory, `work${number}`)
  }

  async ask(question: Question): Promise<Ending> {
    const child = await (this.#child ??= start())
    const ending = await new Promise<Ending>((resolve) => {
      const onMessage = (outcome: Outcome): void => end(outcome)
      const onExit = (code: number | null, signal: string | null): void =>
        end({ end: `died (${signal ?? code})` })
      const watchdog = setTimeout(() => end({ end: 'hung' }), patience)
      function end(ending: Ending): void {
        clearTimeout(watchdog)
        child.off('message', onMessage)
        child.off('exit', onExit)
        resolve(ending)
      }
      child.on('message', onMessage)
      child.on('exit', onExit)
      child.send(question)
    })
    if ('end' in ending) {
      child.kill('SIGKILL')
      this.#child = undefined
    }
    return ending
  }

  async close(): Promise<void> {
    ;(await this.#child)?.kill('SIGKILL')
  }
}

function start(): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'child.ts'), {
    execArgv: ['--import', tsx],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child))
    child.once('error', reject)
  })
}

interface Tally {
  inputs: number
  errors: number
  unchanged: number
  others: number
}

describe('damaged files', () => {
  it(`of every format, at least ${leastInputs} of them`, async () => {
    const formats = await makeFormats()
    writeFormats(formats, intact)
    const pool = Array.from({ length: processes }, (_, number) => new FuzzProcess(number))
    const tallies = new Map<string, Tally>()
    const faults: string[] = []
    const heldIntact: number[] = []
    const answers = new Map<string, string>()
    const heldMost = pool.map(() => 0)

    // What intact files need, in every process.
    for (const [number, one] of pool.entries()) {
      for (const format of formats) {
        const ending = await one.ask(questionOf(format, one.work, undefined, 0))
        if ('end' in ending || ending.answer === undefined) {
          throw new Error(
            `${format.name} is not read intact: ${'end' in ending ? ending.end : ending.error!}`,
          )
        }
        answers.set(format.name, ending.answer)
        heldIntact[number] = ending.mebibytes
      }
    }

    const inputs = formats.flatMap((format) =>
      Array.from({ length: format.inputs }, (_, seed) => ({
        format,
        seed,
        file: format.damaged[seed % format.damaged.length]!,
      })),
    )
    let next = 0
    await Promise.all(
      pool.map(async (one, number) => {
        while (next < inputs.length) {
          // Seeds of one file go through all kinds of damage, whatever the number of files.
          const { format, seed, file } = inputs[next++]!
          const drawn = Math.floor(seed / format.damaged.length) + 1000 * (seed % format.damaged.length)
          const ending = await one.ask(questionOf(format, one.work, file, drawn))
          const tally = tallies.get(format.name) ?? { inputs: 0, errors: 0, unchanged: 0, others: 0 }
          tallies.set(format.name, tally)
          tally.inputs++
          if ('end' in ending) {
            faults.push(`${format.name}: ${file}, seed ${drawn}: ${ending.end}`)
            continue
          }
          heldMost[number] = Math.max(heldMost[number]!, ending.mebibytes)
          const { answer, error, isOwn, what } = ending
          if (!isOwn) faults.push(`${format.name}: ${what}: ${error!}`)
          if (error !== undefined) tally.errors++
          else if (answer === answers.get(format.name)) tally.unchanged++
          else {
            tally.others++
            if (format.isChecked) faults.push(`${format.name}: ${what}: another answer`)
          }
        }
      }),
    )
    await Promise.all(pool.map((one) => one.close()))

    const total = { inputs: 0, errors: 0, unchanged: 0, others: 0 }
    for (const tally of tallies.values()) {
      for (const key of ['inputs', 'errors', 'unchanged', 'others'] as const) total[key] += tally[key]
    }
    const more = heldMost.map((most, number) => Math.round(most - heldIntact[number]!))
    const rows = [...tallies, ['all', total] as const].map(
      ([name, { inputs, errors, unchanged, others }]) =>
        `${name.padEnd(30)}${[inputs, errors, unchanged, others].map((count) => `${count}`.padStart(11)).join('')}`,
    )
    console.log(
      [
        `${'damaged'.padEnd(30)}${['inputs', 'errors', 'unchanged', 'otherwise'].map((word) => word.padStart(11)).join('')}`,
        ...rows,
        `memory above that for intact files: ${more.join(' and ')} MiB`,
      ].join('\n'),
    )
    expect(faults).toEqual([])
    expect(Math.max(...more)).toBeLessThanOrEqual(mostMebibytesMore)
    expect(total.inputs).toBeGreaterThanOrEqual(leastInputs)
  })
})

function questionOf(
  { name, reader }: Format,
  work: string,
  file: string | undefined,
  seed: number,
): Question {
  return { intact, work, format: name, reader, file, seed }
}
