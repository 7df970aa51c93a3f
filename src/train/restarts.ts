/** Training from other first weights where a network has learnt nothing: some seeds leave one at chance. */
import { Random } from '../base/random.ts'
import type { Reporter } from '../base/reporter.ts'
import type { Network } from '../model/network/network.ts'
import type { SequenceSet } from '../sequence/sequenceSet.ts'
import { trainDefaults, trainNetwork, type TrainOptions, type TrainedNetwork } from './train.ts'
import type { TrainingRuntime } from './training.ts'

export interface Attempt extends Omit<TrainedNetwork, 'network'> {
  readonly seed: number
}

export interface RestartedNetwork extends TrainedNetwork {
  /** That the network comes from. */
  readonly seed: number
  /** All of them, in order. */
  readonly attempts: readonly Attempt[]
}

export interface RestartOptions extends TrainOptions {
  /** Further attempts, at most, while the validation split shows no model that is better than chance. */
  readonly restarts: number
}

export const restartDefaults = {
  ...trainDefaults,
  restarts: 2,
} as const satisfies Omit<RestartOptions, 'name'>

/**
 * @param seed of the run
 * @param attempt 0-based
 * @returns the run's own at first, then one drawn from the stream `restart`
 */
export function seedOfAttempt(seed: number, attempt: number): number {
  return attempt === 0 ? seed : new Random(seed, 'restart', attempt).uint32() >>> 1
}

/**
 * Trains until an attempt is better than chance, at most `restarts` times more; of attempts that all stay at chance, the
 * one with the lowest validation loss is kept.
 * @param initialise draws first weights
 */
export async function trainWithRestarts(
  initialise: (seed: number) => Network,
  set: SequenceSet,
  options: RestartOptions,
  runtime: TrainingRuntime,
  reporter: Reporter,
): Promise<RestartedNetwork> {
  const { name, restarts } = options
  const attempts: Attempt[] = []
  let kept: { readonly seed: number; readonly trained: TrainedNetwork } | undefined
  for (let attempt = 0; attempt <= restarts; attempt++) {
    const seed = seedOfAttempt(options.seed, attempt)
    if (attempt > 0) {
      reporter.info(
        `train ${name}: still at chance on the validation split; restart ${attempt} of at most ${restarts}, from seed ${seed}`,
      )
    }
    const trained = await trainNetwork(initialise(seed), set, { ...options, seed }, runtime, reporter)
    const { history, bestEpoch, validLoss, learnt } = trained
    attempts.push({ seed, history, bestEpoch, validLoss, learnt })
    if (kept === undefined || learnt !== false || lossOf(trained) < lossOf(kept.trained)) {
      kept = { seed, trained }
    }
    if (learnt !== false) break
  }
  return { ...kept!.trained, seed: kept!.seed, attempts }
}

function lossOf({ validLoss }: TrainedNetwork): number {
  return validLoss ?? Infinity
}
