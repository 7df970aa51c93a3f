/** Backward selections through an engine: how many sequences and bases fit into the time of one measurement. */
import { openEngine, type Engine } from '../src/engine/engine.ts'
import { Random } from '../src/base/random.ts'
import type { Network } from '../src/model/network/network.ts'
import { uniformBackground } from '../src/sequence/alphabet.ts'
import { sequenceInput } from '../src/sis/sequenceInput.ts'
import type { BackwardSelector } from '../src/sis/types.ts'
import { selectionRows, type SelectionPath } from './baseline.ts'

export function openAutomatically(network: Network, threads: number): Engine {
  return openEngine(network, {
    preference: 'auto',
    decision: { output: 0, direction: '>=' },
    background: uniformBackground,
    threads,
  })
}

/** Sequences to order, the first of an endless or a finite row. */
export interface SequenceSource {
  readonly count: number
  /** @returns codes: Uint8Array [L] */
  at(index: number): Uint8Array
}

export interface SelectionTask {
  readonly codes: Uint8Array // [L]
  readonly present: Uint8Array // [L]
}

/**
 * The first sequences with p bases each that may be masked, drawn by chance; the others are masked from the start, as they
 * are in the last p steps of a whole selection.
 */
export function selectionTasks(source: SequenceSource, count: number, p: number): SelectionTask[] {
  return Array.from({ length: Math.min(count, source.count) }, (_, index) => {
    const codes = source.at(index)
    const present = new Uint8Array(codes.length)
    const order = new Random(1, 'present', index).shuffle(Int32Array.from(codes.keys()))
    for (const position of order.subarray(0, p)) present[position] = 1
    return { codes, present }
  })
}

/** All at once, as many in flight as there are. */
export function selectAll(
  selector: BackwardSelector,
  tasks: readonly SelectionTask[],
): Promise<SelectionPath[]> {
  return Promise.all(
    tasks.map(async ({ codes, present }, i) => {
      const { features } = await selector.select(sequenceInput(`sequence ${i}`, codes), present)
      return { codes, present, features }
    }),
  )
}

export interface Workload {
  readonly tasks: readonly SelectionTask[]
  /** Bases of each that are masked one by one: all, unless a whole selection takes too long. */
  readonly p: number
  /** That one measurement is expected to take. */
  readonly seconds: number
}

/**
 * @param target seconds that a measurement should take
 * @param limit seconds that it may take where one sequence a thread takes longer than `target`
 */
export async function chooseWorkload(
  selector: BackwardSelector,
  source: SequenceSource,
  length: number,
  threads: number,
  { target, limit }: { readonly target: number; readonly limit: number },
): Promise<Workload> {
  let p = Math.min(length, 25)
  // Threads start and kernels compile.
  await selectAll(selector, selectionTasks(source, 8 * threads, p))
  let seconds: number
  for (;;) {
    const tasks = selectionTasks(source, threads, p)
    // Twice where that is quick: one measurement may be disturbed.
    const times = []
    for (let run = 0; run < 2 && (run === 0 || times[0]! < target); run++) {
      const begin = performance.now()
      await selectAll(selector, tasks)
      times.push((performance.now() - begin) / 1000)
    }
    seconds = Math.min(...times)
    const next = Math.min(length, 2 * p)
    // A selection of p bases of L costs p² at least, and p² L at most.
    if (p === length || seconds * (selectionRows(next) / selectionRows(p)) > limit) break
    p = next
  }
  const repeats = Math.max(1, Math.floor(target / seconds))
  const pilot = selectionTasks(source, Math.min(threads * repeats, 32 * threads), p)
  const begin = performance.now()
  await selectAll(selector, pilot)
  const each = (performance.now() - begin) / 1000 / pilot.length
  const count = Math.max(threads, Math.ceil(target / each / threads) * threads)
  const chosen = selectionTasks(source, count, p)
  return { tasks: chosen, p, seconds: each * chosen.length }
}
