/** `sis logic DIR`: which motifs together make up the subsets, and how they lie to each other. */
import { logicRun } from '../../run/pipeline.ts'
import { openRun } from '../../run/record/openRun.ts'
import type { Command } from '../command.ts'

export const logicCommand: Command = {
  usage: 'logic <dir>',
  summary: 'which motifs together are enough, how they lie to each other, what each scores alone',
  positionals: { dir: { type: 'string', description: 'run directory' } },
  flags: {},
  async run(argv, environment) {
    await logicRun(await openRun(argv['dir'] as string, {}, environment))
  },
}
