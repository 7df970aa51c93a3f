/** What a user of the terminal sees of runs, and what a shell completes. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { runx1Grammar } from '../run/runx1Grammar.ts'
import { runSis, temporaryDirectory } from './runSis.ts'

const directory = temporaryDirectory()
const run = join(directory, 'some', 'run')
const configFile = join(directory, 'config.yaml')
const config = `
seed: 5
sequences: { sources: [{ simulate: grammar.yaml }] }
train: { epochs: 10, patience: 10, batch-size: 32, learning-rate: 0.01 }
models:
  - name: scanner
    layers: [{ conv1d: { filters: 16, kernel-size: 8, activation: relu } }, global-max-pool]
extract: { quantile: 0.6, max-sis: 3 }
report: { title: Runs of the night }
`

async function out(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runSis(args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

/** Every file with its time and size, and every folder. */
function tree(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { mtimeMs, size } = statSync(join(path, name))
      return `${name} ${mtimeMs} ${size}`
    })
}

beforeAll(() => {
  // Whatever shell runs the tests.
  vi.stubEnv('SHELL', '/bin/bash')
  vi.stubEnv('ZSH_NAME', undefined)
  vi.stubEnv('COLUMNS', undefined)
  vi.stubEnv('FORCE_COLOR', '0')
  writeFileSync(join(directory, 'grammar.yaml'), runx1Grammar(24, 200))
  writeFileSync(configFile, config)
})

describe('--dry-run', () => {
  it('of a run that is not there makes nothing, not even its folder', async () => {
    const before = tree(directory)
    const text = await out('run', configFile, '--out', run, '--dry-run')
    expect(tree(directory)).toEqual(before)
    expect(text).toContain('which is not there yet')
    expect(text).toMatch(/^train\.scanner +runs +it has not run +models\/scanner$/m)
    expect(text).toContain('9 of 9 stages would run; nothing was written.')
  })
})

