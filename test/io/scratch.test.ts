/** Scratch directories vanish with their use, and after a kill with the next use: never those of a live process. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { doBeforeEnding } from '../../src/base/ending.ts'
import { removeAbandoned, withScratch } from '../../src/io/files/scratch.ts'

let parent = ''
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'sis-scratch-'))
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

/** The name that this process gives, of other processes. */
async function nameWith(change: (parts: string[]) => void): Promise<string> {
  const own = await withScratch(parent, 'a.parquet', (directory) => Promise.resolve(directory))
  const parts = own.split('-').slice(-4)
  change(parts)
  return `.a.parquet.tmp-${parts.join('-')}`
}

function leave(name: string, daysAgo = 0): string {
  const path = join(parent, name)
  mkdirSync(path)
  writeFileSync(join(path, 'half'), 'half')
  const then = Date.now() / 1000 - daysAgo * 24 * 3600
  utimesSync(path, then, then)
  return path
}

/** @returns the number of a process that has been, and what else its directories are named by */
function endedProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

describe('a scratch directory', () => {
  it('is there while it is used, and gone afterwards, whatever happens', async () => {
    await withScratch(parent, 'a.parquet', async (directory) => {
      writeFileSync(join(directory, 'half'), 'half')
      await removeAbandoned(parent)
      expect(existsSync(join(directory, 'half'))).toBe(true)
    })
    const failing = withScratch(parent, 'a.parquet', (directory) => {
      writeFileSync(join(directory, 'half'), 'half')
      return Promise.reject(new RangeError('a bug'))
    })
    await expect(failing).rejects.toThrow('a bug')
    expect(readdirSync(parent)).toEqual([])
  })

  it('is gone when the process is told to end', async () => {
    await withScratch(parent, 'a.parquet', (directory) => {
      doBeforeEnding()
      expect(existsSync(directory)).toBe(false)
      return Promise.resolve()
    })
  })

  it('may be for a file of a long name', async () => {
    const name = 'é'.repeat(120) + '.parquet'
    await withScratch(parent, name, (directory) => {
      writeFileSync(join(directory, name), '')
      return Promise.resolve()
    })
  })
})

describe('what killed processes left', () => {
  it('is removed by the next one', async () => {
    leave(await nameWith((parts) => (parts[1] = String(endedProcess()))))
    expect(readdirSync(parent)).toHaveLength(1)
    await withScratch(parent, 'b.parquet', () => Promise.resolve())
    expect(readdirSync(parent)).toEqual([])
  })

  it.runIf(process.platform === 'linux')('is known where another process has got the number', async () => {
    leave(await nameWith((parts) => (parts[2] = '1')))
    await removeAbandoned(parent)
    expect(readdirSync(parent)).toEqual([])
  })

  it.runIf(process.platform === 'linux')('is known where nobody asks how the process ended', async () => {
    // The shell starts a process, becomes another, and that one asks for no child.
    const shell = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      const [text] = (await once(shell.stdout, 'data')) as [Buffer]
      const zombie = Number(text.toString())
      const stat = (): string[] =>
        readFileSync(`/proc/${zombie}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
      while (stat()[0] !== 'Z') await setTimeout(5)
      leave(
        await nameWith((parts) => {
          parts[1] = String(zombie)
          parts[2] = stat()[19]!
        }),
      )
      await removeAbandoned(parent)
      expect(readdirSync(parent)).toEqual([])
    } finally {
      shell.kill('SIGKILL')
    }
  })

  it('is not what live ones work in', async () => {
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
    try {
      const start =
        process.platform === 'linux'
          ? readFileSync(`/proc/${other.pid}/stat`, 'utf8')
              .replace(/^.*\) /s, '')
              .split(' ')[19]!
          : '0'
      const path = leave(
        await nameWith((parts) => {
          parts[1] = String(other.pid)
          parts[2] = start
        }),
        400,
      )
      await removeAbandoned(parent)
      expect(existsSync(path)).toBe(true)
    } finally {
      other.kill('SIGKILL')
    }
  })

  it('on other machines is removed when it is old', async () => {
    const name = await nameWith((parts) => {
      parts[0] = 'ffffffff'
      parts[1] = String(endedProcess())
    })
    const fresh = leave(name, 10)
    const old = leave(name.replace('.a.', '.b.'), 20)
    await removeAbandoned(parent)
    expect([existsSync(fresh), existsSync(old)]).toEqual([true, false])
  })

  it('is told apart from what others named alike', async () => {
    for (const name of ['.a.tmp-x', 'a.tmp-12345678-1-1', 'tmp-12345678-1-1-abcdef']) leave(name, 400)
    await removeAbandoned(parent)
    expect(readdirSync(parent)).toHaveLength(3)
    await removeAbandoned(join(parent, 'missing'))
  })
})
