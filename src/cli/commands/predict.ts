/** `sis predict DIR`: score the sequences of a run and decide the threshold τ. */
import { extractSchema } from '../../run/configSchema.ts'
import { openRun } from '../../run/openRun.ts'
import { predictRun } from '../../run/pipeline.ts'
import type { Command } from '../command.ts'
import { flagsOf, overridesOf } from '../flags.ts'

const flags = flagsOf(extractSchema)

export const predictCommand: Command = {
  usage: 'predict <dir>',
  summary: 'score the sequences of a run and decide the threshold τ',
  positionals: { dir: { type: 'string', description: 'run directory' } },
  flags,
  async run(argv, environment) {
    await predictRun(await openRun(argv['dir'] as string, overridesOf(argv, flags, 'extract'), environment))
  },
}
