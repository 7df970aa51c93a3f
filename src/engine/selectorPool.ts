/**
 * Threads that order the features of inputs, each with a kernel of its own. An ordering depends on the plan and the
 * input alone, so any number of threads gives the same.
 */
import { Worker } from 'node:worker_threads'
import { loadKernelModule, memoryBase, pageBytes } from '../kernels/kernelModule.ts'
import type { Ordering } from '../sis/types.ts'
import type { KernelPlan } from './kernelPlan.ts'

export interface SelectorPool {
  /**
   * @param codes Uint8Array [L]
   * @param present Uint8Array [L], 1 where the base may be masked; the others are masked already
   */
  select(codes: Uint8Array, present: Uint8Array): Promise<Ordering>
  /** Ends the threads, whatever they are at; orderings not yet found are rejected. */
  close(): Promise<void>
}

export interface SelectorPoolOptions {
  readonly threads: number
  /** Ends the threads at once. */
  readonly signal?: AbortSignal | undefined
}

interface Job {
  readonly codes: Uint8Array
  readonly present: Uint8Array
  readonly resolve: (ordering: Ordering) => void
  readonly reject: (reason: Error) => void
}

interface Answer extends Ordering {
  readonly job: number
}

/** Jobs that a thread has at hand: one to work on, one so that it need not wait for the next. */
const jobsAtHand = 2

export function createSelectorPool(plan: KernelPlan, { threads, signal }: SelectorPoolOptions): SelectorPool {
  const module = loadKernelModule(plan.kernel)
  const waiting: Job[] = []
  let failure: Error | undefined
  let ended: Promise<unknown> | undefined
  const workers = Array.from({ length: threads }, startWorker)

  function startWorker() {
    const worker = new Worker(new URL('./selectorWorker.js', import.meta.url), {
      workerData: { module, memoryBase, pageBytes, plan },
    })
    const atHand = new Map<number, Job>()
    let next = 0
    const give = (): void => {
      while (atHand.size < jobsAtHand && waiting.length > 0) {
        const job = waiting.shift()!
        atHand.set(next, job)
        worker.postMessage({ job: next++, codes: job.codes, present: job.present })
      }
      // An idle thread does not keep the process from ending.
      if (atHand.size > 0) worker.ref()
      else worker.unref()
    }
    worker.on('message', ({ job, features, scores }: Answer) => {
      // An answer may have been under way when its job was given up.
      const asked = atHand.get(job)
      if (asked === undefined) return
      atHand.delete(job)
      give()
      asked.resolve({ features, scores })
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
    select(codes, present) {
      return new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure)
          return
        }
        waiting.push({ codes, present, resolve, reject })
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
