/** `sis compare DIR`: compare what the models of a run have learnt; of several finished runs, in a run directory of their own. */
import { createRun, openRun } from '../../run/record/openRun.ts'
import { ConfigError } from '../../base/errors.ts'
import { withDefault } from '../../run/config/schemaParts.ts'
import { comparisonOf } from '../../run/gather/comparisonConfig.ts'
import { compareRun, compareRuns } from '../../run/pipeline.ts'
import type { Command } from '../command.ts'

export const compareCommand: Command = {
  usage: 'compare <dir> [others..]',
  summary: 'compare what the models of a run, or of several finished runs, have learnt',
  positionals: {
    dir: { type: 'string', description: 'run directory' },
    others: { type: 'string', description: 'finished runs that it is compared with' },
  },
  flags: {
    out: {
      type: 'string',
      requiresArg: true,
      description: withDefault('run directory of the comparison of several runs', 'DIR-vs-OTHER'),
    },
  },
  examples: [
    ['sis compare run', 'the models of one run'],
    [
      'sis compare ctcf-a ctcf-b',
      'all models of two finished runs: joint motifs, shares, cross-sufficiency; report in ctcf-a-vs-ctcf-b',
    ],
  ],
  async run(argv, environment) {
    const first = argv['dir'] as string
    const others = (argv['others'] ?? []) as string[]
    const out = argv['out'] as string | undefined
    if (others.length === 0) {
      if (out !== undefined) throw new ConfigError('--out is for several runs: sis compare <dir> <other>')
      await compareRun(await openRun(first, {}, environment))
      return
    }
    const { path, config } = await comparisonOf([first, ...others], out, environment)
    await compareRuns(createRun(path, config, environment))
  },
}
