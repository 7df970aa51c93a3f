/** Files are whole or not there, whatever goes wrong. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asDiskError, atomically, writeFileAtomically } from '../../src/io/files/atomicWrite.ts'
import { doBeforeEnding } from '../../src/base/ending.ts'
import { messageOf } from './support.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sis-atomic-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('atomically', () => {
  it('creates and replaces files, leaving nothing beside them', async () => {
    const path = join(directory, 'a.txt')
    await writeFileAtomically(path, 'one')
    expect(readFileSync(path, 'utf8')).toBe('one')
    await writeFileAtomically(path, new Uint8Array([50]))
    expect(readFileSync(path, 'utf8')).toBe('2')
    expect(readdirSync(directory)).toEqual(['a.txt'])
  })

  it('keeps the old file until the new one is whole', async () => {
    const path = join(directory, 'a.txt')
    writeFileSync(path, 'old')
    await atomically(path, async (temporaryPath) => {
      await writeFile(temporaryPath, 'new')
      expect(readFileSync(path, 'utf8')).toBe('old')
    })
    expect(readFileSync(path, 'utf8')).toBe('new')
  })

  it('removes all that a failed writer wrote, and passes its error on', async () => {
    const path = join(directory, 'a.duckdb')
    writeFileSync(path, 'old')
    const failing = atomically(path, async (temporaryPath) => {
      await writeFile(temporaryPath, 'half')
      await writeFile(`${temporaryPath}.wal`, 'log')
      throw new RangeError('a bug')
    })
    expect(await messageOf(failing)).toBe('RangeError: a bug')
    expect(readdirSync(directory)).toEqual(['a.duckdb'])
    expect(readFileSync(path, 'utf8')).toBe('old')
  })

  it('removes what is unfinished at once when it is told to', async () => {
    const path = join(directory, 'a.txt')
    const interrupted = atomically(path, async (temporaryPath) => {
      await writeFile(temporaryPath, 'half')
      doBeforeEnding() // as whoever stops the process does
      expect(readdirSync(directory)).toEqual([])
    })
    await expect(interrupted).rejects.toThrow()
    expect(readdirSync(directory)).toEqual([])
  })

  it('names a place where it cannot write', async () => {
    const missing = join(directory, 'no', 'a.txt')
    expect(await messageOf(writeFileAtomically(missing, ''))).toBe(
      `DataError: ${missing}: cannot be written: its directory does not exist; create it or choose another output directory`,
    )
    const taken = join(directory, 'taken')
    mkdirSync(taken)
    expect(await messageOf(writeFileAtomically(taken, ''))).toBe(
      `DataError: ${taken}: cannot be written: a directory of that name is in the way; remove it or choose another output directory`,
    )
  })
})

describe('asDiskError', () => {
  it('knows a full disk by its code, and by the text of other libraries', () => {
    const full = Object.assign(new Error('write failed'), { code: 'ENOSPC' })
    const quoted = new Error('IO Error: Could not write file "x": No space left on device')
    for (const error of [full, quoted]) {
      const found = asDiskError(error, '/runs/a.parquet')
      expect(found).toMatchObject({ name: 'DataError', exitCode: 3 })
      expect(found.message).toBe(
        'no space left on the device holding /runs/a.parquet; free some or choose another output directory',
      )
    }
  })

  it('leaves other errors alone', () => {
    const other = new TypeError('a bug')
    expect(asDiskError(other, 'x')).toBe(other)
  })
})

const full = mkdtempSync(join(tmpdir(), 'sis-full-'))
const mounted = mount()
afterAll(() => {
  if (mounted) execFileSync('umount', [full])
  rmSync(full, { recursive: true, force: true })
})

function mount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', full], { stdio: 'ignore' })
    return true
  } catch {
    return false // not permitted here: the test below is skipped
  }
}

describe.skipIf(!mounted)('a full disk (a tmpfs of 64 KiB)', () => {
  it('is a data error, leaves nothing half-written and keeps the old file', async () => {
    const path = join(full, 'a.txt')
    await writeFileAtomically(path, 'old')
    expect(await messageOf(writeFileAtomically(path, 'x'.repeat(1 << 20)))).toBe(
      `DataError: no space left on the device holding ${path}; free some or choose another output directory`,
    )
    expect(readdirSync(full)).toEqual(['a.txt'])
    expect(readFileSync(path, 'utf8')).toBe('old')
  })
})
