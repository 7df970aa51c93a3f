/**
 * A thread for other people's readers, which a damaged file can keep at work for ever or make take all memory: a time and a
 * memory limit hold for every question, and what passes them ends the thread. Signals are heard meanwhile.
 */
import { Worker } from 'node:worker_threads'

export interface WorkLimits {
  readonly milliseconds: number
  /** By which the process may grow. */
  readonly mebibytes: number
}

export type PassedLimit = 'time' | 'memory'

/** A question was not answered within its limits. */
export class LimitError extends Error {
  override readonly name = 'LimitError'
  readonly limit: PassedLimit

  constructor(limit: PassedLimit, { milliseconds, mebibytes }: WorkLimits) {
    super(
      limit === 'time' ? `no answer within ${milliseconds / 1000} s` : `it takes more than ${mebibytes} MiB`,
    )
    this.limit = limit
  }
}

const millisecondsBetweenLooks = 20

export class GuardedWorker<Question, Answer> {
  readonly #script: URL
  #worker: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** @param script plain JavaScript that answers each message with one */
  constructor(script: URL) {
    this.#script = script
  }

  /** Questions are answered one after the other. @throws LimitError, or what the thread ended with */
  ask(question: Question, limits: WorkLimits): Promise<Answer> {
    const answer = this.#last.then(() => this.#ask(question, limits))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  #ask(question: Question, limits: WorkLimits): Promise<Answer> {
    const worker = (this.#worker ??= new Worker(this.#script))
    worker.ref()
    return new Promise<Answer>((resolve, reject) => {
      const before = process.memoryUsage.rss()
      const end = (failure: Error | undefined, answer?: Answer): void => {
        clearTimeout(patience)
        clearInterval(watch)
        for (const [event, listener] of listeners) worker.off(event, listener)
        if (failure === undefined) {
          // An idle thread does not keep the process from ending.
          worker.unref()
          resolve(answer!)
          return
        }
        this.#worker = undefined
        worker.on('error', () => undefined) // of a thread that is given up
        void worker.terminate().then(() => {
          reject(failure)
        }, reject)
      }
      const patience = setTimeout(() => end(new LimitError('time', limits)), limits.milliseconds)
      const watch = setInterval(() => {
        if (process.memoryUsage.rss() - before > limits.mebibytes * 2 ** 20)
          end(new LimitError('memory', limits))
      }, millisecondsBetweenLooks)
      const listeners = [
        ['message', (answer: Answer) => end(undefined, answer)],
        ['messageerror', (error: Error) => end(error)],
        ['error', (error: Error) => end(isOutOfMemory(error) ? new LimitError('memory', limits) : error)],
        ['exit', (code: number) => end(new Error(`the thread ended with exit code ${code}`))],
      ] as const
      for (const [event, listener] of listeners) worker.on(event, listener)
      worker.postMessage(question)
    })
  }
}

function isOutOfMemory(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
}
