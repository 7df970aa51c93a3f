/** Every kind of value prints as itself in every format; what is wrong with a query is told in DuckDB's words. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/base/errors.ts'
import { withDatabase } from '../../src/store/duckdb.ts'
import { runQuery, type QueryFormat, type QueryOptions } from '../../src/store/query.ts'
import { temporaryDirectory } from './fixtures.ts'

let directory: string
let database: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sis-query-test-'))
  database = join(directory, 'sis.duckdb')
  await withDatabase(database, {}, async (opened) => {
    await opened.run('CREATE TABLE numbers AS SELECT i::INTEGER AS i FROM range(5000) t(i)')
  })
})

afterAll(() => rm(directory, { recursive: true }))

async function printed(sql: string, format: QueryFormat, options: QueryOptions = {}): Promise<string> {
  const output = new PassThrough()
  const received = text(output)
  await runQuery(database, sql, format, output, options)
  output.end()
  return received
}

const everyKind = `SELECT
  42::INTEGER AS int32, 9007199254740991::BIGINT AS exact, 9007199254740993::BIGINT AS wide,
  170141183460469231731687303715884105727::HUGEINT AS huge, 1.50::DECIMAL(9,2) AS decimal,
  0.1::REAL AS real, 0.1::DOUBLE AS double, 'NaN'::DOUBLE AS nan, true AS yes, NULL AS nothing,
  DATE '2024-02-29' AS date, TIMESTAMP '2024-02-29 12:00:00.5' AS time, INTERVAL 3 DAY AS span,
  [1, NULL, 3] AS list, [0.1::REAL] AS reals, [[1.5::DOUBLE], []] AS nested,
  {'a': 1, 'b': [2]} AS struct, MAP {'k': 1} AS map, 'a "q", b' AS letters, '' AS empty,
  '\\x00ff'::BLOB AS blob, '550e8400-e29b-41d4-a716-446655440000'::UUID AS uuid`

describe('JSON', () => {
  it('has numbers where they are exact and text where not', async () => {
    const [row] = JSON.parse(await printed(everyKind, 'json')) as [Record<string, unknown>]
    expect(row).toEqual({
      int32: 42,
      exact: 9007199254740991,
      wide: '9007199254740993',
      huge: '170141183460469231731687303715884105727',
      decimal: 1.5,
      real: 0.1,
      double: 0.1,
      nan: 'NaN',
      yes: true,
      nothing: null,
      date: '2024-02-29',
      time: '2024-02-29 12:00:00.5',
      span: '3 days',
      list: [1, null, 3],
      reals: [0.1],
      nested: [[1.5], []],
      struct: { a: 1, b: [2] },
      map: [{ key: 'k', value: 1 }],
      letters: 'a "q", b',
      empty: '',
      blob: expect.any(String) as string,
      uuid: '550e8400-e29b-41d4-a716-446655440000',
    })
  })

  it('is one array over many chunks, and empty for no rows', async () => {
    const rows = JSON.parse(await printed('FROM numbers ORDER BY i', 'json')) as { i: number }[]
    expect(rows.map((row) => row.i)).toEqual(Array.from({ length: 5000 }, (_, i) => i))
    expect(await printed('FROM numbers WHERE i < 0', 'json')).toBe('[]\n')
  })

  it('keeps columns of the same name apart', async () => {
    expect(JSON.parse(await printed('SELECT 1 AS x, 2 AS x', 'json'))).toEqual([{ x: 1, 'x:1': 2 }])
    const [row] = JSON.parse(await printed('SELECT 1 AS x, 2 AS x, 3 AS "x:1", 4 AS x', 'json')) as object[]
    expect(row).toEqual({ x: 1, 'x:2': 2, 'x:1': 3, 'x:3': 4 })
    const joined = 'SELECT a.i, b.i FROM numbers a JOIN numbers b ON b.i = a.i + 1 WHERE a.i = 7'
    expect(await printed(joined, 'csv')).toBe('i,i:1\n7,8\n')
    expect(await printed(joined, 'table', { width: 40 })).toMatch(/^i {2}i:1\n/)
  })
})

describe('CSV', () => {
  it('follows RFC 4180; NULL is nothing, the empty text is quoted', async () => {
    const sql = `SELECT 1 AS "a,b", 'x,"y"' AS q, E'two\\nlines' AS n, NULL AS z, '' AS e, [1, 2] AS l, 0.1::REAL AS r`
    expect(await printed(sql, 'csv')).toBe('"a,b",q,n,z,e,l,r\n1,"x,""y""","two\nlines",,"","[1,2]",0.1\n')
  })

  it('never prints an object as such', async () => {
    for (const format of ['csv', 'table'] as const) {
      const output = await printed(everyKind, format)
      expect(output).not.toContain('[object')
      expect(output).toContain('170141183460469231731687303715884105727')
      expect(output).toContain('2024-02-29')
    }
  })

  it('has its head alone for no rows', async () => {
    expect(await printed('FROM numbers WHERE i < 0', 'csv')).toBe('i\n')
  })
})

describe('the table', () => {
  it('is aligned, numbers to the right', async () => {
    expect(await printed("SELECT * FROM (VALUES (1, 'a'), (100, NULL)) t(number, name)", 'table')).toBe(
      'number  name\n──────  ────\n     1  a\n   100  NULL\n2 rows\n',
    )
  })

  it('elides what does not fit the width, widest first', async () => {
    const output = await printed("SELECT 7 AS id, range(100) AS positions, 'chr1' AS chrom", 'table', {
      width: 40,
    })
    const lines = output.split('\n')
    expect(lines.every((line) => line.length <= 40)).toBe(true)
    expect(lines[2]).toBe(' 7  [0,1,2,3,4,… 100 in all]  chr1')
  })

  it('has four digits, and on a terminal tells of long lists and matrices in short; CSV has all of it', async () => {
    const sql = `SELECT 0.123456789::DOUBLE AS score, 1234567 AS n, [0.123456, 2] AS pair, range(30) AS positions,
      [[0.25, 0.25, 0.25, 0.25], [0.7, 0.1, 0.1, 0.1], [0.7, 0.1, 0.1, 0.1]] AS ppm`
    const onTerminal = await printed(sql, 'table', { width: 200 })
    expect(onTerminal.split('\n')[2]).toBe('0.1235  1234567  [0.1235,2]  [0,1,2,3,4,… 30 in all]  [3 × 4]')
    const piped = await printed(sql, 'table')
    expect(piped).toContain('28,29]')
    expect(piped).toContain('[[0.25,0.25,0.25,0.25],[0.7,0.1,0.1,0.1],[0.7,0.1,0.1,0.1]]')
    expect(piped).toContain('0.1235 ')
    expect(await printed(sql, 'csv')).toContain('0.123456789,1234567,"[0.123456,2]","[0,1,2,3')
  })

  it('counts two columns for wide letters and shows no control characters', async () => {
    const output = await printed(
      `SELECT '配列' AS a, 1 AS b UNION ALL SELECT 'x' || chr(27) || '[31m', 2`,
      'table',
    )
    expect(output).toContain('配列    1')
    expect(output).not.toContain('\u001b')
  })

  it('says how many rows it leaves out', async () => {
    const output = await printed('FROM numbers', 'table', { maxRows: 3 })
    expect(output.split('\n')).toHaveLength(7)
    expect(output).toContain('5000 rows, the first 3 shown')
  })
})

describe('a file', () => {
  it('is Parquet that holds the rows, whatever ends the query', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory, 'out.parquet')
    await runQuery(
      database,
      "FROM numbers WHERE i > 4990 AND '--' = '--' /* ; */; -- the last",
      'parquet',
      path,
    )
    await withDatabase(undefined, {}, async (opened) => {
      expect(await opened.rows(`SELECT count(*) AS n, sum(i) AS sum FROM '${path}'`)).toEqual([
        { n: 9, sum: 44955 },
      ])
    })
    expect(await readdir(directory)).toEqual(['out.parquet'])
  })

  it('may hold CSV', async () => {
    const path = join(await temporaryDirectory(), 'out.csv')
    await runQuery(database, 'FROM numbers LIMIT 1', 'csv', path)
    expect(await readFile(path, 'utf8')).toBe('i\n0\n')
  })

  it('does not appear when the query fails', async () => {
    const directory = await temporaryDirectory()
    await expect(runQuery(database, 'SELECT no', 'parquet', join(directory, 'a'))).rejects.toThrow(
      ConfigError,
    )
    await expect(
      runQuery(database, "SELECT i/0, error('x') FROM numbers", 'csv', join(directory, 'b')),
    ).rejects.toThrow()
    expect(await readdir(directory)).toEqual([])
  })
})

