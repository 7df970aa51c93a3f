/** `sis demo`: the whole chain on simulated sequences whose motifs are known. */
import { fileURLToPath } from 'node:url'
import { configSchema } from '../../run/config/configSchema.ts'
import { createRun } from '../../run/record/openRun.ts'
import { runAll } from '../../run/pipeline.ts'
import { readConfigFile } from '../../run/config/readConfig.ts'
import type { Command } from '../command.ts'
import { flagOf } from '../flags.ts'

const demoConfig = fileURLToPath(new URL('../../../pipelines/demo.yaml', import.meta.url))

export const demoCommand: Command = {
  usage: 'demo [dir]',
  summary: 'run the whole chain on simulated sequences whose motifs are known',
  positionals: { dir: { type: 'string', default: 'sis-demo', description: 'run directory' } },
  flags: {
    seed: flagOf(configSchema.shape.seed),
    force: { type: 'boolean', default: false, description: 'run every stage, up to date or not' },
  },
  async run(argv, environment) {
    const config = await readConfigFile(demoConfig, argv['seed'] === undefined ? {} : { seed: argv['seed'] })
    await runAll(createRun(argv['dir'] as string, config, environment), {
      force: argv['force'] === true,
    })
  },
}
