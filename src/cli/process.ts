/** The process around a command line: its streams, its signals and its exit code. */
import { removeTemporaryFiles } from '../io/atomicWrite.ts'
import { interrupted, interruptedExitCode, lastWords, main } from './main.ts'

/** What a stage may take to come to a safe point, such as the end of the batch that the runtime is at. */
const graceMilliseconds = 800

/** Safe at any time: files appear whole or not at all, and what is finished was written when the signal came. */
function stopAtOnce(): never {
  removeTemporaryFiles()
  process.exit(interruptedExitCode)
}

/** Runs the command line of this process and sets its exit code. */
export async function runProcess(): Promise<void> {
  const args = process.argv.slice(2)
  const abort = new AbortController()
  let grace: NodeJS.Timeout | undefined
  const onInterrupt = (): void => {
    if (abort.signal.aborted) stopAtOnce()
    // The terminal has written ^C behind the bar.
    if (process.stderr.isTTY) process.stderr.write('\n')
    abort.abort()
    grace = setTimeout(() => {
      process.stderr.write(lastWords(args, interrupted))
      stopAtOnce()
    }, graceMilliseconds).unref()
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onInterrupt)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe (head, less) has had enough.
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  try {
    process.exitCode = await main(args, process, abort.signal)
  } finally {
    clearTimeout(grace)
    removeTemporaryFiles()
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onInterrupt)
  }
}
