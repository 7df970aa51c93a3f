/** `sis run CONFIG.yaml`: every stage, skipping what is up to date. */
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parse } from 'yaml'
import { ConfigError } from '../../base/errors.ts'
import { withDefault } from '../../run/config/schemaParts.ts'
import { createRun } from '../../run/record/openRun.ts'
import { runAll } from '../../run/pipeline.ts'
import { tellPlan } from '../../run/planRun.ts'
import { runStages } from '../../run/runStages.ts'
import { readConfigFile } from '../../run/config/readConfig.ts'
import type { Command } from '../command.ts'
import { parseAssignments } from '../flags.ts'

export const runCommand: Command = {
  usage: 'run <config>',
  summary: 'do all that a config file says; skip what is up to date',
  positionals: {
    config: { type: 'string', description: 'config file (YAML), or a run directory to go on with' },
  },
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
    remove: {
      type: 'array',
      string: true,
      requiresArg: true,
      description: 'models that the config names no more and whose results are deleted',
    },
    'dry-run': {
      type: 'boolean',
      default: false,
      description: 'say which stages would run and why, and write nothing',
    },
    force: { type: 'boolean', default: false, description: 'run every stage, up to date or not' },
    stage: {
      type: 'array',
      string: true,
      requiresArg: true,
      description:
        'do just these, as one job of a cluster: prepare, train.MODEL, predict.MODEL, extract.MODEL or extract.MODEL.1-of-4, cluster, logic, compare, merge, report',
    },
  },
  examples: [
    ['sis run pipelines/ctcf.yaml --out runs/ctcf', 'train, explain and compare on CTCF peaks'],
    ['sis run runs/ctcf --set extract.max-sis=3 --dry-run', 'what that would do again'],
  ],
  async run(argv, environment) {
    const { path, home } = configOf(argv['config'] as string)
    const overrides = parseAssignments(argv['set'] as string[], parse, (assignment) => {
      return new ConfigError(`--set ${assignment}: write it as key=value, e.g. extract.max-sis=3`)
    })
    const config = await readConfigFile(path, overrides, (key) => `--set ${key}`)
    const out =
      (argv['out'] as string | undefined) ??
      home ??
      config.out ??
      join('runs', basename(path).replace(/\.ya?ml$/, ''))
    const context = createRun(out, config, environment)
    const options = { force: argv['force'] === true, remove: argv['remove'] as string[] | undefined }
    const stages = argv['stage'] as string[] | undefined
    if (stages !== undefined) {
      const other = ['dry-run', 'remove'].find((flag) => argv[flag] !== undefined && argv[flag] !== false)
      if (other !== undefined) throw new ConfigError(`--${other} is of all stages; leave --stage out`)
      await runStages(context, stages, options)
    } else if (argv['dry-run'] === true) await tellPlan(context, options)
    else await runAll(context, options)
  },
}

/** The config file, and the run that it is of where it is one's own. */
function configOf(given: string): { path: string; home?: string } {
  const path = join(given, 'config.yaml')
  if (existsSync(given) && statSync(given).isDirectory()) {
    if (existsSync(path)) return { path, home: given }
    throw new ConfigError(
      `${given}: a directory without config.yaml, so no run to go on with; give a config file`,
    )
  }
  return basename(given) === 'config.yaml' && existsSync(join(dirname(given), 'run.json'))
    ? { path: given, home: dirname(given) }
    : { path: given }
}
