/** `sis extract DIR`: finds and certifies sufficient input subsets, all or one shard of them. */
import { ConfigError } from '../../base/errors.ts'
import { extractSchema } from '../../run/config/configSchema.ts'
import { estimateExtract } from '../../run/estimate/estimateExtract.ts'
import { openRun } from '../../run/record/openRun.ts'
import { extractRun } from '../../run/pipeline.ts'
import type { Shard } from '../../run/stages/shards.ts'
import type { Command } from '../command.ts'
import { flagsOf, overridesOf } from '../flags.ts'

const extractFlags = flagsOf(extractSchema)

export const extractCommand: Command = {
  usage: 'extract <dir>',
  summary: 'find and certify sufficient input subsets',
  positionals: { dir: { type: 'string', description: 'run directory with trained models' } },
  flags: {
    shard: { type: 'string', requiresArg: true, description: 'k/n: do the k-th of n parts; then sis merge' },
    only: {
      type: 'array',
      string: true,
      requiresArg: true,
      description: 'explain just these models of the run',
    },
    estimate: {
      type: 'boolean',
      description:
        'only tell how long it may take, exactly and by batched gradients, from a trial of seconds',
    },
    ...extractFlags,
  },
  examples: [
    ['sis extract run --quantile 0.95', 'explain the sequences above the 95th percentile'],
    [
      'sis extract run --estimate --batch-features 20',
      'how long, exactly and approximately; extracts nothing',
    ],
    ['sis extract run --shard 3/16', 'one of sixteen parts, e.g. as a job of a cluster'],
  ],
  async run(argv, environment) {
    const overrides = overridesOf(argv, extractFlags, 'extract')
    const shard = argv['shard'] === undefined ? { index: 1, count: 1 } : parseShard(argv['shard'] as string)
    const context = await openRun(argv['dir'] as string, overrides, environment)
    const only = argv['only'] as string[] | undefined
    if (argv['estimate'] === true) await estimateExtract(context, shard, only)
    else await extractRun(context, shard, only)
  },
}

function parseShard(text: string): Shard {
  const match = /^([1-9]\d*)\/([1-9]\d*)$/.exec(text)
  const [index, count] = [Number(match?.[1]), Number(match?.[2])]
  if (match === null || index > count)
    throw new ConfigError(`--shard ${text}: write it as k/n with 1 ≤ k ≤ n, e.g. 3/16`)
  return { index, count }
}
