/** `sis batch` checks all samples of a sheet at once and writes nothing where one has a fault. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'
import { writeSheet } from './tinySamples.ts'

const directory = temporaryDirectory()
const batch = join(directory, 'batch')
let sheet: string

async function sis(...args: string[]): Promise<string> {
  const result = await runSis(args)
  expect(result.code, result.stderr).toBe(0)
  return result.stdout
}

beforeAll(() => {
  sheet = writeSheet(directory, 2).sheet
})

describe('sis batch', () => {
  it('writes configs and prints the two commands', async () => {
    const stdout = await sis('batch', sheet, '--shards', '2', '--write', batch)
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^snakemake --snakefile \S+\/pipelines\/Snakefile --directory \S+ --profile \S+/)
    expect(lines[1]).toMatch(/^bash \S+\/pipelines\/slurm\.sh \S+$/)
    for (const path of lines.join(' ').match(/\/\S+pipelines\/\S+/g)!) expect(existsSync(path)).toBe(true)
    const written = JSON.parse(readFileSync(join(batch, 'batch.json'), 'utf8')) as {
      shards: number
      samples: { name: string; models: string[]; key: string; resources: Record<string, unknown> }[]
    }
    expect(written.shards).toBe(2)
    expect(written.samples.map(({ name, models }) => [name, models])).toEqual([
      ['s1', ['cnn', 'fc']],
      ['s2', ['cnn', 'fc']],
    ])
    expect(new Set(written.samples.map(({ key }) => key)).size).toBe(2)
    expect(Object.keys(written.samples[0]!.resources)).toContain('extract')
    expect(readFileSync(join(batch, 'configs/s2.yaml'), 'utf8')).toMatch(/^seed: 2$/m)
  })

  it('takes inputs, models and overrides from columns', async () => {
    writeFileSync(join(directory, 'p.fa'), '>a\nACGTACGTAC\n')
    const file = join(directory, 'own.tsv')
    const [columns, cells] = [
      ['sample', 'positives', 'shuffles', 'models', 'extract.quantile', 'sequences.length'],
      ['x', 'p.fa', '2', 'cnn fc', '0.8', ''],
    ]
    writeFileSync(file, [columns, cells].map((row) => row.join('\t')).join('\n'))
    await sis('batch', file, '--write', join(directory, 'own'))
    const text = readFileSync(join(directory, 'own/configs/x.yaml'), 'utf8')
    expect(text).toContain(`positives: ${join(directory, 'p.fa')}`)
    expect(text).toMatch(/shuffles: 2\b/)
    expect(text).toMatch(/quantile: 0.8\b/)
  })

  it('says all that is wrong at once, and writes nothing', async () => {
    const file = join(directory, 'bad.tsv')
    const rows = [
      ['sample', 'config', 'positives', 'extract.quantile', 'models'],
      ['a', 'tiny.yaml', '', '1.5', ''],
      ['b', 'gone.yaml', '', '', ''],
      ['c', '', 'gone.fa', '', ''],
      ['d', 'tiny.yaml', '', '', ''],
      ['d', 'tiny.yaml', '', '', ''],
      ['e/f', 'tiny.yaml', '', '', ''],
      ['g', '', '', '', ''],
      ['h', 'tiny.yaml', '', '', 'no-such-net'],
    ]
    writeFileSync(file, rows.map((row) => row.join('\t')).join('\n'))
    const home = join(directory, 'bad')
    const { code, stderr } = await runSis(['batch', file, '--write', home])
    expect(code).toBe(3)
    expect(stderr).toContain('7 faults, and nothing is written')
    for (const part of [
      `${file}:2: extract.quantile`,
      'gone.yaml: no such file',
      `${file}:4: sample 'c'`,
      `${file}:6: sample 'd' is on line 5 already`,
      `${file}:7: the sample's name 'e/f'`,
      `${file}:8: gives neither a config nor sequences`,
      `${file}:9: sample 'h'`,
    ]) {
      expect(stderr).toContain(part)
    }
    expect(existsSync(home)).toBe(false)
  })

  it.each([
    ['sample,config\nx,y', "has no column 'sample'; columns are separated by tabs"],
    ['sample\textract.quantil\nx\t1', "there is no column 'extract.quantil'"],
    ['sample\tconfig\n', 'has no samples'],
    ['', 'is empty'],
  ])('refuses a sheet that is none: %j', async (text, message) => {
    const file = join(directory, 'none.tsv')
    writeFileSync(file, text)
    const { code, stderr } = await runSis(['batch', file, '--write', join(directory, 'none')])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
