/** `sis completion`: the script by which a shell asks what can stand next. */
import yargs from 'yargs'
import type { Command } from '../command.ts'

export const completionCommand: Command = {
  usage: 'completion',
  summary:
    'print what makes a shell (that of $SHELL: bash, zsh or fish) complete commands, flags and names of a run',
  positionals: {},
  flags: {},
  examples: [
    ['sis completion >> ~/.bashrc', 'from the next shell on'],
    ['source <(sis completion)', 'in this one'],
  ],
  async run(_, { stdout }) {
    const script = await new Promise<string>((resolve, reject) => {
      void yargs()
        .scriptName('sis')
        .exitProcess(false)
        .completion('completion')
        .parse(['completion'], (error: Error | undefined, _argv: unknown, output: string) => {
          if (error instanceof Error) reject(error)
          else resolve(output)
        })
    })
    stdout.write(`${script.trimEnd()}\n`)
  },
}
