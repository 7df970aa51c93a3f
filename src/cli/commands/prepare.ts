/** `sis prepare DIR`: sequences, labels, splits and negatives into a run directory. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../base/errors.ts'
import { configSchema, sequencesSchema, sourceKinds, sourceSchema } from '../../run/config/configSchema.ts'
import { createRun, openRun } from '../../run/record/openRun.ts'
import { prepareRun } from '../../run/pipeline.ts'
import { flagName, resolvePaths, validateConfig } from '../../run/config/readConfig.ts'
import type { Command } from '../command.ts'
import { flagOf, flagsOf, overridesOf } from '../flags.ts'

const sourceFlags = flagsOf(sourceSchema, ['split'])
const sequencesFlags = flagsOf(sequencesSchema, ['sources'])
const seedFlag = flagOf(configSchema.shape.seed)

export const prepareCommand: Command = {
  usage: 'prepare <dir>',
  summary: 'read sequences into a run directory: labels, splits, negatives',
  positionals: { dir: { type: 'string', description: 'run directory, made where it is not there' } },
  flags: {
    ...sourceFlags,
    ...sequencesFlags,
    seed: seedFlag,
  },
  examples: [
    ['sis prepare run --positives peaks.fa --shuffles 1', 'peaks against their own shuffles'],
    [
      'sis prepare run --bed peaks.narrowPeak --genome hg38.fa --length 101 --label 1 --shuffles 1',
      'peaks of a genome',
    ],
    [
      'sis prepare run --bed peaks.narrowPeak --genome hg38.fa --length 101 --genomic-negatives 1',
      'peaks against windows of the genome of the same GC content',
    ],
    ['sis prepare run --table sequences.tsv.gz --label-columns bound', 'a labelled table'],
  ],
  async run(argv, environment) {
    const directory = argv['dir'] as string
    const source = overridesOf(argv, sourceFlags, '')
    const hasSource = sourceKinds.some((kind) => source[kind] !== undefined)
    const seed = overridesOf(argv, { seed: seedFlag }, '')
    const settings = { ...overridesOf(argv, sequencesFlags, 'sequences'), ...seed }
    if (existsSync(join(directory, 'config.yaml'))) {
      // A source replaces those of the run; what is said without one is of the one that the run has.
      const sources = hasSource
        ? { 'sequences.sources': [source] }
        : Object.fromEntries(
            Object.entries(source).map(([key, value]) => [`sequences.sources.0.${key}`, value]),
          )
      const context = await openRun(directory, { ...sources, ...settings }, environment)
      const count = context.config.sequences.sources.length
      if (!hasSource && Object.keys(source).length > 0 && count > 1) {
        throw new ConfigError(
          `--${Object.keys(source)[0]!}: the run has ${count} sources of sequences; say it in its config.yaml`,
        )
      }
      await prepareRun(context)
      return
    }
    if (!hasSource) {
      throw new ConfigError(
        `sequences are needed: give one of ${sourceKinds.map((kind) => `--${kind}`).join(', ')}`,
      )
    }
    const sequences = { sources: [source], ...overridesOf(argv, sequencesFlags, '') }
    const config = validateConfig({ sequences, ...seed }, flagName)
    await prepareRun(createRun(directory, resolvePaths(config, process.cwd()), environment))
  },
}
