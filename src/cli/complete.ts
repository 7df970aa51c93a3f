/** What a shell is told when it asks for the words that can stand next: commands, flags, choices, and names of a run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import type { Argv } from 'yargs'
import { findRuns } from '../run/show/findRuns.ts'
import { runDirectory } from '../run/record/runDirectory.ts'
import type { Command } from './command.ts'
import { commands } from './commandList.ts'

/**
 * @param asked the words typed, the program's own first, the one to complete last
 * @param base a parser with the flags that every command has
 */
export async function complete(
  asked: readonly string[],
  stdout: Writable,
  base: (args: readonly string[]) => Argv,
): Promise<void> {
  const found = await completionsOf(asked.slice(1), base)
  // Names of files and directories may hold what a shell would take for the end of a word.
  stdout.write(
    found
      .filter((word) => !/[\n\r]/.test(word))
      .map((word) => `${word}\n`)
      .join(''),
  )
}

async function completionsOf(
  words: readonly string[],
  base: (args: readonly string[]) => Argv,
): Promise<string[]> {
  const [name = '', ...rest] = words
  if (rest.length === 0) {
    const cli = base([])
    for (const [command, { summary }] of Object.entries(commands)) cli.command(command, summary)
    cli.command('help', 'what a command does and which flags it takes')
    return (await cli.getCompletion([name])).filter((word) => word.startsWith(name))
  }
  if (name === 'help') return Object.keys(commands)
  if (!Object.hasOwn(commands, name)) return []
  const command = await commands[name]!.load()
  const current = rest.at(-1)!
  const named = namesAfter(command, rest)
  if (named !== undefined) return named.filter((word) => word.startsWith(current))
  // With the command's flags at the top: yargs answers for a command with a builder by printing.
  const flags = await base([]).options(command.flags).getCompletion(rest)
  return flags.filter((word) => word.startsWith(current))
}

/** @returns undefined where flags and their choices may stand */
function namesAfter(command: Command, words: readonly string[]): string[] | undefined {
  const current = words.at(-1)!
  const before = words.at(-2)
  if (before?.startsWith('--') === true) {
    const flag = before.slice(2)
    const options = command.flags[flag]
    const run = positionalsIn(command, words.slice(0, -2))[0]
    if (flag === 'model' || flag === 'motif') return run === undefined ? [] : namesOf(run, flag)
    // Left to the shell, which knows files.
    if (options !== undefined && options.type !== 'boolean')
      return options.choices === undefined ? [] : undefined
  }
  if (current.startsWith('-')) return undefined
  const at = positionalsIn(command, words.slice(0, -1)).length
  const positional = Object.keys(command.positionals)[at]
  if (positional === 'dir') return findRuns('.')
  return positional === undefined ? undefined : []
}

/** The words that are no flags and no values of them. */
function positionalsIn({ flags }: Command, words: readonly string[]): string[] {
  return words.filter((word, i) => {
    if (word.startsWith('-')) return false
    const before = words[i - 1]
    if (before?.startsWith('--') !== true || before.includes('=')) return true
    const options = flags[before.slice(2)]
    return options === undefined || options.type === 'boolean'
  })
}

/** Read from small files: a database takes longer to open than a user waits. */
function namesOf(run: string, kind: 'model' | 'motif'): string[] {
  const { motifs, path } = runDirectory(run)
  if (kind === 'model') {
    const folder = join(path, 'models')
    return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : []
  }
  if (!existsSync(motifs)) return []
  return [...readFileSync(motifs, 'utf8').matchAll(/^MOTIF (\S+)/gm)].map(([, name]) => name!)
}
