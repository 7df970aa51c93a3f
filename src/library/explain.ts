/** SIS-collections of sequences, and the proof of a single SIS, for an open model and a decision. */
import type { Reporter } from '../base/reporter.ts'
import {
  openEngine as openEngineFor,
  selectionsAThread,
  type Engine,
  type EnginePreference,
} from '../engine/engine.ts'
import { patternOf } from '../sequence/pattern.ts'
import { certify as certifyClaim } from '../sis/certify.ts'
import type { Decision } from '../sis/decision.ts'
import { extractCollections as collectionsOf, type IdentifiedInput } from '../sis/extractCollections.ts'
import { createScoreQueue } from '../sis/queue/scoreQueue.ts'
import { sequenceInput } from '../sis/sequenceInput.ts'
import type { Certificate, SisCollection, SufficientInputSubset } from '../sis/types.ts'
import { partsOf, type OpenModel } from './model.ts'
import { codesOf, type NamedSequence } from './sequences.ts'

/** How an engine is chosen. */
export interface OpenEngineOptions {
  /** `auto` unless given; `incremental` is an error where no engine knows the model, `naive` the reference selector. */
  readonly preference?: EnginePreference | undefined
  /** Those of the model unless given. */
  readonly threads?: number | undefined
}

/**
 * Opens the engine that knows the model, for many extractions of one decision; `extractCollections` opens one by itself
 * otherwise. Close it after use.
 * @param decision its threshold does not matter to an engine
 * @throws ConfigError where `incremental` was asked for and cannot be had
 */
export function openEngine(
  model: OpenModel,
  decision: Pick<Decision, 'output' | 'direction'>,
  options: OpenEngineOptions = {},
): Engine {
  const parts = partsOf(model)
  const { preference = 'auto', threads = parts.threads } = options
  const { background } = model
  const known = parts.model.kind === 'network' ? parts.model.network : parts.model
  return openEngineFor(known, { preference, decision, background, threads })
}

/** What is extracted, and how. */
export interface ExtractOptions {
  /** One that `openEngine` opened, or which to open. */
  readonly engine?: Engine | EnginePreference | undefined
  /** Subsets of each sequence at most; all unless given. */
  readonly maxSis?: number | undefined
  /** Stops the work at once. */
  readonly signal?: AbortSignal | undefined
  /** Told how far it is and of what should be known; silence unless given. */
  readonly reporter?: Reporter | undefined
}

/** One SIS of a sequence, with its proof. */
export interface SequenceSis extends Omit<SufficientInputSubset, 'features'> {
  /** The kept bases, 0-based, ascending. */
  readonly positions: Int32Array
  /** First to last kept base, `-` where a base is masked. */
  readonly pattern: string
}

/** The SIS-collection of one sequence. */
export interface ExplainedSequence extends Omit<SisCollection, 'subsets'>, NamedSequence {
  /** Disjoint, in the order found; none where the sequence does not give the decision. */
  readonly subsets: readonly SequenceSis[]
}

/**
 * The SIS-collection of each sequence, in the order given (Carter, Mueller, Jain, Gifford, AISTATS 2019, algorithm 1). Every
 * SIS was certified by the full model.
 * @param sequences of the model's length, e.g. `readFasta(path)`
 * @throws DataError naming the sequence that has another length or a letter that is not IUPAC, or that scores NaN
 */
export async function* extractCollections(
  model: OpenModel,
  sequences: AsyncIterable<NamedSequence> | Iterable<NamedSequence>,
  decision: Decision,
  options: ExtractOptions = {},
): AsyncGenerator<ExplainedSequence> {
  const { predictor, threads } = partsOf(model)
  const { engine: asked = 'auto', maxSis, signal, reporter } = options
  const engine = typeof asked === 'string' ? openEngine(model, decision, { preference: asked }) : asked
  const inFlight = new Map<number, NamedSequence & { readonly codes: Uint8Array }>()
  async function* inputs(): AsyncGenerator<IdentifiedInput> {
    let id = 0
    for await (const { name, sequence } of sequences) {
      const codes = codesOf({ name, sequence }, predictor.width)
      inFlight.set(id, { name, sequence, codes })
      yield { id: id++, ...sequenceInput(name, codes) }
    }
  }
  try {
    for await (const { id, collection } of collectionsOf({
      inputs: inputs(),
      predictor,
      decision,
      selector: engine.selector,
      busySelections: selectionsAThread * threads,
      maxSis,
      signal,
      reporter,
    })) {
      const { sequence, codes } = inFlight.get(id)!
      inFlight.delete(id)
      const subsets = collection.subsets.map(({ features, ...subset }) => ({
        ...subset,
        positions: features,
        pattern: patternOf(codes, features),
      }))
      yield { ...collection, sequence, subsets }
    }
  } finally {
    if (engine !== asked) await engine.close()
  }
}

/**
 * Proves a subset of a sequence's bases, whoever found it, by fresh scores of the full model: whether it alone keeps the
 * decision, and whether it would without any one of its bases.
 * @param positions the kept bases, 0-based
 * @throws DataError as `extractCollections`, RangeError where a position is outside the sequence or there twice
 */
export async function certify(
  model: OpenModel,
  sequence: NamedSequence,
  positions: ArrayLike<number>,
  decision: Decision,
): Promise<Certificate> {
  const { predictor } = partsOf(model)
  const codes = codesOf(sequence, predictor.width)
  const full = new Uint8Array(codes.length).fill(1)
  const residual = full.slice()
  for (const position of Array.from(positions)) {
    if (residual[position] !== 1) {
      throw new RangeError(`position ${position} is outside the ${codes.length} bases, or there twice`)
    }
    residual[position] = 0
  }
  const members = Int32Array.from(positions).sort()
  const queue = createScoreQueue({ predictor, output: decision.output })
  queue.enter()
  try {
    return await certifyClaim(queue, decision, sequenceInput(sequence.name, codes), {
      full,
      residual,
      members,
    })
  } finally {
    queue.leave()
  }
}
