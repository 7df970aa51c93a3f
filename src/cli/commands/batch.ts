/** `sis batch SHEET`: writes and checks what the jobs of many samples run from; or sums up what they have found. */
import { ConfigError } from '../../base/errors.ts'
import { summarizeBatch } from '../../run/batch/summarizeBatch.ts'
import { writeBatch } from '../../run/batch/writeBatch.ts'
import type { Command } from '../command.ts'

const mostShards = 10_000

export const batchCommand: Command = {
  usage: 'batch <sheet>',
  summary: 'check many samples at once and write their configs, for jobs of a cluster',
  positionals: {
    sheet: {
      type: 'string',
      description:
        'TSV with a sample a line: sample, and config, models, keys of a source (positives, bed, …) or of a config (extract.quantile); with --summary a directory that sis batch wrote',
    },
  },
  flags: {
    shards: {
      type: 'number',
      default: 1,
      description: 'parts into which each extraction is divided, each a job',
    },
    write: { type: 'string', requiresArg: true, description: 'directory for configs, results and summary' },
    summary: {
      type: 'boolean',
      default: false,
      description: 'write summary.tsv and summary.html of all samples that are finished',
    },
  },
  examples: [
    ['sis batch samples.tsv --shards 16 --write batch', 'then run one of the two commands that it prints'],
    ['sis batch batch --summary', 'a table and a page of all samples'],
  ],
  async run(argv, environment) {
    const path = argv['sheet'] as string
    const [shards, home] = [argv['shards'] as number, argv['write'] as string | undefined]
    if (argv['summary'] === true) {
      if (home !== undefined)
        throw new ConfigError('--write goes with a sheet; --summary writes into the batch itself')
      await summarizeBatch(path, environment)
      return
    }
    if (!Number.isInteger(shards) || shards < 1 || shards > mostShards) {
      throw new ConfigError(`--shards ${shards}: must be a whole number from 1 to ${mostShards}`)
    }
    if (home === undefined) throw new ConfigError('--write is missing: the directory for configs and results')
    await writeBatch(path, { shards, home }, environment)
  },
}
