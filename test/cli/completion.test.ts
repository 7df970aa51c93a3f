/** What a shell is told at each key, and that bash takes the script. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runSis, temporaryDirectory } from './runSis.ts'

async function proposed(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runSis(['--get-yargs-completions', 'sis', ...words])
  expect(code, stderr).toBe(0)
  return stdout.split('\n').slice(0, -1)
}

describe('completion', () => {
  it('proposes commands, flags and choices', async () => {
    expect(await proposed('ex')).toEqual(expect.arrayContaining(['extract', 'export', 'help', 'completion']))
    expect(await proposed('run', 'x.yaml', '--')).toEqual(
      expect.arrayContaining(['--out', '--dry-run', '--set']),
    )
    expect(await proposed('export', 'run', '--as', '')).toEqual(
      expect.arrayContaining(['bed', 'gff3', 'meme']),
    )
    expect(await proposed('export', 'run', '--as', 'g')).toEqual(['gff3'])
  })

  it('proposes the models and motifs of the run that is typed', async () => {
    const run = join(temporaryDirectory(), 'run')
    mkdirSync(run)
    writeFileSync(join(run, 'config.yaml'), 'models: [{ name: cnn }, { name: fc }]\n')
    writeFileSync(join(run, 'motifs.meme'), 'MEME version 4\n\nMOTIF cnn_1 CTCF\nMOTIF fc_1\n')
    expect(await proposed('export', run, '--model', '')).toEqual(['cnn', 'fc'])
    expect(await proposed('extract', run, '--only', 'c')).toEqual(['cnn', 'fc'])
    expect(await proposed('export', join(run, 'none'), '--model', '')).toEqual([])
    writeFileSync(join(run, 'config.yaml'), 'models: [')
    expect(await proposed('export', run, '--model', '')).toEqual([])
  })

  it('prints a script that bash reads', async () => {
    const { stdout } = await runSis(['completion'])
    expect(stdout).toContain('--get-yargs-completions')
    const { status, stderr } = spawnSync('bash', ['-n'], { input: stdout, encoding: 'utf8' })
    expect(status, stderr).toBe(0)
  })
})

describe('help', () => {
  it('of a command is what its --help prints', async () => {
    const { stdout } = await runSis(['help', 'run'])
    expect(stdout).toContain('sis run <config>')
    expect(stdout).toContain('--dry-run')
  })

  it('without one is what the program prints without arguments', async () => {
    expect((await runSis(['help'])).stdout).toBe((await runSis([])).stdout)
  })

  it('suggests the command that was meant', async () => {
    const { code, stderr } = await runSis(['help', 'exprot'])
    expect(code).toBe(2)
    expect(stderr).toBe("sis: there is no command 'exprot'; did you mean 'export'?\n")
  })
})
