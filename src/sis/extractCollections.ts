/** SIS-collections of many inputs: as many at once as keep the predictor's batches full, results in input order. */
import { silentReporter, type Reporter } from '../base/reporter.ts'
import type { GradientPredictor } from '../predict/gradientPredictor.ts'
import type { Predictor } from '../predict/predictor.ts'
import { createBatchedGradientSelector } from './approximate/batchedGradient.ts'
import type { Decision } from './decision.ts'
import { besideQueue } from './queue/besideQueue.ts'
import { createGradientQueue } from './queue/gradientQueue.ts'
import { createScoreQueue } from './queue/scoreQueue.ts'
import { sisCollection } from './sisCollection.ts'
import type { BackwardSelector, MaskableInput, SisCollection } from './types.ts'

export interface IdentifiedInput extends MaskableInput {
  readonly id: number
}

export interface ExtractOptions {
  readonly inputs: AsyncIterable<IdentifiedInput> | Iterable<IdentifiedInput>
  readonly predictor: Predictor
  readonly decision: Decision
  /** An engine's selector; the reference selector unless given. */
  readonly selector?: BackwardSelector | undefined
  /** Selections that an engine must have at hand lest a thread of it waits; 1 unless given. */
  readonly busySelections?: number | undefined
  /** Approximate: selects by gradients, and by `selector` only what they leave. */
  readonly batchedGradient?: BatchedGradient | undefined
  /** Subsets of each input at most. */
  readonly maxSis?: number | undefined
  /** Inputs explained at once; by default what keeps the batches full. */
  readonly concurrency?: number | undefined
  /** What is known from before: such inputs are not explained again, all else is as if they had been. */
  readonly finished?: FinishedCollections | undefined
  /** Called as soon as an input is explained, in any order, before it is yielded in its turn. */
  readonly onFinished?: ((result: ExtractedCollection) => void) | undefined
  readonly signal?: AbortSignal | undefined
  readonly reporter?: Reporter | undefined
  /** Number of inputs, for the progress bar. */
  readonly total?: number | undefined
}

interface BatchedGradient {
  /** Of the network that the predictor runs. */
  readonly predictor: GradientPredictor
  /** Features masked at each step. */
  readonly batchFeatures: number
}

export interface FinishedCollections {
  readonly size: number
  get(input: IdentifiedInput): SisCollection | undefined
}

export interface ExtractedCollection {
  readonly id: number
  readonly collection: SisCollection
}

/**
 * Inputs finished but not yet yielded, as a multiple of `concurrency`, so that one with many subsets does not idle the
 * others while its turn is awaited.
 */
const lookAhead = 4

/**
 * Batches' worth of rows that the inputs ask for in their first step; with each step they ask for fewer. Measured with
 * 200 sequences of 101 bp and batches of 256: 93.8 % of the rows sent are asked for at 4, 98.3 % at 8, 99.7 % at 16.
 */
const batchesInFirstStep = 16

/**
 * Rows that each input is counted on for where an engine selects: what it asks for is certificates, 4 + |S| rows each.
 * Measured with a fake engine of 1 ms a selection on two threads, |S| about 10, L = 101, batches of 256, two selections a
 * thread at hand: 201 rows a batch and the engine busy for 59 % of the time at 16; 253 and 87 % at 8; 255 and 90 % at 4.
 */
const rowsOfCertificate = 4

/**
 * Batches' worth of inputs where gradients select: those of one batch are computed, of the next wait their turn, and some
 * wait for scores. Fewer leave the batches part empty, since inputs that once fell out of step stay so.
 */
const gradientBatchesAtOnce = 3

/**
 * Yields in input order. Memory is bounded by `concurrency`. An error surfaces when the turn of its input comes, so what
 * precedes it has been yielded; leaving the loop early stops the work, and no prediction is under way afterwards.
 * Subsets that were recomputed, that failed certification or that are vacuous are counted in warnings at the end.
 * @throws what `sisCollection` throws, what `inputs` throws, the signal's reason
 */
