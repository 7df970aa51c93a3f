/**
 * Exported instances held to bedtools, which reads and sorts them and fetches the letters of their sites from the genome,
 * and to `sort`. Skipped where bedtools is absent.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bedChrom } from '../../src/io/features/bedFeatures.ts'
import { instanceText, type InstanceFormat } from '../../src/run/export/instanceText.ts'
import { instanceTables, selectInstances } from '../../src/run/export/instances.ts'
import { withTables } from '../../src/store/withTables.ts'
import { randomExport, writeExportTables } from '../run/exportTables.ts'
import { temporaryDirectory } from '../store/fixtures.ts'

const installed = spawnSync('bedtools', ['--version']).status === 0

function outputOf(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 1 << 28,
  })
  expect(status, stderr).toBe(0)
  return stdout
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

async function written(directory: string, format: InstanceFormat, coordinates: 'auto' | 'genome') {
  const path = join(directory, `${coordinates}.${format}`)
  await withTables(directory, instanceTables, async (database) => {
    await selectInstances(database, { coordinates, allParts: false }, bedChrom)
    let text = ''
    for await (const piece of instanceText(database, format)) text += piece
    writeFileSync(path, text)
  })
  return path
}

describe.skipIf(!installed)(installed ? 'bedtools' : 'bedtools (skipped: it is not installed)', () => {
  it.each([1, 2, 3])('sorts and reads what is exported as we do (%i)', async (seed) => {
    const directory = await temporaryDirectory()
    const { genome, tables } = randomExport(seed)
    await writeExportTables(directory, tables)
    const fasta = join(directory, 'genome.fa')
    writeFileSync(fasta, [...genome].map(([chrom, letters]) => `>${chrom}\n${letters}\n`).join(''))

    // Sequences of no genome, by their names, are among these.
    const bed = await written(directory, 'bed', 'auto')
    const lines = linesOf(outputOf('cat', [bed]))
    expect(lines.length).toBeGreaterThan(150)
    expect(linesOf(outputOf('sort', ['-k1,1', '-k2,2n', bed]))).toEqual(lines)
    const places = (text: string) => linesOf(text).map((line) => line.split('\t').slice(0, 2).join(':'))
    expect(places(outputOf('bedtools', ['sort', '-i', bed]))).toEqual(
      lines.map((line) => line.split('\t').slice(0, 2).join(':')),
    )
    expect(linesOf(outputOf('bedtools', ['sort', '-i', bed])).sort()).toEqual([...lines].sort())

    // Of every site on the genome the letters that the table has.
    const table = linesOf(outputOf('cat', [await written(directory, 'tsv', 'genome')])).map((line) =>
      line.split('\t'),
    )
    const column = (name: string) => table[0]!.indexOf(name)
    const keyOf = (facts: readonly (string | undefined)[]) => facts.join(' ')
    const key = ['model', 'sequence', 'rank', 'part'].map(column)
    const lettersOf = new Map(
      table
        .slice(1)
        .map((row) => [
          keyOf(key.map((i) => (i === column('sequence') ? row[i]!.replaceAll(' ', '%20') : row[i]))),
          row[column('letters')]!,
        ]),
    )
    const fetched = (path: string): string[] =>
      linesOf(outputOf('bedtools', ['getfasta', '-s', '-tab', '-fi', fasta, '-bed', path])).map(
        (line) => line.split('\t')[1]!,
      )
    const onGenome = await written(directory, 'bed', 'genome')
    const bedKeys = linesOf(outputOf('cat', [onGenome])).map((line) => keyOf(line.split('\t').slice(9, 13)))
    expect(bedKeys.length).toBeGreaterThan(150)
    expect(fetched(onGenome)).toEqual(bedKeys.map((one) => lettersOf.get(one)))

    const gff3 = await written(directory, 'gff3', 'genome')
    const gffKeys = linesOf(outputOf('cat', [gff3])).map((line) => {
      const facts = new Map(
        line
          .split('\t')[8]!
          .split(';')
          .map((fact) => fact.split('=') as [string, string]),
      )
      return keyOf(
        ['model', 'sequence', 'rank', 'part'].map((name) => facts.get(name)!.replaceAll(' ', '%20')),
      )
    })
    expect(gffKeys).toHaveLength(bedKeys.length)
    expect(fetched(gff3)).toEqual(gffKeys.map((one) => lettersOf.get(one)))
  })
})
