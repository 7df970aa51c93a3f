/** `sis report DIR`: write report.html. */
import { reportSchema } from '../../run/config/configSchema.ts'
import { openRun } from '../../run/record/openRun.ts'
import { reportRun } from '../../run/pipeline.ts'
import type { Command } from '../command.ts'
import { flagsOf, overridesOf } from '../flags.ts'

const flags = flagsOf(reportSchema)

export const reportCommand: Command = {
  usage: 'report <dir>',
  summary: 'write report.html',
  positionals: { dir: { type: 'string', description: 'run directory' } },
  flags,
  async run(argv, environment) {
    await reportRun(await openRun(argv['dir'] as string, overridesOf(argv, flags, 'report'), environment))
  },
}
