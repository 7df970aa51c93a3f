/** Chooses how backward selection is computed for a model: a fast exact engine where one knows the network. */
import { ConfigError } from '../base/errors.ts'
import type { Network } from '../model/network/network.ts'
import type { Decision } from '../sis/decision.ts'
import type { BackwardSelector } from '../sis/types.ts'
import { planners } from './planners.ts'
import { createSelectorPool } from './selectorPool.ts'

export const enginePreferences = ['auto', 'incremental', 'naive'] as const
/** Which engine is wanted: `incremental` insists on one that knows the network, `naive` on the reference selector. */
export type EnginePreference = (typeof enginePreferences)[number]

/** Selections that keep a thread of an engine busy: one to work on and one to go on with. */
export const selectionsAThread = 2

export interface EngineOptions {
  /** `incremental` is an error where no engine knows the network; `auto` falls back to `naive`, and says why. */
  readonly preference: EnginePreference
  readonly decision: Pick<Decision, 'output' | 'direction'>
  /** What a masked base becomes: numbers for A, C, G, T. */
  readonly background: readonly number[] // [4]
  readonly threads: number
  /** Features that a selection may have present, at most; all unless given. An engine then takes less memory. */
  readonly candidates?: number | undefined
  /** Stops the engine at once. */
  readonly signal?: AbortSignal | undefined
}

/** What selects for one model and one decision. Close it after use. */
export interface Engine {
  /** Undefined: the reference selector, through the predictor. */
  readonly selector: BackwardSelector | undefined
  /** `scanner`, `dense`, `differences`, or `naive` for the reference selector. */
  readonly name: string
  /** Why this one, for people. */
  readonly reason: string
  /** Memory of all its threads. */
  readonly bytes: number
  /** Ends its threads. */
  close(): Promise<void>
}

/**
 * @param model the network, or why its layers are not known
 * @throws ConfigError where `incremental` was asked for and cannot be had
 */
export function openEngine(model: Network | { readonly refusal: string }, options: EngineOptions): Engine {
  const { preference, decision, background, threads, candidates = Infinity, signal } = options
  if (preference === 'naive') return referenceSelector('asked for')
  const refusals: string[] = []
  if ('refusal' in model) refusals.push(model.refusal)
  else {
    for (const { name, plan } of planners) {
      const planned = plan(model, { ...decision, background, candidates })
      if ('refusal' in planned) {
        refusals.push(`${name}: ${planned.refusal}`)
        continue
      }
      const pool = createSelectorPool(planned.plan, { threads, signal })
      const selector: BackwardSelector = {
        scoredBy: 'engine',
        select(input, present) {
          if (!(input.cells instanceof Uint8Array) || input.features !== undefined) {
            throw new TypeError('an engine explains sequences base by base; use the reference selector')
          }
          const features = present.reduce((sum, one) => sum + one, 0)
          if (features > candidates) {
            throw new RangeError(`${features} features are present; the engine was opened for ${candidates}`)
          }
          return pool.select(input.cells, present)
        },
      }
      const many = threads === 1 ? 'thread' : 'threads'
      return {
        selector,
        name,
        reason: `${planned.reason}, ${threads} ${many}`,
        bytes: threads * planned.plan.bytes,
        close: () => pool.close(),
      }
    }
  }
  if (preference === 'incremental') {
    throw new ConfigError(
      `no incremental engine for this model (${refusals.join('; ')}); use --engine auto or naive`,
    )
  }
  return referenceSelector(refusals.join('; '))
}

function referenceSelector(reason: string): Engine {
  return { selector: undefined, name: 'naive', reason, bytes: 0, close: () => Promise.resolve() }
}
