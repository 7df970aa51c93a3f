/**
 * Many motifs compared with known ones in threads, each with a kernel of its own. What a query gives depends on it and on the
 * targets alone, so any number of threads gives the same.
 */
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { mapConcurrently } from '../base/concurrently.ts'
import { loadKernelModule, memoryBase, pageBytes } from '../kernels/kernelModule.ts'
import type { ComparedMotif } from './motifMatch.ts'
import { benjaminiHochberg, tomtomOneByOne } from './tomtom.ts'
import { planTargets, queryOf, type Comparison, type TargetPlan } from './tomtomKernel.ts'
import { RankedTargets, TargetTexts } from './tomtomMatches.ts'

/** A thread takes as long to start as this many comparisons with hundreds of targets. */
const fewestQueries = 50
/** Queries that a thread is given at a time. */
const chunkSize = 10

export interface TomtomThreads {
  /** At most; fewer where there is little to compare. */
  readonly threads: number
  readonly signal: AbortSignal
  /** Is told how many queries are compared. */
  readonly progress?: ((compared: number) => void) | undefined
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
  const count = Math.min(threads, Math.floor(queries.length / fewestQueries))
  if (count < 2 || targets.length === 0) {
    const kept: Kept[] = []
    for (const ranked of tomtomOneByOne(queries, targets)) {
      kept.push(read(ranked))
      progress?.(kept.length)
      await setImmediate() // lets signals through
      signal.throwIfAborted()
    }
    return kept
  }
  const texts = new TargetTexts(targets)
  const plan = planTargets(targets)
  const idle = Array.from({ length: count }, () => startThread(plan))
  const all = [...idle]
  const chunks = Array.from({ length: Math.ceil(queries.length / chunkSize) }, (_, i) =>
    queries.slice(i * chunkSize, (i + 1) * chunkSize),
  )
  let compared = 0
  try {
    const kept = await mapConcurrently(chunks, count, signal, async (chunk, _, either) => {
      const thread = idle.pop()!
      const found = await ask(thread, chunk, either)
      idle.push(thread)
      progress?.((compared += chunk.length))
      return chunk.map((query, i) => {
        const { pValues, order } = found[i]!
        return read(new RankedTargets(query, texts, found[i]!, benjaminiHochberg(pValues, order)))
      })
    })
    return kept.flat()
  } finally {
    await Promise.all(all.map((thread) => thread.terminate()))
  }
}

function startThread(plan: TargetPlan): Worker {
  return new Worker(new URL('./tomtomWorker.js', import.meta.url), {
    workerData: { module: loadKernelModule('tomtom'), memoryBase, pageBytes, plan },
  })
}

/** @throws what the thread throws, or the signal's reason */
async function ask(
  thread: Worker,
  queries: readonly ComparedMotif[],
  signal: AbortSignal,
): Promise<readonly Comparison[]> {
  thread.postMessage(queries.map(queryOf))
  try {
    const [found] = (await once(thread, 'message', { signal })) as [readonly Comparison[]]
    return found
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}
