/** What is typed wrong ends with exit code 2 and one line that says what to type. */
import { expect, it } from 'vitest'
import { runSis } from './runSis.ts'

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
  [['extrct', 'run'], "there is no command 'extrct'; did you mean 'extract'?"],
])('sis %j', async (args, message) => {
  const { code, stderr } = await runSis(args)
  expect({ code, stderr }).toEqual({ code: 2, stderr: `sis: ${message}\n` })
})
