/** Samples so small that all stages of one take seconds, and what must be the same whoever made it. */
import { createHash } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { withDatabase } from '../../src/store/duckdb.ts'

const root = resolve(import.meta.dirname, '../..')
export const program = join(root, 'bin/sis.js')

const grammar = `
length: 40
labels: [bound]
motifs:
  RUNX1: { consensus: TGTGGTTT }
classes:
  - name: positive
    count: 300
    labels: [1]
    elements: [{ motif: RUNX1 }]
  - name: negative
    count: 300
    labels: [0]
`

/** Two models; the selector of black boxes, which takes its time, so that a shard can be met while it works. */
const config = `
sequences: { sources: [{ simulate: grammar.yaml }] }
train: { epochs: 6, patience: 6, batch-size: 64, restarts: 0 }
models:
  - { name: cnn, architecture: cnn-small, learning-rate: 0.01 }
  - { name: fc, architecture: fc }
extract: { quantile: 0.85, splits: [train, valid, test], max-sis: 2, engine: naive, threads: 1 }
cluster: { known-motifs: ${join(root, 'data/motifs/consensus.meme')} }
`

/** @returns the path of a sheet of so many samples, which differ by their seeds, and of the config of all */
export function writeSheet(
  directory: string,
  samples: number,
): { sheet: string; config: string; names: string[] } {
  writeFileSync(join(directory, 'grammar.yaml'), grammar)
  writeFileSync(join(directory, 'tiny.yaml'), config)
  const names = Array.from({ length: samples }, (_, i) => `s${i + 1}`)
  const rows = names.map((name, i) => `${name}\ttiny.yaml\t${i + 1}`)
  const sheet = join(directory, 'sheet.tsv')
  writeFileSync(sheet, ['sample\tconfig\tseed', ...rows, ''].join('\n'))
  return { sheet, config: join(directory, 'tiny.yaml'), names }
}

/** @returns SHA-256 of the text of every table of a database, all rows in order */
export async function tableHashes(database: string): Promise<Record<string, string>> {
  return withDatabase(database, { readOnly: true }, async (db) => {
    const tables = await db.rows<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_type = 'BASE TABLE' ORDER BY name`,
    )
    const hashes: Record<string, string> = {}
    for (const { name } of tables) {
      const rows = await db.rows<{ row: string }>(
        `SELECT t::VARCHAR AS row FROM (FROM "${name}") AS t ORDER BY row`,
      )
      hashes[name] = createHash('sha256')
        .update(rows.map(({ row }) => row).join('\n'))
        .digest('hex')
    }
    return hashes
  })
}

/** @returns files and folders that work in progress leaves, below a directory */
export function leftBehind(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tmp-|\.partial$|\.failure$|\.spill/.test(name),
  )
}
