/** `sis predict`: score the sequences of a run and decide the threshold τ, or score a file with any model. */
import { existsSync, statSync } from 'node:fs'
import { extractSchema, importSchema, sequencesSchema, sourceSchema } from '../../run/config/configSchema.ts'
import { ConfigError } from '../../base/errors.ts'
import { openRun } from '../../run/record/openRun.ts'
import { predictRun } from '../../run/pipeline.ts'
import { scoreFile } from '../../run/scoreFile.ts'
import { chooseThreads } from '../../run/config/threads.ts'
import type { Arguments, Command, CommandEnvironment } from '../command.ts'
import { flagsOf, importOptionsOf, overridesOf, parseFlags } from '../flags.ts'

const flags = flagsOf(extractSchema)
const fileFlags = {
  ...flagsOf(importSchema),
  genome: flagsOf(sourceSchema)['genome']!,
  centre: flagsOf(sourceSchema)['centre']!,
  length: {
    ...flagsOf(sequencesSchema)['length']!,
    description: 'bases of a BED window, where the model takes any length',
  },
}

export const predictCommand: Command = {
  usage: 'predict <model> [sequences]',
  summary: 'score the sequences of a run and decide the threshold τ; or score a file with any model, as TSV',
  positionals: {
    model: {
      type: 'string',
      description: 'run directory; with sequences, a model file or a directory of one',
    },
    sequences: { type: 'string', description: 'FASTA file, or BED file with --genome' },
  },
  flags: { ...flags, ...fileFlags },
  examples: [
    ['sis predict run --quantile 0.95', 'all models of a run'],
    ['sis predict model.onnx peaks.fa > scores.tsv', 'any model, any file'],
  ],
  async run(argv, environment) {
    if (argv['sequences'] === undefined) {
      const stray = Object.keys(fileFlags).find((flag) => argv[flag] !== undefined)
      if (stray !== undefined) {
        throw new ConfigError(`--${stray} is for scoring a file: sis predict <model> <sequences>`)
      }
      const model = argv['model'] as string
      if (existsSync(model) && statSync(model).isFile()) {
        throw new ConfigError(
          `${model} is a file, not a run; say what it shall score: sis predict ${model} <sequences>`,
        )
      }
      await predictRun(await openRun(model, overridesOf(argv, flags, 'extract'), environment))
      return
    }
    refuseSwapped(argv['model'] as string, argv['sequences'] as string)
    await scoreWith(argv, environment)
  },
}

/** @throws ConfigError where the model comes second */
function refuseSwapped(model: string, sequences: string): void {
  const isModel = (path: string): boolean => /\.(onnx|h5|hdf5|keras)$/.test(path)
  if (isModel(sequences) && !isModel(model)) {
    throw new ConfigError(`the model comes first: sis predict ${sequences} ${model}`)
  }
}

/** Of the flags of `extract`, those that say how a model is run. */
const runtimeFlags = ['background', 'batch-size', 'device', 'threads']

async function scoreWith(argv: Arguments, environment: CommandEnvironment): Promise<void> {
  const stray = Object.keys(flags).find((flag) => argv[flag] !== undefined && !runtimeFlags.includes(flag))
  if (stray !== undefined)
    throw new ConfigError(`--${stray} is for the sequences of a run: sis predict <dir>`)
  const given = Object.fromEntries(runtimeFlags.map((flag) => [flag, argv[flag]]))
  const { background, device, 'batch-size': batchSize, threads } = parseFlags(extractSchema, given)
  await scoreFile({
    sequences: argv['sequences'] as string,
    genome: argv['genome'] as string | undefined,
    centre: parseFlags(sourceSchema, { centre: argv['centre'] }).centre,
    model: argv['model'] as string,
    modelOptions: { ...importOptionsOf(argv), length: argv['length'] as number | undefined },
    settings: { background, device, batchSize, threads: chooseThreads(threads).threads },
    ...environment,
  })
}
