/** `sis compare DIR`: compare what the models of a run have learnt. */
import { openRun } from '../../run/record/openRun.ts'
import { compareRun } from '../../run/pipeline.ts'
import type { Command } from '../command.ts'

export const compareCommand: Command = {
  usage: 'compare <dir>',
  summary: 'compare what the models of a run have learnt',
  positionals: { dir: { type: 'string', description: 'run directory' } },
  flags: {},
  async run(argv, environment) {
    await compareRun(await openRun(argv['dir'] as string, {}, environment))
  },
}
