/**
 * Many motifs compared with known ones by this thread and others, each with a kernel of its own. What a query gives depends on
 * it and on the targets alone, so any number of threads gives the same.
 */
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { mapConcurrently } from '../base/concurrently.ts'
import { loadKernelModule, memoryBase, pageBytes } from '../kernels/kernelModule.ts'
import type { ComparedMotif } from './motifMatch.ts'
import { planTargets, queryOf, TomtomKernel, type Comparison, type TargetPlan } from './tomtomKernel.ts'
import { RankedTargets, TargetTexts } from './tomtomMatches.ts'

/** A thread takes as long to start as this many comparisons with hundreds of targets. */
const fewestQueries = 50
/** Queries that a thread compares at a time; another has as many more waiting, so that it need not wait for this one. */
const chunkSize = 5
const chunksAhead = 2

export interface TomtomThreads {
  /** At most, this one included; fewer where there is little to compare. */
  readonly threads: number
  readonly signal: AbortSignal
  /** Is told how many queries are compared. */
  readonly progress?: ((compared: number) => void) | undefined
}

interface Comparer {
  compare(queries: readonly ComparedMotif[]): Promise<readonly Comparison[]>
}

/**
 * As `tomtomOneByOne`.
 * @param read what is kept of each query: its matches are made when they are asked for
 * @returns in the order of the queries
 */
export async function tomtomInThreads<Kept>(
  queries: readonly ComparedMotif[],
  targets: readonly ComparedMotif[],
  read: (ranked: RankedTargets) => Kept,
  { threads, signal, progress }: TomtomThreads,
): Promise<Kept[]> {
  if (targets.length === 0) return []
  const others = Math.max(1, Math.min(threads, Math.floor(queries.length / fewestQueries))) - 1
  // They start while the targets are laid out.
  const helpers = Array.from({ length: others }, () => new HelperThread())
  try {
    const plan = planTargets(targets)
    for (const helper of helpers) helper.begin(plan)
    const texts = new TargetTexts(targets)
    const comparers = [ownThread(plan), ...Array.from({ length: chunksAhead }, () => helpers).flat()]
    const kept: Kept[] = []
    let next = 0
    let compared = 0
    await mapConcurrently(comparers, comparers.length, signal, async (comparer, _, either) => {
      while (next < queries.length && !either.aborted) {
        const from = next
        const chunk = queries.slice(from, (next += chunkSize))
        for (const [i, comparison] of (await comparer.compare(chunk)).entries()) {
          kept[from + i] = read(new RankedTargets(chunk[i]!, texts, comparison))
        }
        progress?.((compared += chunk.length))
      }
    })
    return kept
  } finally {
    await Promise.all(helpers.map((helper) => helper.end()))
  }
}

/** This thread; after some queries others' answers and signals get through. */
function ownThread(plan: TargetPlan): Comparer {
  const kernel = new TomtomKernel(plan)
  return {
    async compare(queries) {
      const found = queries.map((query) => kernel.compare(query))
      await setImmediate()
      return found
    },
  }
}

interface Settle {
  readonly resolve: (found: readonly Comparison[]) => void
  readonly reject: (cause: unknown) => void
}

/** Another thread. It answers in the order in which it is asked. */
class HelperThread implements Comparer {
  readonly #worker = new Worker(new URL('./tomtomWorker.js', import.meta.url), {
    workerData: { module: loadKernelModule('tomtom'), memoryBase, pageBytes },
    execArgv: [], // it needs no loader that this thread may have
  })
  readonly #waiting: Settle[] = []

  constructor() {
    this.#worker.on('message', (found: readonly Comparison[]) => this.#waiting.shift()?.resolve(found))
    this.#worker.on('error', (error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error)
    })
  }

  begin(plan: TargetPlan): void {
    this.#worker.postMessage(plan)
  }

  /** @throws what the thread throws */
  compare(queries: readonly ComparedMotif[]): Promise<readonly Comparison[]> {
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(queries.map(queryOf))
      this.#waiting.push({ resolve, reject })
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
