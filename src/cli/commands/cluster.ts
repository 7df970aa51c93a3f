/** `sis cluster DIR`: cluster the subsets' parts into motifs and name them. */
import { clusterSchema } from '../../run/config/configSchema.ts'
import { openRun } from '../../run/record/openRun.ts'
import { clusterRun } from '../../run/pipeline.ts'
import type { Command } from '../command.ts'
import { flagsOf, overridesOf } from '../flags.ts'

const flags = flagsOf(clusterSchema)

export const clusterCommand: Command = {
  usage: 'cluster <dir>',
  summary: "cluster the subsets' parts into motifs and name them",
  positionals: { dir: { type: 'string', description: 'run directory' } },
  flags,
  async run(argv, environment) {
    await clusterRun(await openRun(argv['dir'] as string, overridesOf(argv, flags, 'cluster'), environment))
  },
}