export async function* extractCollections(options: ExtractOptions): AsyncGenerator<ExtractedCollection> {
  const { predictor, decision, busySelections = 1, batchedGradient, maxSis, finished } = options
  const { reporter = silentReporter } = options
  const concurrency = options.concurrency ?? defaultConcurrency(options)
  const leaving = new AbortController()
  const signal =
    options.signal === undefined ? leaving.signal : AbortSignal.any([options.signal, leaving.signal])
  const queue = createScoreQueue({
    predictor,
    output: decision.output,
    busyElsewhere: busySelections,
    signal,
  })
  const given = options.selector === undefined ? undefined : besideQueue(options.selector, queue)
  const selector =
    batchedGradient === undefined
      ? given
      : createBatchedGradientSelector({
          scorer: queue,
          gradients: createGradientQueue({
            predictor: batchedGradient.predictor,
            output: decision.output,
            signal,
          }),
          decision,
          batchFeatures: batchedGradient.batchFeatures,
          exact: given,
        })
  const before = finished?.size ?? 0
  const progress = reporter.task('finding SIS', options.total, before)
  progress.update(before, '0 SIS')
  const tally: Tally = { inputs: 0, subsets: 0, recomputed: 0, uncertified: 0, vacuous: 0 }
  const found = (): string => `${(tally.subsets - tally.vacuous).toLocaleString('en-US')} SIS`
  const iterator =
    Symbol.asyncIterator in options.inputs
      ? options.inputs[Symbol.asyncIterator]()
      : options.inputs[Symbol.iterator]()

  /** In input order: begun and not yet yielded. */
  const begun: Promise<ExtractedCollection>[] = []
  let running = 0
  let explained = 0
  let exhausted = false as boolean
  let wake: () => void = () => undefined

  async function explain(input: IdentifiedInput): Promise<ExtractedCollection> {
    try {
      const collection = await sisCollection(input, { scorer: queue, decision, selector, maxSis })
      const result = { id: input.id, collection }
      options.onFinished?.(result)
      addTo(tally, collection)
      progress.update(before + ++explained, found())
      return result
    } finally {
      running--
      queue.leave()
      wake()
    }
  }

  /** Takes inputs up to the limits; no partial batch is sent meanwhile. */
  async function begin(): Promise<void> {
    queue.enter()
    try {
      while (!exhausted && running < concurrency && begun.length < lookAhead * concurrency) {
        signal.throwIfAborted()
        const next = await iterator.next()
        if (next.done === true) {
          exhausted = true
          return
        }
        const known = finished?.get(next.value)
        if (known !== undefined) {
          addTo(tally, known)
          begun.push(Promise.resolve({ id: next.value.id, collection: known }))
          continue
        }
        running++
        queue.enter()
        const result = explain(next.value)
        // It is awaited in its turn; until then a rejection must not count as unhandled.
        result.catch(() => undefined)
        begun.push(result)
      }
    } finally {
      queue.leave()
    }
  }

  try {
    for (;;) {
      const freed = new Promise<void>((resolve) => (wake = resolve))
      await begin()
      const first = begun[0]
      if (first === undefined) break
      const result = await Promise.race([first, freed])
      if (result === undefined) continue
      void begun.shift()
      yield result
    }
    warnOf(tally, reporter)
  } finally {
    leaving.abort()
    await Promise.allSettled(begun)
    if (!exhausted) await iterator.return?.()
    progress.end(
      tally.vacuous === tally.inputs && tally.inputs > 0
        ? `the background decides all ${tally.inputs.toLocaleString('en-US')} inputs`
        : `${found()} of ${(tally.inputs - tally.vacuous).toLocaleString('en-US')} inputs`,
    )
  }
}

function defaultConcurrency({
  predictor,
  selector,
  busySelections = 1,
  batchedGradient,
}: ExtractOptions): number {
  const { batchSize, width } = predictor
  if (batchedGradient !== undefined) return gradientBatchesAtOnce * batchedGradient.predictor.batchSize
  if (selector?.scoredBy === 'engine') return busySelections + Math.ceil(batchSize / rowsOfCertificate)
  return Math.max(2, Math.ceil((batchesInFirstStep * batchSize) / width))
}

interface Tally {
  inputs: number
  /** Empty ones too. */
  subsets: number
  recomputed: number
  uncertified: number
  /** Of inputs with no other. */
  vacuous: number
}

function addTo(tally: Tally, { subsets }: SisCollection): void {
  tally.inputs++
  tally.subsets += subsets.length
  for (const { recomputed, certificate, vacuous } of subsets) {
    if (recomputed) tally.recomputed++
    if (!certificate.certified) tally.uncertified++
    if (vacuous) tally.vacuous++
  }
}

function warnOf({ inputs, subsets, recomputed, uncertified, vacuous }: Tally, reporter: Reporter): void {
  if (vacuous > 0) {
    reporter.warn(
      `${vacuous} of ${inputs} inputs keep the decision with everything masked, so their SIS is empty and explains nothing: the background is informative; choose another background or a stricter threshold`,
    )
  }
  if (recomputed > 0) {
    reporter.warn(
      `${recomputed} of ${subsets} SIS failed certification and were recomputed by the reference selector`,
    )
  }
  if (uncertified > 0) {
    reporter.warn(
      `${uncertified} of ${subsets} SIS could not be certified (scores at the threshold differ from batch to batch) and are marked so`,
    )
  }
}
