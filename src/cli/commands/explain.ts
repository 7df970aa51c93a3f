/** `sis explain DIR`: attributions by other explanation methods, of the sequences that SIS explain. */
import { resolve } from 'node:path'
import { ConfigError } from '../../base/errors.ts'
import { explainSchema } from '../../run/config/explainSchemas.ts'
import { explainRun } from '../../run/pipeline.ts'
import { openRun } from '../../run/record/openRun.ts'
import type { Command } from '../command.ts'
import { flagsOf, overridesOf } from '../flags.ts'

const explainFlags = flagsOf(explainSchema, ['attributions'])

export const explainCommand: Command = {
  usage: 'explain <dir>',
  summary: 'what other explanation methods say of the same sequences, beside SIS',
  positionals: { dir: { type: 'string', description: 'run directory with models that have scored' } },
  flags: {
    only: {
      type: 'array',
      string: true,
      requiresArg: true,
      description: 'explain just these models of the run',
    },
    ...explainFlags,
    attributions: {
      type: 'array',
      string: true,
      requiresArg: true,
      description:
        'attributions made elsewhere, NAME=FILE or NAME=FILE#ARRAY: .npy, .npz or HDF5, [n, L], [n, L, 4] or [n, 4, L]',
    },
    'attribution-rows': {
      type: 'string',
      requiresArg: true,
      description:
        'table or FASTA whose names say which sequence each row of --attributions is of; else the explained ones in order, or all',
    },
  },
  examples: [
    ['sis explain run --methods occlusion --window 5', 'what masking five bases at a time takes'],
    [
      'sis explain run --attributions deepshap=shap.npz',
      'what DeepSHAP said elsewhere, of the same sequences',
    ],
  ],
  async run(argv, environment) {
    const overrides = overridesOf(argv, explainFlags, 'explain')
    const only = argv['only'] as string[] | undefined
    const given = argv['attributions'] as string[] | undefined
    const rows = argv['attribution-rows'] as string | undefined
    if (given !== undefined)
      overrides['explain.attributions'] = given.flatMap((text) => attributionsOf(text, rows, only))
    else if (rows !== undefined) throw new ConfigError('--attribution-rows is for --attributions')
    const context = await openRun(argv['dir'] as string, overrides, environment)
    await explainRun(context, only)
  },
}

/** @returns what a config says of NAME=FILE#ARRAY, for each of the models named */
function attributionsOf(
  text: string,
  rows: string | undefined,
  only: readonly string[] | undefined,
): object[] {
  const parts = /^([^=]+)=(.+?)(?:#([^#]+))?$/.exec(text)
  if (parts === null) throw new ConfigError(`--attributions ${text}: give NAME=FILE or NAME=FILE#ARRAY`)
  const [, name, path, array] = parts
  const one = {
    name,
    path: resolve(path!),
    ...(array === undefined ? {} : { array }),
    ...(rows === undefined ? {} : { rows: resolve(rows) }),
  }
  return only === undefined ? [one] : only.map((model) => ({ ...one, model }))
}
