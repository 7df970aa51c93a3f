/** The process around a command line: its streams, its signals and its exit code. */
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { doBeforeEnding } from '../base/ending.ts'
import { SisError } from '../base/errors.ts'
import { interrupted, interruptedExitCode, lastWords } from './lastWords.ts'
import { stopMessage, supervise, watcherVariable } from './supervise.ts'

/** What a stage may take to come to a safe point, such as the end of the batch that the runtime is at. */
const graceMilliseconds = 400

/** Runs the command line of this process and sets its exit code. */
export async function runProcess(): Promise<void> {
  const args = process.argv.slice(2)
  if (isShort(args)) {
    await runHere(args)
    return
  }
  try {
    process.exitCode = await supervise(fileURLToPath(new URL('../../bin/worker.js', import.meta.url)), args)
  } catch (error) {
    if (!(error instanceof SisError)) throw error
    process.stderr.write(lastWords(args, error.message))
    process.exitCode = error.exitCode
  }
}

/** Help, and what a shell asks at every tab, is there at once. */
function isShort(args: readonly string[]): boolean {
  const [command] = args
  if (command === undefined || command === 'help' || command.startsWith('-')) return true
  return ['--help', '-h', '--version'].some((flag) => args.includes(flag))
}

/** In this process, which is sent the signals. */
async function runHere(args: readonly string[]): Promise<void> {
  const end = (): never => {
    process.stderr.write(lastWords(args, interrupted))
    doBeforeEnding()
    process.exit(interruptedExitCode)
  }
  await runUntilStopped(args, end, (stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  })
}

/** The working process: the one that watches it (supervise.ts) tells it to stop. */
export async function runSupervised(): Promise<void> {
  const end = (): void => {
    doBeforeEnding()
    // An exit would wait for threads and run what libraries do at exit, while others of their threads still compute.
    process.kill(process.pid, 'SIGKILL')
  }
  await runUntilStopped(process.argv.slice(2), end, (stop) => {
    // A terminal sends its signal to both.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
    process.on('message', (message) => {
      if (message === stopMessage) stop()
    })
    process.on('disconnect', end) // the other one was killed
    if (!process.connected) end()
    process.channel?.unref()
    new Worker(new URL('./orphanWatch.js', import.meta.url), {
      workerData: { parent: Number(process.env[watcherVariable]), milliseconds: 250 },
    }).unref()
  })
}

/**
 * Safe at any time: files appear whole or not at all, and what is finished was written when the signal came.
 * @param end ends this process at once, for an interruption
 * @param listen calls `stop` when the user wants an end
 */
async function runUntilStopped(
  args: readonly string[],
  end: () => void,
  listen: (stop: () => void) => void,
): Promise<void> {
  const abort = new AbortController()
  listen(() => {
    if (abort.signal.aborted) end()
    abort.abort()
    setTimeout(end, graceMilliseconds).unref()
  })
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe (head, less) has had enough.
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  try {
    const { main } = await import('./main.ts')
    process.exitCode = await main(args, process, abort.signal)
  } finally {
    doBeforeEnding()
  }
  // What was given up may still be computing.
  if (process.exitCode === interruptedExitCode) end()
}
