/** `sis train DIR`: trains the models of a run. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError } from '../../base/errors.ts'
import { importSchema, trainSchema } from '../../run/config/configSchema.ts'
import { withDefault } from '../../run/config/schemaParts.ts'
import { givenModel, type GivenModel } from '../../run/config/givenModel.ts'
import { openRun } from '../../run/record/openRun.ts'
import { trainRun } from '../../run/pipeline.ts'
import { runDirectory } from '../../run/record/runDirectory.ts'
import { modelsBeside } from '../../run/record/runModels.ts'
import type { Command } from '../command.ts'
import { flagsOf, overridesOf } from '../flags.ts'

const trainFlags = flagsOf(trainSchema)
const importFlags = flagsOf(importSchema)

export const trainCommand: Command = {
  usage: 'train <dir>',
  summary: 'train the models of a run, or take over models that were trained elsewhere',
  positionals: { dir: { type: 'string', description: 'run directory with prepared sequences' } },
  flags: {
    models: {
      type: 'array',
      string: true,
      requiresArg: true,
      description:
        'architectures by name or YAML file, or model files (ONNX, Keras, TensorFlow.js, DeepBind), beside those that the run has trained; one of the same name is replaced',
    },
    only: {
      type: 'array',
      string: true,
      requiresArg: true,
      description: withDefault('train just these models of the run', 'all, or those of --models'),
    },
    ...trainFlags,
    ...importFlags,
  },
  examples: [
    ['sis train run --models cnn fc my-net.yaml', 'two named architectures and one of your own'],
    [
      'sis train run --models cnn mine.onnx',
      'a model that was trained elsewhere, beside one that is trained here',
    ],
  ],
  async run(argv, environment) {
    const given = argv['models'] as string[] | undefined
    const ofFiles = overridesOf(argv, importFlags, '')
    const models = given?.map((text) => givenModel(text, process.cwd(), ofFiles))
    if (Object.keys(ofFiles).length > 0 && models?.some((model) => 'file' in model) !== true) {
      throw new ConfigError(`--${Object.keys(ofFiles)[0]!} is for model files; name one with --models`)
    }
    const path = argv['dir'] as string
    const overrides = {
      ...overridesOf(argv, trainFlags, 'train'),
      ...(models === undefined ? {} : { models: await beside(path, models) }),
    }
    const context = await openRun(path, overrides, environment)
    await trainRun(context, (argv['only'] as string[] | undefined) ?? models?.map(({ name }) => name))
  },
}

async function beside(path: string, models: readonly GivenModel[]): Promise<readonly { name: string }[]> {
  const directory = runDirectory(resolve(path))
  // What is no run is told by what opens it.
  return existsSync(directory.config) ? modelsBeside(directory, models) : models
}
