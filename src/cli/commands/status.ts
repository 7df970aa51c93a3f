/** `sis status DIR`: how far a run or a batch is. */
import { statusOf } from '../../run/show/statusRun.ts'
import type { Command } from '../command.ts'

export const statusCommand: Command = {
  usage: 'status <dir>',
  summary: 'how far a run or a batch is: stages done, running, failed, missing; time left; last error',
  positionals: { dir: { type: 'string', description: 'run directory, or directory of a batch' } },
  flags: { json: { type: 'boolean', default: false, description: 'as JSON, all stages of each run' } },
  async run(argv, { stdout }) {
    await statusOf(argv['dir'] as string, { json: argv['json'] === true }, stdout)
  },
}