describe('a query that is wrong', () => {
  it.each([
    ['SELEC 1', /syntax error at or near "SELEC"/],
    ['FROM number', /Did you mean "numbers"/],
    ['SELECT nope FROM numbers', /nope/],
    ["SELECT 'a'::INTEGER", /Could not convert string 'a'/],
    ['CREATE TABLE x (i INTEGER)', /read-only/],
    ['SELECT 1; SELECT 2', /2 statements/],
    [' ; -- nothing', /empty/],
  ])('%s', async (sql, message) => {
    const asked = printed(sql, 'table')
    await expect(asked).rejects.toThrow(ConfigError)
    await expect(asked).rejects.toThrow(message)
    const error: unknown = await asked.catch((caught: unknown) => caught)
    expect((error as Error).message).not.toContain('\n')
  })

  it('needs a file for Parquet', async () => {
    await expect(printed('FROM numbers', 'parquet')).rejects.toThrow('--out')
  })
})

describe('a database', () => {
  it('that is missing or none is named', async () => {
    const missing = join(await temporaryDirectory(), 'sis.duckdb')
    await expect(runQuery(missing, 'SELECT 1', 'csv')).rejects.toThrow(DataError)
    await expect(runQuery(missing, 'SELECT 1', 'csv')).rejects.toThrow(
      `${missing}: there is no such database`,
    )
    await expect(runQuery(import.meta.filename, 'SELECT 1', 'csv')).rejects.toThrow(/not a DuckDB database/)
  })
})
