/** One `sis run` at a time in a directory of a machine; the lock of a process that is no more is nobody's to remove. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runDirectory } from '../../src/run/record/runDirectory.ts'
import { occupying, type Occupation } from '../../src/run/record/runLock.ts'
import { temporaryDirectory } from '../cli/runSis.ts'

const record = resolve(import.meta.dirname, '../../dist/run/record')
const urlOf = (name: string): string => pathToFileURL(join(record, name)).href

/** A process that works in a directory until it is killed. */
async function occupant(path: string, occupation: Occupation): Promise<ChildProcess> {
  const code = `const { occupying } = await import('${urlOf('runLock.js')}')
    const { runDirectory } = await import('${urlOf('runDirectory.js')}')
    await occupying(runDirectory('${path}'), '${occupation}', async () => {
      process.stdout.write('there')
      await new Promise((done) => setTimeout(done, 60_000))
    })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((done) => child.stdout.once('data', done))
  return child
}

const enter = (path: string, occupation: Occupation): Promise<string> =>
  occupying(runDirectory(path), occupation, () => Promise.resolve('entered'))

async function killed(child: ChildProcess): Promise<void> {
  const ended = new Promise((done) => child.once('close', done))
  child.kill('SIGKILL')
  await ended
}

describe('a run directory', () => {
  it('has one sis run at a time, and says who it is; after a kill the next one enters', async () => {
    const path = join(temporaryDirectory(), 'run')
    const child = await occupant(path, 'run')
    const refusal = {
      exitCode: 4,
      message: expect.stringContaining(`process ${child.pid} on ${hostname()}, since 2`) as string,
    }
    await expect(enter(path, 'run')).rejects.toMatchObject(refusal)
    await expect(enter(path, 'job')).rejects.toMatchObject(refusal)
    await killed(child)
    expect(readdirSync(path)).toHaveLength(1)
    expect(await enter(path, 'run')).toBe('entered')
    expect(readdirSync(path)).toEqual([])
  })

  it('has jobs beside each other, and none beside a sis run', async () => {
    const path = join(temporaryDirectory(), 'run')
    const child = await occupant(path, 'job')
    expect(await enter(path, 'job')).toBe('entered')
    await expect(enter(path, 'run')).rejects.toMatchObject({ exitCode: 4 })
    await killed(child)
    expect(await enter(path, 'run')).toBe('entered')
  })

  it('is not there where what it was made for failed before it wrote', async () => {
    const path = join(temporaryDirectory(), 'run')
    await expect(occupying(runDirectory(path), 'run', () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    )
    expect(existsSync(path)).toBe(false)
  })
})
