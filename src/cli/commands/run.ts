/** `sis run CONFIG.yaml`: every stage, skipping what is up to date. */
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { ConfigError } from '../../base/errors.ts'
import { withDefault } from '../../run/configSchema.ts'
import { createRun } from '../../run/openRun.ts'
import { runAll } from '../../run/pipeline.ts'
import { readConfigFile } from '../../run/readConfig.ts'
import type { Command } from '../command.ts'
import { parseAssignments } from '../flags.ts'

export const runCommand: Command = {
  usage: 'run <config>',
  summary: 'do all that a config file says; skip what is up to date',
  positionals: { config: { type: 'string', description: 'config file (YAML)' } },
  flags: {
    out: {
      type: 'string',
      requiresArg: true,
      description: withDefault('run directory', 'runs/ and the name of the config'),
    },
    set: {
      type: 'array',
      string: true,
      requiresArg: true,
      default: [],
      description: 'override a key, e.g. --set extract.max-sis=3',
    },
    force: { type: 'boolean', default: false, description: 'run every stage, up to date or not' },
  },
  examples: [['sis run pipelines/ctcf.yaml --out runs/ctcf', 'train, explain and compare on CTCF peaks']],
  async run(argv, environment) {
    const path = argv['config'] as string
    const overrides = parseAssignments(argv['set'] as string[], parse, (assignment) => {
      return new ConfigError(`--set ${assignment}: write it as key=value, e.g. extract.max-sis=3`)
    })
    const config = await readConfigFile(path, overrides)
    const out =
      (argv['out'] as string | undefined) ??
      config.out ??
      join('runs', basename(path).replace(/\.ya?ml$/, ''))
    await runAll(createRun(out, config, environment), { force: argv['force'] === true })
  },
}
