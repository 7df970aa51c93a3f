/** Files of a run that are not as the stage before left them are refused, by name and with the command that mends it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'
import { runx1Grammar } from './runx1Grammar.ts'

const directory = temporaryDirectory()
const run = join(directory, 'run')
const table = join(run, 'tables/sequences/all.parquet')
const record = join(run, 'stages/prepare.json')
let intact: { readonly table: Buffer; readonly record: Buffer }

beforeAll(async () => {
  writeFileSync(join(directory, 'grammar.yaml'), runx1Grammar(24, 20))
  const made = await runSis(['prepare', run, '--simulate', join(directory, 'grammar.yaml')])
  expect(made.code, made.stderr).toBe(0)
  intact = { table: readFileSync(table), record: readFileSync(record) }
})

beforeEach(() => {
  writeFileSync(table, intact.table)
  writeFileSync(record, intact.record)
})

describe('a run', () => {
  it('is merged as it is', async () => {
    expect(await runSis(['merge', run])).toMatchObject({ code: 0 })
  })

  it('names a table with a flipped bit, and what makes it again', async () => {
    const bytes = Buffer.from(intact.table)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(table, bytes)
    expect(await runSis(['merge', run])).toMatchObject({
      code: 3,
      stderr: `sis: ${table}: was damaged or changed after 'prepare' wrote it (other SHA-256); run 'sis prepare' again\n`,
    })
    expect(await runSis(['prepare', run])).toMatchObject({ code: 0 })
    expect(readFileSync(table).equals(intact.table)).toBe(true)
    expect(await runSis(['merge', run])).toMatchObject({ code: 0 })
  })

  it('names a record that is no JSON', async () => {
    writeFileSync(record, intact.record.subarray(0, intact.record.length >> 1))
    expect(await runSis(['merge', run])).toMatchObject({
      code: 3,
      stderr: `sis: ${record}: is damaged: it is not JSON; remove it and run 'sis prepare' again\n`,
    })
  })

  it('names a database that is damaged', async () => {
    expect(await runSis(['merge', run])).toMatchObject({ code: 0 })
    const database = join(run, 'sis.duckdb')
    const bytes = readFileSync(database)
    bytes.fill(0, 4096, bytes.length)
    writeFileSync(database, bytes)
    const { code, stderr } = await runSis(['query', run, 'FROM sequences'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^sis: .*sis\.duckdb: /)
    expect(stderr.trimEnd()).not.toContain('\n')
  })
})
