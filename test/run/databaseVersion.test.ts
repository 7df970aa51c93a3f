/** A database is shown only with the tables of this version; otherwise the error names what is missing and what mends it. */
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { requireCurrentTables } from '../../src/run/record/databaseVersion.ts'
import { runDirectory } from '../../src/run/record/runDirectory.ts'
import { withDatabase } from '../../src/store/duckdb.ts'
import { createTable, createViews, tableNames } from '../../src/store/schema.ts'

/** What is said of a database after some changes to it. */
async function said(...changes: readonly string[]): Promise<string | undefined> {
  return withDatabase(undefined, {}, async (database) => {
    for (const name of tableNames) await database.run(createTable(name))
    for (const view of createViews) await database.run(view)
    for (const change of changes) await database.run(change)
    const error: unknown = await requireCurrentTables(database, runDirectory('old')).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (error === undefined) return undefined
    expect(error).toBeInstanceOf(DataError)
    return (error as DataError).message
  })
}

describe('the tables of a database', () => {
  it('are taken where they are those of this version, whatever else there is', async () => {
    expect(await said()).toBeUndefined()
    expect(
      await said('CREATE TABLE mine (x INTEGER)', 'ALTER TABLE model_logic ADD COLUMN more INTEGER'),
    ).toBe(undefined)
  })

  it('are named where they are missing, with the commands that make them', async () => {
    const message = await said('DROP TABLE part_scores')
    expect(message).toContain('sis.duckdb: was built by another version of sis')
    expect(message).toContain(
      "it has no table 'part_scores'; 'sis logic old', then 'sis compare old' makes it new",
    )
  })

  it('are named where a column is missing: the first stage decides what is run', async () => {
    const message = await said(
      'DROP TABLE part_scores',
      'ALTER TABLE sis_overlaps DROP COLUMN shared',
      'ALTER TABLE predictions RENAME COLUMN score TO value',
    )
    expect(message).toContain("it has no column 'score' in table 'predictions'")
    expect(message).toContain("'sis predict old', then 'sis extract old', then 'sis cluster old'")
  })
})
