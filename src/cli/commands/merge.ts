/** `sis merge DIR`: build sis.duckdb from the tables of a run, e.g. after all shards are there. */
import { openRun } from '../../run/record/openRun.ts'
import { mergeRun } from '../../run/pipeline.ts'
import type { Command } from '../command.ts'

export const mergeCommand: Command = {
  usage: 'merge <dir>',
  summary: 'build sis.duckdb from the tables of a run, e.g. after all shards are there',
  positionals: { dir: { type: 'string', description: 'run directory' } },
  flags: {},
  async run(argv, environment) {
    await mergeRun(await openRun(argv['dir'] as string, {}, environment))
  },
}
