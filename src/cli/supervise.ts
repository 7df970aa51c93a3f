/**
 * One process that works and one that watches it. The first may be deaf for long, in a batch of a large model or in a file
 * reader that never ends; the second never is, so Ctrl-C and SIGTERM end both within a second, whatever is being computed.
 */
import { fork } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { BackendError, exitCodes } from '../base/errors.ts'
import { interrupted, interruptedExitCode, lastWords } from './lastWords.ts'

/** What the working process may take to come to a safe point before it is killed. */
const graceMilliseconds = 600

/** npx and `timeout` pass a signal on that the terminal or they themselves have sent already: one wish, told twice. */
const repeatedWithin = 150

/** What the watching process asks of the working one. */
export const stopMessage = 'stop'

/** Tells the working process who watches it: it may be gone before the other has begun. */
export const watcherVariable = 'SIS_WATCHED_BY'

const endingSignals = ['SIGINT', 'SIGTERM'] as const

/**
 * Runs a script with these arguments, in a process of its own that has the streams of this one. The first signal asks it
 * to stop; a second one, or `graceMilliseconds`, ends it at once.
 * @returns its exit code; 130 where it was ended for a signal
 * @throws BackendError where there can be no such process
 */
export async function supervise(script: string, args: readonly string[]): Promise<number> {
  let asked: number | undefined
  let grace: NodeJS.Timeout | undefined
  let hasEnded = false as boolean

  const kill = (): void => {
    worker.kill('SIGKILL')
  }
  const onSignal = (): void => {
    if (hasEnded) return
    if (asked !== undefined) {
      if (performance.now() - asked > repeatedWithin) kill()
      return
    }
    asked = performance.now()
    // The terminal has written ^C behind the bar.
    if (process.stderr.isTTY) process.stderr.write('\n')
    // One that is about to end hears no more, and need not.
    worker.send(stopMessage, () => undefined)
    grace = setTimeout(kill, graceMilliseconds)
  }
  // Before there is another process: on a busy machine it may work for a while before its start has returned here.
  for (const signal of endingSignals) process.on(signal, onSignal)
  const worker = fork(script, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [watcherVariable]: String(process.pid) },
  })

  try {
    const { code, signal } = await endOf(worker)
    if (asked !== undefined && (code === null || code === interruptedExitCode)) {
      // Said here alone: whether the other one could still say it before it was killed, nobody would know.
      process.stderr.write(lastWords(args, interrupted))
      return interruptedExitCode
    }
    if (code !== null) return code
    const message = `the process that worked was ended by ${signal}; unless somebody did that, memory was short: give the machine or the job more, or use fewer --threads or a smaller --batch-size`
    process.stderr.write(lastWords(args, message))
    return exitCodes.backend
  } finally {
    clearTimeout(grace)
    // Signals are heard to the end of this process: one that comes when the work is done must not end it otherwise.
    hasEnded = true
  }
}

interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

function endOf(worker: ReturnType<typeof fork>): Promise<End> {
  return new Promise((resolve, reject) => {
    worker.on('exit', (code, signal: NodeJS.Signals | null) => {
      resolve({ code, signal })
    })
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.syscall?.startsWith('spawn') !== true) return
      const reason = `a second process cannot be started (${error.code}); is the number of processes limited here?`
      reject(new BackendError(reason, { cause: error }))
    })
  })
}
