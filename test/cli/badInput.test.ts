/** Wrong usage and bad input: one clear line, the right exit code, nothing half-written. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { runSis, temporaryDirectory } from './runSis.ts'

const realData = process.env['SIS_REAL_DATA'] && resolve(process.env['SIS_REAL_DATA'])

/** Runs `sis prepare` on a new run directory beside the given files; arguments that name one become its path. */
async function prepare(files: Record<string, string | Buffer>, args: readonly string[]) {
  const cwd = temporaryDirectory()
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(cwd, name), contents)
  const paths = args.map((arg) =>
    /\.(fa|bed|tsv|bam)$/.test(arg) && !arg.startsWith('/') ? join(cwd, arg) : arg,
  )
  const result = await runSis(['prepare', join(cwd, 'run'), ...paths])
  return { ...result, message: result.stderr.trimEnd().split('\n').at(-1)!, cwd }
}

/** No file, neither whole nor half. */
function expectNothingWritten(cwd: string): void {
  const run = join(cwd, 'run')
  const entries = existsSync(run) ? readdirSync(run, { recursive: true, withFileTypes: true }) : []
  expect(entries.filter((entry) => entry.isFile()).map((entry) => entry.name)).toEqual([])
}

const sequence = 'ACGT'.repeat(5)

describe('bad input ends with exit code 3 and file:line', () => {
  const cases: [string, Record<string, string | Buffer>, string[], RegExp][] = [
    ['an empty file', { 'a.fa': '' }, ['--fasta', 'a.fa'], /a\.fa: .*empty/],
    [
      'a FASTA header without sequence',
      { 'a.fa': `>a\n${sequence}\n>b\n>c\n${sequence}\n` },
      ['--fasta', 'a.fa'],
      /a\.fa:3: sequence 'b'/,
    ],
    [
      'mixed lengths',
      { 'a.fa': `>a\n${sequence}\n>b\nACGT\n` },
      ['--fasta', 'a.fa'],
      /a\.fa:3: sequence 'b': .*4 bases.*--length/,
    ],
    [
      'a letter that is not IUPAC',
      { 'a.fa': `>a\nACGT\nACZT\n` },
      ['--fasta', 'a.fa'],
      /a\.fa:3: sequence 'a': .*Z/,
    ],
    [
      'a truncated gzip',
      { 'a.fa': gzipSync(`>a\n${sequence}\n`.repeat(1000)).subarray(0, 60) },
      ['--fasta', 'a.fa'],
      /a\.fa: .*(truncated|ends|cut)/,
    ],
    [
      'a missing label column',
      { 'a.tsv': `name\tseq\na\t${sequence}\n` },
      ['--table', 'a.tsv', '--label-columns', 'bound'],
      /a\.tsv:1: no label column 'bound'; the columns are 'name', 'seq'/,
    ],
    ['a file that is not there', {}, ['--fasta', 'none.fa'], /none\.fa/],
    [
      'a missing FASTA index',
      { 'g.fa': `>chr1\n${sequence}\n`, 'a.bed': 'chr1\t5\t9\n' },
      ['--bed', 'a.bed', '--genome', 'g.fa', '--length', '4'],
      /samtools faidx/,
    ],
    [
      'a BED interval outside the chromosome',
      {
        'g.fa': `>chr1\n${sequence}\n`,
        'g.fa.fai': 'chr1\t20\t6\t20\t21\n',
        'a.bed': 'chr1\t2\t9\nchr1\t15\t45\n',
      },
      ['--bed', 'a.bed', '--genome', 'g.fa', '--length', '4'],
      /a\.bed:2: .*outside/,
    ],
  ]
  it.each(cases)('%s', async (_, files, args, message) => {
    const result = await prepare(files, args)
    expect(result.message).toMatch(message)
    expect(result.code).toBe(3)
    expectNothingWritten(result.cwd)
  })

  it.skipIf(realData === undefined)('a letter Z in a real FASTA', async () => {
    const result = await prepare({}, ['--fasta', `${realData!}/genome/tangermeme/test.fa`, '--length', '80'])
    expect(result.message).toMatch(/test\.fa:\d+: sequence 'chr5': .*Z/)
    expect(result.code).toBe(3)
  })

  it.skipIf(realData === undefined)('a truncated BAM', async () => {
    const folder = `${realData!}/genome/samtools-1000g`
    const bam = readFileSync(join(folder, 'mpileup.1.bam'))
    const result = await prepare(
      {
        'cut.bam': bam.subarray(0, bam.length >> 1),
        'cut.bam.bai': readFileSync(join(folder, 'mpileup.1.bam.bai')),
        'ref.fa': `>17\n${'ACGT'.repeat(1050)}\n`,
        'ref.fa.fai': '17\t4200\t4\t4200\t4201\n',
      },
      ['--bam', 'cut.bam', '--genome', 'ref.fa', '--length', '50'],
    )
    expect(result.message).toMatch(/cut\.bam: .*truncated/)
    expect(result.code).toBe(3)
    expectNothingWritten(result.cwd)
  })
})

describe('wrong usage ends with exit code 2 and a suggestion', () => {
  it.each([
    [['prepar'], /no command 'prepar'; did you mean 'prepare'\?/],
    [['prepare', '/nowhere/run', '--fsta', 'a.fa'], /'fsta'.*did you mean '--fasta'\?/],
    [['prepare', '/nowhere/run'], /sequences are needed/],
    [['extract', 'nowhere'], /not a run directory/],
    [['extract', 'nowhere', '--shard', '5/4'], /--shard 5\/4/],
    [['prepare', '/nowhere/run', '--split-by', 'moon', '--fasta', 'a.fa'], /split-by/],
    [['run'], /Not enough|config/],
  ])('%j', async (args, message) => {
    const { code, stderr, stdout } = await runSis(args)
    expect(stderr).toMatch(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  it('a bad value of a flag, which is not kept', async () => {
    const cwd = temporaryDirectory()
    const [fasta, run] = [join(cwd, 'a.fa'), join(cwd, 'run')]
    writeFileSync(fasta, `>a\n${sequence}\n>b\n${'AACC'.repeat(5)}\n`)
    expect(await runSis(['prepare', run, '--fasta', fasta])).toMatchObject({ code: 0 })
    const before = readFileSync(join(run, 'config.yaml'), 'utf8')
    const { code, stderr } = await runSis(['train', run, '--epochs', 'many'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'sis: --epochs must be a number, not NaN\n',
    })
    expect(await runSis(['train', run, '--epochs', '3'])).toMatchObject({ code: 3 }) // there are no labels
    expect(readFileSync(join(run, 'config.yaml'), 'utf8')).toBe(before)
  })

  it('a misspelt key of a config, with its line', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(
      join(cwd, 'c.yaml'),
      'sequences:\n  sources:\n    - fasta: a.fa\nextract:\n  quantil: 0.9\n',
    )
    const { code, stderr } = await runSis(['run', join(cwd, 'c.yaml')])
    expect(stderr).toBe(`sis: ${cwd}/c.yaml:5: unknown key 'quantil' in extract; did you mean 'quantile'?\n`)
    expect(code).toBe(2)
    expect(readdirSync(cwd)).toEqual(['c.yaml'])
  })
})
