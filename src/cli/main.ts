/** The command line: reads arguments, loads one command, turns errors into one line and an exit code. */
import type { Writable } from 'node:stream'
import yargs, { type Argv } from 'yargs'
import { ConfigError, exitCodes, SisError } from '../base/errors.ts'
import { asShortage } from '../io/files/fileErrors.ts'
import { toolVersion } from '../base/toolVersion.ts'
import { createTerminalReporter } from '../run/terminalReporter.ts'
import type { Arguments, Command, CommandEnvironment } from './command.ts'
import { commands, suggest } from './commandList.ts'
import { completionFlag } from './commands/completion.ts'
import { complete } from './complete.ts'
import { interruptedExitCode, lastWords, readLogFormat } from './lastWords.ts'

export interface Streams {
  readonly stdout: Writable
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
}

/**
 * Runs one command line.
 * @param signal stops the command at the next safe point; what was finished is kept
 * @returns the exit code: 0 ok, 1 a bug, 2 usage, 3 bad data, 4 no backend, 130 interrupted, of which the process that was sent
 * the signal tells (process.ts, supervise.ts)
 */
export async function main(
  args: readonly string[],
  { stdout, stderr }: Streams,
  signal: AbortSignal,
): Promise<number> {
  const format = readLogFormat(args)
  const quiet = args.includes('--quiet')
  const reporter = createTerminalReporter({ format, stream: stderr, environment: process.env, quiet })
  const typed = args[0] === 'help' ? helpOf(args.slice(1)) : args
  const name = typed[0] ?? ''
  try {
    if (name === completionFlag) {
      await complete(typed.slice(1), stdout, base)
    } else if (Object.hasOwn(commands, name)) {
      await runCommand(await commands[name]!.load(), typed, { reporter, signal, stdout })
    } else {
      await showHelpOrFail(typed, stdout)
    }
    return exitCodes.ok
  } catch (error) {
    reporter.close()
    return describeFailure(error, signal, args, stderr)
  } finally {
    reporter.close()
  }
}

/** `sis help extract` is `sis extract --help`. */
function helpOf(words: readonly string[]): readonly string[] {
  const word = words.find((one) => !one.startsWith('-'))
  return word === undefined || word === 'help' ? ['--help'] : [word, '--help']
}

function base(args: readonly string[]): Argv {
  return yargs([...args])
    .scriptName('sis')
    .version(toolVersion())
    .help()
    .alias('help', 'h')
    .option('log-format', {
      choices: ['text', 'json'] as const,
      description: 'messages as text or as JSON lines',
    })
    .option('quiet', { type: 'boolean', description: 'no messages or progress but warnings and errors' })
    .wrap(Math.min(110, process.stderr.columns || 100))
    .exitProcess(false)
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
    })
}

async function runCommand(
  command: Command,
  args: readonly string[],
  environment: CommandEnvironment,
): Promise<void> {
  const known = [...Object.keys(command.flags), 'log-format', 'quiet', 'help', 'version']
  refuseUnknown(args, known)
  let work: Promise<void> | undefined
  const parser = base(args).command(
    command.usage,
    command.summary,
    (cli) => {
      for (const [name, option] of Object.entries(command.positionals)) cli.positional(name, option as object)
      for (const [example, what] of command.examples ?? []) cli.example(example, what)
      return cli.options(command.flags)
    },
    (argv) => {
      refuseRepeated(command, argv)
      work = command.run(argv, environment)
      return work
    },
  )
  await parser
    .strict()
    .fail((message: string | null, error: Error | undefined) => {
      // yargs throws some of its own messages.
      if (error !== undefined && error.name !== 'YError') throw error
      throw new ConfigError(usageMessage(message ?? 'wrong usage', known, args[0]!, command.usage))
    })
    .parseAsync()
  await work
}

/** Before yargs reads on: it would take what follows an unknown flag for its value, and say that an argument is missing. */
function refuseUnknown(args: readonly string[], known: readonly string[]): void {
  for (const arg of args) {
    if (arg === '--') return
    const flag = /^--(?:no-)?([^=]+)/.exec(arg)
    if (flag === null || known.includes(flag[1]!) || known.includes(arg.slice(2))) continue
    throw new ConfigError(unknownFlag(flag[1]!, known, args[0]!))
  }
}

function unknownFlag(flag: string, known: readonly string[], command: string): string {
  return `unknown flag or argument '${flag}' of 'sis ${command}'; ${suggest(flag, known, '--')}`
}

/** yargs makes a list of a flag that is given twice. */
function refuseRepeated({ flags }: Command, argv: Arguments): void {
  const repeated = Object.entries(flags).find(
    ([name, { type }]) => type !== 'array' && Array.isArray(argv[name]),
  )
  if (repeated !== undefined) throw new ConfigError(`--${repeated[0]} is given more than once`)
}

function usageMessage(message: string, known: readonly string[], command: string, usage: string): string {
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(message)?.[1]
  const line = message.replace(/\s*\n\s*/g, ' ').trim()
  if (line.startsWith('Not enough non-option arguments')) {
    return `an argument is missing; write it as 'sis ${usage}', see 'sis ${command} --help'`
  }
  const needy = /^Not enough arguments following: (\S+)/.exec(line)?.[1]
  if (needy !== undefined) return `--${needy} needs a value; see 'sis ${command} --help'`
  const choice = /^Invalid values: Argument: (\S+), Given: "(.*)", Choices: (.*)$/.exec(line)
  if (choice !== null) {
    const [, flag, given, choices] = choice
    return `--${flag} ${given}: it must be one of ${choices!.replaceAll('"', '')}; see 'sis ${command} --help'`
  }
  if (unknown === undefined) return `${line}; see 'sis ${command} --help'`
  return unknownFlag(unknown, known, command)
}

async function showHelpOrFail(args: readonly string[], stdout: Writable): Promise<void> {
  const word = args.find((arg) => !arg.startsWith('-'))
  if (word !== undefined) {
    throw new ConfigError(
      `there is no command '${word}'; ${suggest(word, [...Object.keys(commands), 'help'])}`,
    )
  }
  const cli = base(args)
    .usage(
      'Usage: sis <command>\n\nSufficient input subsets: what a predictor of DNA sequences has really learnt.',
    )
    .epilogue("Start with 'sis demo'. Every command explains itself: sis <command> --help")
  for (const [name, { summary }] of Object.entries(commands)) cli.command(name, summary)
  cli.command('help [command]', 'what a command does and which flags it takes')
  if (args.length === 0) {
    stdout.write(`${await cli.getHelp()}\n`)
    return
  }
  await cli
    .strict()
    .fail((message: string | null) => {
      throw new ConfigError(`${message ?? 'wrong usage'}; see 'sis --help'`)
    })
    .parseAsync()
}

function describeFailure(
  error: unknown,
  signal: AbortSignal,
  args: readonly string[],
  stderr: Writable,
): number {
  const say = (message: string): void => {
    stderr.write(lastWords(args, message))
  }
  if (signal.aborted && !(error instanceof SisError)) return interruptedExitCode
  const known = error instanceof SisError ? error : asShortage(error)
  if (known !== undefined) {
    say(known.message)
    return known.exitCode
  }
  say(
    `this is a bug in sis, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  )
  return exitCodes.bug
}
