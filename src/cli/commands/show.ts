/** `sis show DIR`: a run, or one model, motif or sequence of it, in the terminal. */
import { ConfigError } from '../../base/errors.ts'
import { showFormats, showRun, type ShowOptions } from '../../run/show/showRun.ts'
import type { Command } from '../command.ts'

export const showCommand: Command = {
  usage: 'show <dir>',
  summary:
    'show a run in the terminal: models, motifs, what decisions rest on; or one model, motif or sequence',
  positionals: { dir: { type: 'string', description: 'run directory' } },
  flags: {
    model: { type: 'string', requiresArg: true, description: 'all about this model' },
    motif: {
      type: 'string',
      requiresArg: true,
      description: 'all about this motif: its logos, matches and sites',
    },
    sequence: { type: 'string', requiresArg: true, description: "this sequence with every model's SIS" },
    limit: { type: 'number', requiresArg: true, default: 10, description: 'the most motifs, sets and sites' },
    format: { choices: showFormats, default: 'text', description: 'text, or the facts that it tells' },
  },
  examples: [
    ['sis show run', 'the run'],
    ['sis show run --motif cnn_1', 'one of its motifs'],
    ['sis show run --sequence peak_17', 'one of its sequences, kept bases in the colours of their motifs'],
  ],
  async run(argv, environment) {
    const views = ['model', 'motif', 'sequence'].filter((flag) => argv[flag] !== undefined)
    if (views.length > 1) throw new ConfigError(`--${views[0]} and --${views[1]} are two views; give one`)
    const limit = argv['limit'] as number
    if (!Number.isInteger(limit) || limit < 1)
      throw new ConfigError(`--limit must be a number above 0, not ${limit}`)
    await showRun(
      argv['dir'] as string,
      {
        model: argv['model'] as string | undefined,
        motif: argv['motif'] as string | undefined,
        sequence: argv['sequence'] as string | undefined,
        limit,
        format: argv['format'] as ShowOptions['format'],
      },
      environment,
    )
  },
}