describe('a finished run', () => {
  beforeAll(async () => {
    const { code, stderr } = await runSis(['run', configFile, '--out', run])
    expect(code, stderr).toBe(0)
  }, 120_000)

  it('is foreseen as run does it', async () => {
    const before = tree(directory)
    expect(await out('run', configFile, '--out', run, '--dry-run')).toContain('0 of 9 stages would run;')
    const text = await out('run', run, '--dry-run', '--set', 'extract.max-sis=1')
    expect(tree(directory)).toEqual(before)
    expect(text).toMatch(/^predict\.scanner +up to date$/m)
    expect(text).toMatch(/^extract\.scanner +runs +other settings: max-sis +tables\/sis$/m)
    expect(text).toMatch(/^cluster +perhaps +if extract\.scanner writes something new/m)
    expect(await out('run', run, '--dry-run', '--force')).toContain('9 of 9 stages would run')
  })

  it('is shown with its models, motifs and sequences', async () => {
    const text = await out('show', run)
    expect(text).toMatch(/^Runs of the night\n/)
    expect(text).toMatch(/^state +up to date$/m)
    expect(text).toMatch(/^scanner_1 .*\n +[▁▂▃▄▅▆▇█ ]+$/m)
    const model = await out('show', run, '--model', 'scanner')
    expect(model).toMatch(/^decision +score ≥ τ = /m)
    const motif = await out('show', run, '--motif', 'scanner_1', '--limit', '3')
    expect(motif).toMatch(/^Best sites \(3 of \d+\)$/m)
    const sites = JSON.parse(
      await out('show', run, '--motif', 'scanner_1', '--limit', '1', '--format', 'json'),
    ) as { sites: { sequence: string; siteStart: number; letters: string }[] }
    const { sequence: name, letters } = sites.sites[0]!
    const sequence = await out('show', run, '--sequence', name)
    expect(sequence).toContain('certified, 1-minimal')
    expect(sequence).toMatch(/^planted /m)
    expect(letters).toMatch(/^[ACGT]+$/)
  })

  it.each([
    [['--motif', 'scaner_1'], /^sis: --motif scaner_1: the run has no such motif; it has 'scanner_1'/],
    [['--model', 'x\u001b[2J'], /^sis: --model x \[2J: the run has no such model; it has 'scanner'\n$/],
    [['--sequence', 'nope'], /^sis: --sequence nope: the run has no such sequence; did you mean '/],
    [['--motif', 'a', '--model', 'b'], /^sis: --model and --motif are two views; give one\n$/],
    [['--limit', '0'], /^sis: --limit must be a number above 0, not 0\n$/],
  ])('has nothing called %j', async (flags, message) => {
    const { code, stderr } = await runSis(['show', run, ...flags])
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })

  it('is listed, and what is damaged beside it ends nothing', async () => {
    const broken = join(directory, 'broken')
    mkdirSync(broken)
    writeFileSync(join(broken, 'config.yaml'), readFileSync(join(run, 'config.yaml')))
    writeFileSync(join(broken, 'run.json'), '{ "arguments": ')
    const text = await out('list', directory)
    expect(text).toMatch(
      /some\/run +Runs of the night +\d+ \w+ \d{4}, \d\d:\d\d UTC +scanner +\d+ +finished$/m,
    )
    expect(text).toMatch(/broken +– +– +– +damaged$/m)
    expect(text.replace(/\s+/g, ' ')).toContain('run.json: is damaged')
    expect(await out('list', join(directory, 'some', 'run'))).toContain('finished')
    expect((await runSis(['list', join(directory, 'none')])).code).toBe(2)
  })

  it('gives a shell its names', async () => {
    const completed = async (...words: readonly string[]): Promise<string[]> =>
      (await out('--get-yargs-completions', ...words)).split('\n').slice(0, -1)
    expect(await completed('sis', 'sh')).toEqual(['show'])
    expect(await completed('sis', '')).toEqual(expect.arrayContaining(['run', 'query', 'completion', 'help']))
    expect(await completed('sis', 'help', 'ex')).toContain('extract')
    expect(await completed('sis', 'show', run, '--m')).toEqual(['--model', '--motif'])
    expect(await completed('sis', 'show', run, '--model', '')).toEqual(['scanner'])
    expect(await completed('sis', 'show', run, '--motif', '')).toContain('scanner_1')
    expect(await completed('sis', 'export', run, '--as', 'g')).toEqual(['gff3'])
    expect(await completed('sis', 'run', '')).toEqual([]) // files: the shell's own
    const here = process.cwd()
    process.chdir(directory)
    try {
      expect(await completed('sis', 'show', 'so')).toEqual(['some/run'])
    } finally {
      process.chdir(here)
    }
  })
})

/** Each takes the script at `completion`, and prints what it offers for the words after it, the last one begun. */
const shells = {
  bash: `source completion; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sis_yargs_completions; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: `compdef() { : }; _describe() { print -l $reply }; _default() { print FILES }
    source ./completion; words=("$@"); CURRENT=$#; _sis_yargs_completions`,
  fish: `source completion; complete -C "$argv"`,
}

describe('sis completion', () => {
  it.each(Object.entries(shells))(
    'completes words in %s, where that is installed',
    async (shell, program) => {
      const has = spawnSync(shell, ['--version']).error === undefined
      vi.stubEnv('SHELL', `/usr/bin/${shell}`)
      const script = await out('completion')
      vi.stubEnv('SHELL', '/bin/bash')
      expect(script).toContain('--get-yargs-completions')
      if (!has) {
        expect(shell, 'every system with these tests has bash').not.toBe('bash')
        return
      }
      const folder = join(directory, shell)
      mkdirSync(folder)
      writeFileSync(join(folder, 'completion'), script)
      writeFileSync(join(folder, 'genome.fa'), '')
      const root = resolve(import.meta.dirname, '../..')
      const main = join(folder, 'main.mjs')
      writeFileSync(
        main,
        `import { runProcess } from ${JSON.stringify(join(root, 'src/cli/process.ts'))}\nawait runProcess()\n`,
      )
      const tsx = join(root, 'node_modules/tsx/dist/esm/index.mjs')
      writeFileSync(join(folder, 'sis'), `#!/bin/sh\nexec node --import '${tsx}' '${main}' "$@"\n`)
      chmodSync(join(folder, 'sis'), 0o755)
      const offered = (...words: readonly string[]): string[] => {
        const args = shell === 'bash' || shell === 'zsh' ? ['-c', program, shell] : ['-c', program]
        const env = { ...process.env, PATH: `${folder}:${process.env['PATH']!}`, HOME: folder }
        return execFileSync(shell, [...args, ...words], { cwd: folder, env, encoding: 'utf8' })
          .split('\n')
          .filter((line) => line !== '')
      }
      expect(offered('sis', 'show', run, '--motif', '')).toContain('scanner_1')
      // Files are the shell's own: bash is told so by `complete -o default`, which only the key asks for.
      const files = { bash: [], zsh: ['FILES'], fish: ['genome.fa'] }
      expect(offered('sis', 'scan', run, 'ge')).toEqual(files[shell as keyof typeof shells])
    },
    60_000,
  )
})

describe('sis help', () => {
  /** yargs prints help itself. */
  async function help(...args: readonly string[]): Promise<string> {
    let text = ''
    const log = vi.spyOn(console, 'log').mockImplementation((line: string) => {
      text += line
    })
    const { code } = await runSis(args)
    log.mockRestore()
    expect(code).toBe(0)
    return text
  }

  it('is what --help says', async () => {
    const text = await help('help', 'extract')
    expect(text).toContain('sis extract <dir>')
    expect(text).toBe(await help('extract', '--help'))
    expect(await help('help')).toBe(await help('--help'))
    expect(await help('help')).toContain('sis show')
  })

  it('suggests the nearest command', async () => {
    const { code, stderr } = await runSis(['help', 'extrct'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "sis: there is no command 'extrct'; did you mean 'extract'?\n",
    })
  })
})
