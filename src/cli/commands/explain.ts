/** `sis explain DIR`: attributions by other explanation methods, of the sequences that SIS explain. */
import { explainSchema } from '../../run/config/configSchema.ts'
import { explainRun } from '../../run/pipeline.ts'
import { openRun } from '../../run/record/openRun.ts'
import type { Command } from '../command.ts'
import { flagsOf, overridesOf } from '../flags.ts'

const explainFlags = flagsOf(explainSchema)

export const explainCommand: Command = {
  usage: 'explain <dir>',
  summary: 'what other explanation methods say of the same sequences, beside SIS',
  positionals: { dir: { type: 'string', description: 'run directory with models that have scored' } },
  flags: {
    only: {
      type: 'array',
      string: true,
      requiresArg: true,
      description: 'explain just these models of the run',
    },
    ...explainFlags,
  },
  examples: [['sis explain run --methods occlusion --window 5', 'what masking five bases at a time takes']],
  async run(argv, environment) {
    const overrides = overridesOf(argv, explainFlags, 'explain')
    const context = await openRun(argv['dir'] as string, overrides, environment)
    await explainRun(context, argv['only'] as string[] | undefined)
  },
}
