/**
 * Runs many inputs in lock-step: the rows that concurrent callers want scored are packed into full predictor batches.
 * A batch is sent when it is full or when every caller inside waits; there is no timer, so batches are reproducible
 * (unless an engine works beside the predictor: which of its answers comes first is up to its threads).
 */
import { DataError } from '../../base/errors.ts'
import type { Cells, Predictor } from '../../predict/predictor.ts'
import { emptyCells } from '../masking.ts'
import type { FillRows, MaskableInput, Scorer } from '../types.ts'

/** All callers give inputs of the same type of cells. A request fails with the signal's reason once it is aborted. */
export interface ScoreQueue extends Scorer {
  /** Counts a caller in: no partial batch is sent unless all callers inside wait for scores. */
  enter(): void
  leave(): void
  /**
   * Work of a caller inside that an engine does meanwhile: it counts as waiting, so that the batches of the others fill
   * up, unless so few such works are under way that the engine's threads run out of them.
   */
  elsewhere<T>(work: () => Promise<T>): Promise<T>
}

export interface ScoreQueueOptions {
  readonly predictor: Predictor
  /** Index into the predictor's outputs. */
  readonly output: number
  /** Works elsewhere that keep an engine busy: a partial batch is not sent while there are so many. */
  readonly busyElsewhere?: number | undefined
  readonly signal?: AbortSignal | undefined
}

interface Request {
  readonly input: MaskableInput
  readonly fill: FillRows
  readonly scores: Float32Array // [rows]
  sent: number
  readonly resolve: (scores: Float32Array) => void
  readonly reject: (reason: Error) => void
}

/** Rows [from, to) of one request in a batch. */
interface Part {
  readonly request: Request
  readonly from: number
  readonly to: number
}

export function createScoreQueue(options: ScoreQueueOptions): ScoreQueue {
  const { predictor, output, busyElsewhere = 1, signal } = options
  const { width, batchSize } = predictor
  const outputs = predictor.outputs.length
  const pending: Request[] = []
  let pendingRows = 0
  let callers = 0
  let waiting = 0
  let workingElsewhere = 0
  let sending = false
  let buffer: Cells | undefined
  let failure: Error | undefined

  function pump(): void {
    if (sending || pendingRows === 0) return
    if (pendingRows < batchSize) {
      const computing = callers - waiting - workingElsewhere
      if (computing > 0 || workingElsewhere >= busyElsewhere) return
    }
    sending = true
    void send(takeBatch())
  }

  function takeBatch(): Part[] {
    const parts: Part[] = []
    let free = batchSize
    while (free > 0 && pending.length > 0) {
      const request = pending[0]!
      const from = request.sent
      const to = Math.min(request.scores.length, from + free)
      parts.push({ request, from, to })
      request.sent = to
      free -= to - from
      pendingRows -= to - from
      if (to === request.scores.length) pending.shift()
    }
    return parts
  }

  /** Never rejects: what goes wrong is handed to the callers. */
  async function send(parts: readonly Part[]): Promise<void> {
    try {
      signal?.throwIfAborted()
      deliver(parts, await predict(parts))
    } catch (cause) {
      fail(cause instanceof Error ? cause : new Error('the predictor failed', { cause }), parts)
    }
    sending = false
    pump()
  }

  async function predict(parts: readonly Part[]): Promise<Float32Array> {
    buffer ??= emptyCells(parts[0]!.request.input.cells, batchSize * width)
    let rows = 0
    for (const { request, from, to } of parts) {
      request.fill(buffer, rows * width, from, to)
      rows += to - from
    }
    const scores = await predictor.predict(buffer.subarray(0, rows * width), rows)
    if (scores.length !== rows * outputs) {
      throw new Error(`the predictor returned ${scores.length} scores for ${rows} rows of ${outputs} outputs`)
    }
    return scores
  }

  function deliver(parts: readonly Part[], scores: Float32Array): void {
    let row = 0
    for (const { request, from, to } of parts) {
      for (let i = from; i < to; i++) request.scores[i] = scores[row++ * outputs + output]!
      if (to < request.scores.length) continue
      waiting--
      if (request.scores.some(Number.isNaN)) {
        const message = `output '${predictor.outputs[output]}' of the model is not a number (NaN) for a masked form of it; check the weights of the model`
        request.reject(new DataError(message, { sequence: request.input.name }))
      } else request.resolve(request.scores)
    }
  }

  function fail(reason: Error, parts: readonly Part[]): void {
    failure = reason
    // A request that spans batches is both in the parts and pending; rejecting it twice does nothing.
    for (const { reject } of [...parts.map(({ request }) => request), ...pending]) reject(reason)
    pending.length = 0
    pendingRows = 0
    waiting = 0
  }

  return {
    width,
    enter() {
      callers++
    },
    leave() {
      callers--
      pump()
    },
    async elsewhere(work) {
      workingElsewhere++
      pump()
      try {
        return await work()
      } finally {
        workingElsewhere--
      }
    },
    score(input, rows, fill) {
      return new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure)
          return
        }
        pending.push({ input, fill, scores: new Float32Array(rows), sent: 0, resolve, reject })
        pendingRows += rows
        waiting++
        pump()
      })
    },
  }
}
