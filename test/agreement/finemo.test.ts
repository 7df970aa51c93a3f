/** Sites in the columns of finemo's hits.tsv: by its own table of them and its reader, skipped where Python lacks it (PyPI: finemo==0.41). */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { instanceTables, selectInstances } from '../../src/run/export/instances.ts'
import { instanceText } from '../../src/run/export/instanceText.ts'
import { withTables } from '../../src/store/withTables.ts'
import { randomExport, writeExportTables } from '../run/exportTables.ts'
import { temporaryDirectory } from '../store/fixtures.ts'
import { describeAgainst, runPython } from './python.ts'

async function hitsFile(): Promise<{ path: string; text: string }> {
  const directory = await temporaryDirectory()
  await writeExportTables(directory, randomExport(1).tables)
  const text = await withTables(directory, instanceTables, async (database) => {
    await selectInstances(database, { coordinates: 'genome', allParts: false }, (name) => name)
    const pieces: string[] = []
    for await (const piece of instanceText(database, 'finemo')) pieces.push(piece)
    return pieces.join('')
  })
  const path = join(directory, 'hits.tsv')
  writeFileSync(path, text)
  return { path, text }
}

describe('hits as finemo has them', () => {
  it('are the sites of motifs on the genome, with the kept bases as importance', async () => {
    const [header, ...lines] = (await hitsFile()).text.trimEnd().split('\n')
    const columns = header!.split('\t')
    expect(lines.length).toBeGreaterThan(100)
    for (const line of lines) {
      const hit = Object.fromEntries(line.split('\t').map((value, i) => [columns[i]!, value]))
      expect(['cnn_1', 'fc_1']).toContain(hit['motif_name'])
      expect(Number(hit['end'])).toBeGreaterThan(Number(hit['start']))
      expect(hit['hit_importance']).toBe('2') // of C-G
      expect(hit['peak_name']).toBe(`peak ${hit['peak_id']}`)
    }
  })
})

describeAgainst('finemo', 'hits read by finemo', () => {
  it('have its columns in its order, and no value that it cannot read', async () => {
    const { path, text } = await hitsFile()
    const program = `
import importlib.util, json, os, sys
# The package imports torch, which its reader does without.
folder = importlib.util.find_spec('finemo').submodule_search_locations[0]
spec = importlib.util.spec_from_file_location('data_io', os.path.join(folder, 'data_io.py'))
data_io = importlib.util.module_from_spec(spec)
spec.loader.exec_module(data_io)
hits = data_io.load_hits(json.load(sys.stdin))
json.dump({'columns': list(data_io.HITS_DTYPES), 'read': hits.columns, 'rows': hits.rows()}, sys.stdout)
`
    const answer = (await runPython(program, path)) as {
      columns: string[]
      read: string[]
      rows: (string | number | null)[][]
    }
    const [header, ...lines] = text.trimEnd().split('\n')
    expect(header!.split('\t')).toEqual(answer.columns)
    expect(answer.read).toEqual(expect.arrayContaining(answer.columns))
    expect(answer.rows).toHaveLength(lines.length)
    for (const [i, line] of lines.entries()) {
      for (const [at, value] of line.split('\t').entries()) {
        const theirs = answer.rows[i]![answer.read.indexOf(answer.columns[at]!)]
        if (typeof theirs === 'number') expect(theirs).toBeCloseTo(Number(value), 4)
        else expect(theirs).toBe(value)
      }
    }
  }, 120_000)
})
