/** What is typed wrong ends with exit code 2 and one line that says what to type. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runSis, temporaryDirectory } from './runSis.ts'

it.each([
  [['extract'], "an argument is missing; write it as 'sis extract <dir>', see 'sis extract --help'"],
  [['query', 'run'], "an argument is missing; write it as 'sis query <dir> <sql>', see 'sis query --help'"],
  [['extract', 'run', '--threads'], "--threads needs a value; see 'sis extract --help'"],
  [
    ['extract', 'run', '--engine', 'fast'],
    "--engine fast: it must be one of auto, incremental, naive; see 'sis extract --help'",
  ],
  [
    ['extract', 'run', '--engin', 'naive'],
    "unknown flag or argument 'engin' of 'sis extract'; did you mean '--engine'?",
  ],
  [['extract', 'run', '--threads', '1', '--threads', '2'], '--threads is given more than once'],
  [['extrct', 'run'], "there is no command 'extrct'; did you mean 'extract'?"],
])('sis %j', async (args, message) => {
  const { code, stderr } = await runSis(args)
  expect({ code, stderr }).toEqual({ code: 2, stderr: `sis: ${message}\n` })
})

it('keeps every --set, not the last alone', async () => {
  const config = join(temporaryDirectory(), 'config.yaml')
  writeFileSync(config, 'sequences: { sources: [{ fasta: some.fa }] }\n')
  const { code, stderr } = await runSis(['run', config, '--set', 'extract.max-sis=0', '--set', 'seed=2'])
  expect(stderr).toMatch(/^sis: --set extract\.max-sis must be above 0, not 0$/m)
  expect(code).toBe(2)
})
