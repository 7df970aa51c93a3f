/** `sis train DIR`: trains the models of a run. */
import { basename, resolve } from 'node:path'
import { trainSchema } from '../../run/configSchema.ts'
import { openRun } from '../../run/openRun.ts'
import { trainRun } from '../../run/pipeline.ts'
import { isPath } from '../../run/readConfig.ts'
import type { Command } from '../command.ts'
import { flagsOf, overridesOf } from '../flags.ts'

const trainFlags = flagsOf(trainSchema)

export const trainCommand: Command = {
  usage: 'train <dir>',
  summary: 'train the models of a run',
  positionals: { dir: { type: 'string', description: 'run directory with prepared sequences' } },
  flags: {
    models: {
      type: 'array',
      string: true,
      requiresArg: true,
      description: 'architectures by name or YAML file; they become the models of the run',
    },
    only: {
      type: 'array',
      string: true,
      requiresArg: true,
      description: 'train just these models of the run',
    },
    ...trainFlags,
  },
  examples: [['sis train run --models cnn fc my-net.yaml', 'two named architectures and one of your own']],
  async run(argv, environment) {
    const architectures = argv['models'] as string[] | undefined
    const overrides = {
      ...overridesOf(argv, trainFlags, 'train'),
      ...(architectures === undefined ? {} : { models: architectures.map(modelOf) }),
    }
    const context = await openRun(argv['dir'] as string, overrides, environment)
    await trainRun(context, argv['only'] as string[] | undefined)
  },
}

function modelOf(architecture: string): { name: string; architecture: string } {
  return isPath(architecture)
    ? { name: basename(architecture).replace(/\.ya?ml$/, ''), architecture: resolve(architecture) }
    : { name: architecture, architecture }
}
