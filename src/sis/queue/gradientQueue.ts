/**
 * Packs the rows whose gradients concurrent callers want into batches, as the score queue does with scores. Callers that
 * mask in lock-step ask in the same turn of the event loop, so a batch is whatever was asked for when the turn ends.
 */
import { DataError } from '../../base/errors.ts'
import type { GradientPredictor } from '../../predict/gradientPredictor.ts'
import type { Cells } from '../../predict/predictor.ts'
import { emptyCells } from '../masking.ts'
import type { MaskableInput } from '../types.ts'

export interface GradientQueue {
  /** Cells of one row. */
  readonly width: number
  /**
   * @param input names the row in errors
   * @param cells [width], not changed until the promise settles
   * @returns gradients with respect to the mask of each cell: Float32Array [width]
   * @throws DataError naming the input where one is NaN; what the predictor threw; the signal's reason
   */
  gradients(input: MaskableInput, cells: Cells): Promise<Float32Array>
}

export interface GradientQueueOptions {
  readonly predictor: GradientPredictor
  /** Index into the predictor's outputs. */
  readonly output: number
  readonly signal?: AbortSignal | undefined
}

interface Request {
  readonly input: MaskableInput
  readonly cells: Cells
  readonly resolve: (gradients: Float32Array) => void
  readonly reject: (reason: Error) => void
}

export function createGradientQueue({ predictor, output, signal }: GradientQueueOptions): GradientQueue {
  const { width, batchSize } = predictor
  const pending: Request[] = []
  let sending = false

  function pump(): void {
    if (sending || pending.length === 0) return
    sending = true
    setImmediate(() => void send(pending.splice(0, batchSize)))
  }

  /** Never rejects: what goes wrong is handed to the callers. */
  async function send(requests: readonly Request[]): Promise<void> {
    try {
      signal?.throwIfAborted()
      deliver(requests, await predict(requests))
    } catch (cause) {
      const reason = cause instanceof Error ? cause : new Error('the gradients failed', { cause })
      for (const { reject } of requests) reject(reason)
    }
    sending = false
    pump()
  }

  async function predict(requests: readonly Request[]): Promise<Float32Array> {
    const rows = emptyCells(requests[0]!.cells, requests.length * width)
    for (const [row, { cells }] of requests.entries()) rows.set(cells, row * width)
    const gradients = await predictor.gradients(rows, requests.length, output)
    if (gradients.length !== rows.length) {
      throw new Error(`${gradients.length} gradients for ${requests.length} rows of ${width} cells`)
    }
    return gradients
  }

  function deliver(requests: readonly Request[], gradients: Float32Array): void {
    for (const [row, { input, resolve, reject }] of requests.entries()) {
      const own = gradients.slice(row * width, (row + 1) * width)
      if (own.some(Number.isNaN)) {
        const message = `the gradient of output '${predictor.outputs[output]}' of the model is not a number (NaN) for a masked form of it; check the weights of the model, or use the exact selection`
        reject(new DataError(message, { sequence: input.name }))
      } else resolve(own)
    }
  }

  return {
    width,
    gradients(input, cells) {
      return new Promise((resolve, reject) => {
        pending.push({ input, cells, resolve, reject })
        pump()
      })
    },
  }
}
