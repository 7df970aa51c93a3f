/**
 * Threads of an engine, each with a kernel of its own. An answer depends on the plan and what was asked alone, so any
 * number of threads gives the same.
 */
import { Worker } from 'node:worker_threads'

export interface KernelPoolOptions {
  readonly threads: number
  /** Ends the threads at once. */
  readonly signal?: AbortSignal | undefined
}

export interface KernelPool<Question, Answer> {
  ask(question: Question): Promise<Answer>
  /** Ends the threads, whatever they are at; what is not yet answered is rejected. */
  close(): Promise<void>
}

interface Job<Question, Answer> {
  readonly question: Question
  readonly resolve: (answer: Answer) => void
  readonly reject: (reason: Error) => void
}

/** Jobs that a thread has at hand: one to work on, one so that it need not wait for the next. */
const jobsAtHand = 2

/**
 * @param script of a thread, which answers { job, question } by { job, answer }
 * @param workerData what the script is told at its start
 */
export function createKernelPool<Question, Answer>(
  script: URL,
  workerData: unknown,
  { threads, signal }: KernelPoolOptions,
): KernelPool<Question, Answer> {
  const waiting: Job<Question, Answer>[] = []
  let failure: Error | undefined
  let ended: Promise<unknown> | undefined
  const workers = Array.from({ length: threads }, startWorker)

  function startWorker() {
    const worker = new Worker(script, { workerData })
    const atHand = new Map<number, Job<Question, Answer>>()
    let next = 0
    const give = (): void => {
      while (atHand.size < jobsAtHand && waiting.length > 0) {
        const job = waiting.shift()!
        atHand.set(next, job)
        worker.postMessage({ job: next++, question: job.question })
      }
      // An idle thread does not keep the process from ending.
      if (atHand.size > 0) worker.ref()
      else worker.unref()
    }
    worker.on('message', ({ job, answer }: { readonly job: number; readonly answer: Answer }) => {
      // An answer may have been under way when its job was given up.
      const asked = atHand.get(job)
      if (asked === undefined) return
      atHand.delete(job)
      give()
      asked.resolve(answer)
    })
    worker.on('error', end)
    worker.on('exit', (code) => end(new Error(`a thread of the engine ended with exit code ${code}`)))
    worker.unref()
    return { worker, atHand, give }
  }

  /** Gives up all jobs for this reason and ends the threads; only the first reason counts. */
  function end(reason: Error): void {
    if (failure !== undefined) return
    failure = reason
    signal?.removeEventListener('abort', abort)
    for (const { atHand } of workers) {
      for (const { reject } of atHand.values()) reject(reason)
      atHand.clear()
    }
    for (const { reject } of waiting.splice(0)) reject(reason)
    ended = Promise.all(workers.map(({ worker }) => worker.terminate()))
  }

  function abort(): void {
    const reason: unknown = signal!.reason
    end(reason instanceof Error ? reason : new Error('interrupted', { cause: reason }))
  }
  if (signal?.aborted === true) abort()
  else signal?.addEventListener('abort', abort)

  return {
    ask(question) {
      return new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure)
          return
        }
        waiting.push({ question, resolve, reject })
        // The thread with the least to do takes it.
        workers.reduce((least, other) => (other.atHand.size < least.atHand.size ? other : least)).give()
      })
    },
    async close() {
      end(new Error('the engine is closed'))
      await ended
    },
  }
}
