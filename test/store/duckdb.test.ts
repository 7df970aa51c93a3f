/** What DuckDB says becomes an error that names the file and tells what to do; databases close whatever happens. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readdir, truncate } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BackendError, DataError } from '../../src/base/errors.ts'
import { openDatabase, translateError, withDatabase } from '../../src/store/duckdb.ts'
import { temporaryDirectory } from './fixtures.ts'

async function makeDatabase(): Promise<string> {
  const path = join(await temporaryDirectory(), 'sis.duckdb')
  await withDatabase(path, {}, (database) =>
    database.run("CREATE TABLE t AS SELECT i, repeat('x', 50) || i AS text FROM range(20000) s(i)"),
  )
  return path
}

async function read(path: string): Promise<unknown> {
  return withDatabase(path, { readOnly: true }, (database) =>
    database.rows('SELECT sum(length(text)) FROM t'),
  )
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('a database', () => {
  it('that another process holds is named', async () => {
    const path = await makeDatabase()
    const duckdb = createRequire(import.meta.url).resolve('@duckdb/node-api')
    const script = `const { DuckDBInstance } = require(${JSON.stringify(duckdb)})
      DuckDBInstance.create(${JSON.stringify(path)}).then((held) => {
        process.stdin.on('end', () => held.closeSync()).resume()
        console.log('held')
      })`
    const holder = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    const error = await failure(read(path))
    holder.stdin.end()
    await once(holder, 'exit')
    expect(error).toBeInstanceOf(BackendError)
    expect((error as Error).message).toBe(
      `${path} is in use by another process; close it there and try again`,
    )
    await read(path)
  })

  it('may lie in a folder with a colon in its name, named from where the user is', async () => {
    const before = process.cwd()
    process.chdir(await temporaryDirectory())
    try {
      await mkdir('chr1:100')
      await withDatabase('chr1:100/sis.duckdb', {}, (database) =>
        database.run('CREATE TABLE t AS SELECT 1 AS i'),
      )
      const rows = withDatabase('chr1:100/sis.duckdb', { readOnly: true }, (database) =>
        database.rows('FROM t'),
      )
      expect(await rows).toEqual([{ i: 1 }])
    } finally {
      process.chdir(before)
    }
  })

  it('that its queries cannot read is to blame', async () => {
    const work = withDatabase(undefined, { blame: '/run/tables/sis' }, (database) =>
      database.run('SELECT no_such_column FROM range(5)'),
    )
    await expect(work).rejects.toThrow(
      /^\/run\/tables\/sis: is damaged: DuckDB cannot read it \(.*no_such_column.*\); run the stage that writes it again/,
    )
  })

  it('that is spoilt or cut off is named', async () => {
    const spoilt = await makeDatabase()
    const file = await open(spoilt, 'r+')
    const { size } = await file.stat()
    const headers = 3 * 4096
    await file.write(Buffer.alloc(size - headers, 9), 0, size - headers, headers)
    await file.close()
    const cut = await makeDatabase()
    await truncate(cut, 9000)
    for (const path of [spoilt, cut]) {
      const error = await failure(read(path))
      expect(error).toBeInstanceOf(DataError)
      expect((error as DataError).location.file).toBe(path)
    }
  })

  it('says that its memory does not suffice where it may not spill', async () => {
    const sorted = withDatabase(undefined, { memoryMiB: 16 }, (database) =>
      database.run('CREATE TABLE t AS SELECT random() AS r, i FROM range(3000000) s(i) ORDER BY r'),
    )
    await expect(sorted).rejects.toThrow(BackendError)
  })

  it('spills where it is told, and leaves nothing there', async () => {
    const directory = await temporaryDirectory()
    const database = await openDatabase(undefined, {
      memoryMiB: 16,
      spillDirectory: join(directory, 'spill'),
    })
    await database.run('CREATE TABLE t AS SELECT random() AS r, i FROM range(3000000) s(i)')
    expect(await readdir(directory)).toEqual(['spill'])
    await database.close()
    expect(await readdir(directory)).toEqual([])
  })

  it('gives counts and sums as numbers, not as BigInt', async () => {
    await withDatabase(undefined, {}, async (database) => {
      const rows = await database.rows(
        'SELECT count(*) AS n, sum(i) AS sum, sum(i::HUGEINT) AS huge FROM range(5) t(i)',
      )
      expect(rows).toEqual([{ n: 5, sum: 10, huge: 10 }])
    })
  })
})

describe('translateError', () => {
  it('knows a full disk in all of the words that DuckDB has for it', () => {
    const messages = [
      'IO Error: Could not write file "/run/.t.tmp-1/t": No space left on device',
      'IO Error: Could not write all bytes to file "/run/.t.tmp-1/t": wanted=1024 wrote=512',
      "Out of Memory Error: failed to offload data block of size 256.0 KiB (1.0 GiB/1.0 GiB used).\nThis limit was set by the 'max_temp_directory_size' setting.",
    ]
    for (const message of messages) {
      const error = translateError(new Error(message), undefined, '/run/t')
      expect(error).toBeInstanceOf(DataError)
      expect((error as Error).message).toMatch(/no space left .*\/run\/t;/)
    }
  })

  it('leaves a bug what it is', () => {
    const bug = new TypeError('x is not a function')
    expect(translateError(bug)).toBe(bug)
    const wrong = new Error('Binder Error: no such column')
    expect(translateError(wrong)).toBe(wrong)
  })
})
