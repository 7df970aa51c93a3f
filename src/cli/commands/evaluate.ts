/** `sis evaluate DIR`: the scorecard of SIS and of the explanation methods beside them. */
import { evaluateSchema } from '../../run/config/explainSchemas.ts'
import { evaluateRun } from '../../run/pipeline.ts'
import { openRun } from '../../run/record/openRun.ts'
import { showScorecard } from '../../run/show/scorecardText.ts'
import type { Command } from '../command.ts'
import { flagsOf, overridesOf } from '../flags.ts'

const evaluateFlags = flagsOf(evaluateSchema)

export const evaluateCommand: Command = {
  usage: 'evaluate <dir>',
  summary: 'judge SIS and other methods by what their bases are enough for, and by the truth',
  positionals: {
    dir: { type: 'string', description: 'run directory with SIS, and attributions of sis explain' },
  },
  flags: evaluateFlags,
  examples: [
    ['sis evaluate run', 'how many of their best bases each method needs for the decision, beside SIS'],
    ['sis evaluate run --motif MA0139.2', 'and how far what they keep is from this known motif'],
  ],
  async run(argv, environment) {
    const overrides = overridesOf(argv, evaluateFlags, 'evaluate')
    const context = await openRun(argv['dir'] as string, overrides, environment)
    await evaluateRun(context)
    await showScorecard(context)
  },
}
