/** The process around a command line: its streams, its signals and its exit code. */
import { removeTemporaryFiles } from '../io/atomicWrite.ts'
import { main } from './main.ts'

const interruptedExitCode = 130

/** Runs the command line of this process and sets its exit code. */
export async function runProcess(): Promise<void> {
  const abort = new AbortController()
  const onInterrupt = (): void => {
    if (abort.signal.aborted) {
      // A second Ctrl-C does not wait for the stage to come to a safe point.
      removeTemporaryFiles()
      process.exit(interruptedExitCode)
    }
    process.stderr.write('\ninterrupted: coming to a safe point (again to stop at once)\n')
    abort.abort()
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onInterrupt)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of a pipe (head, less) has had enough.
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  try {
    process.exitCode = await main(process.argv.slice(2), process, abort.signal)
  } finally {
    removeTemporaryFiles()
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onInterrupt)
  }
}
