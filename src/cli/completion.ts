/**
 * Shell completion, through yargs: the script for the user's shell, and what that script asks for at each key. Commands, flags
 * and choices are yargs' own; names of models and motifs come from the run that is typed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Argv } from 'yargs'
import { parse } from 'yaml'
import { askingFlag, completionCommand, type Command } from './command.ts'

/** The words typed so far, without the name of the program; the last is being typed. */
export function wordsTyped(args: readonly string[]): string[] {
  const words = args.slice(args.indexOf(askingFlag) + 1)
  // bash and zsh send the program's name too, fish does not.
  return /(^|\/)sis(\.js)?$/.test(words[0] ?? '') ? words.slice(1) : words
}

/** @param cli with all commands of the program */
export async function completionScript(cli: Argv): Promise<string> {
  return outputOf(cli.completion(completionCommand, false), [completionCommand])
}

/**
 * @param cli with all commands of the program, of which the one typed has its flags
 * @param command the one typed, where it is complete
 * @returns one proposal a line
 */
export async function completions(
  cli: Argv,
  words: readonly string[],
  command: Command | undefined,
): Promise<string> {
  const named = command === undefined ? undefined : namesFor(command, words)
  if (named !== undefined) return named.map((name) => `${name}\n`).join('')
  return outputOf(cli.completion(completionCommand, false), [askingFlag, 'sis', ...words])
}

/** With a callback yargs hands over what it would print. */
async function outputOf(cli: Argv, args: readonly string[]): Promise<string> {
  let text = ''
  await cli.parse([...args], (_error: unknown, _argv: unknown, output: string) => (text = output))
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

/** Names of what the run has, where the word being typed is the value of a flag that wants one. */
function namesFor({ positionals }: Command, words: readonly string[]): string[] | undefined {
  const flag = words.at(-2)
  const run = words[1]
  if (run === undefined || !('dir' in positionals || 'run' in positionals)) return undefined
  if (flag === '--model' || flag === '--only') return modelNames(run)
  if (flag === '--motif') return motifNames(run)
  return undefined
}

/** None where there is no such run or its config is damaged: the command itself says so. */
function modelNames(run: string): string[] {
  const path = join(run, 'config.yaml')
  if (!existsSync(path)) return []
  let config: unknown
  try {
    config = parse(readFileSync(path, 'utf8'))
  } catch {
    return []
  }
  const { models } = (config ?? {}) as { readonly models?: unknown }
  if (!Array.isArray(models)) return []
  return models.flatMap((model: { readonly name?: unknown } | null) =>
    typeof model?.name === 'string' ? [model.name] : [],
  )
}

function motifNames(run: string): string[] {
  const path = join(run, 'motifs.meme')
  if (!existsSync(path)) return []
  return [...readFileSync(path, 'utf8').matchAll(/^MOTIF (\S+)/gm)].map(([, name]) => name!)
}
