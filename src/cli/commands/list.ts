/** `sis list [DIR]`: the runs that lie there. */
import { listFormats, listRuns } from '../../run/show/listRuns.ts'
import type { Command } from '../command.ts'

export const listCommand: Command = {
  usage: 'list [dir]',
  summary: 'list the runs in a directory and below it: their models, how many SIS, what is still to be done',
  positionals: {
    dir: { type: 'string', default: '.', description: 'directory to look in, three levels deep' },
  },
  flags: {
    format: { choices: listFormats, default: 'text', description: 'text, or what it tells as values' },
  },
  examples: [['sis list runs', 'the runs in runs/']],
  async run(argv, { stdout }) {
    await listRuns(argv['dir'] as string, argv['format'] as (typeof listFormats)[number], stdout)
  },
}
