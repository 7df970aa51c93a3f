/** `sis completion`: the script by which a shell asks what can stand next. */
import { basename } from 'node:path'
import yargs from 'yargs'
import type { Command } from '../command.ts'

/** With which the scripts ask, as those of yargs do; the words typed follow. */
export const completionFlag = '--get-yargs-completions'

/** yargs' own script for fish does not tell a word that is only begun by a space, and leaves no files. */
const fishScript = `# Installation: sis completion > ~/.config/fish/completions/sis.fish
function __sis_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (sis ${completionFlag} $words)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -f -c sis -a '(__sis_complete)'
`

export const completionCommand: Command = {
  usage: 'completion',
  summary:
    'print what makes a shell (that of $SHELL: bash, zsh or fish) complete commands, flags and names of a run',
  positionals: {},
  flags: {},
  examples: [
    ['sis completion >> ~/.bashrc', 'from the next shell on'],
    ['source <(sis completion)', 'in this one'],
    ['sis completion > ~/.config/fish/completions/sis.fish', 'where the shell is fish'],
  ],
  async run(_, { stdout }) {
    if (basename(process.env['SHELL'] ?? '') === 'fish') {
      stdout.write(fishScript)
      return
    }
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
