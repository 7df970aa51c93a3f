/** Threads that stay: each holds a function made once, and answers many questions with it. */
import type { Worker } from 'node:worker_threads'
import { errorOf, startThread, type Answer, type Place } from './thread.ts'

interface Waiting<Result> {
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

interface Thread<Result> {
  readonly worker: Worker
  /** Questions not answered yet, the oldest first. */
  readonly waiting: Waiting<Result>[]
}

export class StayingThreads<Item, Result> {
  readonly #most: number
  readonly #start: () => Worker
  readonly #threads: Thread<Result>[] = []

  /**
   * Starts none before there are questions.
   * @param most threads
   * @param place where the function is that makes the one that answers
   * @param args of that function; cloned into each thread, shared memory apart
   */
  constructor(most: number, place: Place, name: string, args: readonly unknown[]) {
    this.#most = most
    this.#start = () => startThread(place, { name, args, stays: true })
  }

  /** @throws what the function throws; an error where the thread ends */
  ask(item: Item): Promise<Result> {
    const thread = this.#leastBusy()
    return new Promise<Result>((resolve, reject) => {
      thread.waiting.push({ resolve, reject })
      thread.worker.postMessage(item)
    })
  }

  /** Questions that are not answered yet fail. */
  async end(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()))
  }

  #leastBusy(): Thread<Result> {
    const [first] = [...this.#threads].sort((a, b) => a.waiting.length - b.waiting.length)
    if (first !== undefined && (first.waiting.length === 0 || this.#threads.length === this.#most))
      return first
    const thread: Thread<Result> = { worker: this.#start(), waiting: [] }
    const failAll = (error: unknown): void => {
      for (const { reject } of thread.waiting.splice(0)) reject(error)
    }
    thread.worker
      .on('message', (answer: Exclude<Answer, { share: number }>) => {
        const { resolve, reject } = thread.waiting.shift()!
        if ('error' in answer) reject(errorOf(answer))
        else resolve(answer.result as Result)
      })
      .on('messageerror', failAll)
      .on('error', failAll)
      .on('exit', (code) => {
        failAll(new Error(`a thread ended with exit code ${code}`))
      })
    this.#threads.push(thread)
    return thread
  }
}
