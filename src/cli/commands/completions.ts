/** `sis completions DIR`: how far sufficiency reaches beyond the mask: in real contexts, and in all of them where it is proved. */
import { completionsSchema } from '../../run/config/configSchema.ts'
import { completionsRun } from '../../run/pipeline.ts'
import { openRun } from '../../run/record/openRun.ts'
import type { Command } from '../command.ts'
import { flagsOf, overridesOf } from '../flags.ts'

const flags = flagsOf(completionsSchema)

export const completionsCommand: Command = {
  usage: 'completions <dir>',
  summary: 'try subsets in real contexts: how often, and whether always, they keep the decision',
  positionals: { dir: { type: 'string', description: 'run directory' } },
  flags: {
    only: {
      type: 'array',
      string: true,
      requiresArg: true,
      description: 'try the SIS of just these models of the run',
    },
    ...flags,
  },
  examples: [
    [
      'sis completions run',
      'shares with confidence intervals, proofs, and the fewest bases whose loss ends a decision',
    ],
    ['sis completions run --completions 1000 --fills shuffled', 'narrower intervals, of one kind of context'],
  ],
  async run(argv, environment) {
    const path = argv['dir'] as string
    const overrides = overridesOf(argv, flags, 'completions')
    const context = await openRun(path, overrides, environment)
    // From now on the run has completions: `sis run` keeps them up to date.
    const asked =
      context.config.completions === undefined
        ? await openRun(path, { completions: {} }, environment)
        : context
    await completionsRun(asked, argv['only'] as string[] | undefined)
  },
}
