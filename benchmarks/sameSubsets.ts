/**
 * Whether the engines and the reference selector find the same subsets of trained models: whole collections of the same
 * sequences by `auto` and by `naive`, base for base. Where they differ, both are followed to the step at which they part:
 * there the predictor scores what each masks, and tells a tie from a fault.
 *
 *     npm run build && npx tsx benchmarks/sameSubsets.ts [--sequences 60] RUN ...
 */
import { openEngine } from '../src/engine/engine.ts'
import { loadModel, openPredictor, outputsOf } from '../src/import/modelPredictor.ts'
import { runDirectory } from '../src/run/record/runDirectory.ts'
import { encodeSequence, uniformBackground } from '../src/sequence/alphabet.ts'
import { createReferenceSelector } from '../src/sis/backwardSelect.ts'
import { decisionHolds, type Decision } from '../src/sis/decision.ts'
import { extractCollections, type IdentifiedInput } from '../src/sis/extractCollections.ts'
import { createScoreQueue } from '../src/sis/queue/scoreQueue.ts'
import { sequenceInput } from '../src/sis/sequenceInput.ts'
import type { BackwardSelector, SisCollection } from '../src/sis/types.ts'
import { masked } from '../src/sequence/alphabet.ts'
import type { Predictor } from '../src/predict/predictor.ts'
import { readRows } from '../src/store/tableReader.ts'
import { tieTolerance } from './agreement.ts'

/** Quantiles of the test scores that become τ, for each direction. */
const quantiles = { '>=': [0.5, 0.75, 0.9], '<=': [0.1, 0.25, 0.5] } as const
const threads = 2
const maxSis = 3

export interface SubsetAgreement {
  readonly model: string
  readonly engine: string
  readonly direction: Decision['direction']
  readonly threshold: number
  readonly sequences: number
  readonly subsets: number
  /** Sequences whose collections differ, and the two ways part where scores tie. */
  readonly ties: number
  /** Sequences whose collections differ otherwise: 0, or one of the two is wrong. */
  readonly different: number
  readonly recomputed: number
}

interface Selectors {
  readonly engine: BackwardSelector
  readonly reference: BackwardSelector
}

/**
 * @param run a run directory whose models have been trained and have scored the sequences
 * @param count sequences of each model and decision, spread evenly over those that give it
 */
export async function* compareRun(run: string, count: number): AsyncGenerator<SubsetAgreement> {
  const directory = runDirectory(run)
  const columns = ['model_id', 'name', 'output'] as const
  for (const { model_id, name, output } of await readRows(run, 'models', columns)) {
    const { model } = await loadModel(directory.model(name))
    if (model.kind === 'black-box' || !(output in outputsOf(model))) continue
    const scored = await readRows(
      [directory.table('predictions', name)],
      'predictions',
      ['sequence_id', 'score'],
      {
        where: `output = ${output} AND model_id = ${model_id}`,
      },
    )
    const scores = new Map(scored.map(({ sequence_id, score }) => [sequence_id, score]))
    const sequences = await readRows(run, 'sequences', ['sequence_id', 'name', 'sequence'], {
      where: "split = 'test'",
    })
    const ascending = sequences.map(({ sequence_id }) => scores.get(sequence_id)!).sort((a, b) => a - b)
    const predictor = await openPredictor(model, { background: uniformBackground, device: 'cpu', threads })
    for (const direction of ['>=', '<='] as const) {
      const engine = openEngine(model.network, {
        preference: 'incremental',
        decision: { output, direction },
        background: uniformBackground,
        threads,
      })
      for (const quantile of quantiles[direction]) {
        const threshold = ascending[Math.floor(quantile * (ascending.length - 1))]!
        const decision = { output, direction, threshold }
        const positive = sequences.filter(({ sequence_id }) =>
          decisionHolds(decision, scores.get(sequence_id)!),
        )
        const inputs = Array.from({ length: Math.min(count, positive.length) }, (_, i): IdentifiedInput => {
          const { name, sequence } = positive[Math.floor((i * positive.length) / count)] ?? positive[i]!
          return { id: i, ...sequenceInput(name, encodeSequence(sequence)) }
        })
        yield {
          model: name,
          engine: engine.name,
          ...(await compare(inputs, predictor, decision, engine.selector!)),
        }
      }
      await engine.close()
    }
    await predictor.close()
  }
}

async function compare(
  inputs: readonly IdentifiedInput[],
  predictor: Predictor,
  decision: Decision,
  engine: BackwardSelector,
): Promise<Omit<SubsetAgreement, 'model' | 'engine'>> {
  const found = await collect(inputs, predictor, decision, engine)
  const expected = await collect(inputs, predictor, decision, undefined)
  const queue = createScoreQueue({ predictor, output: decision.output })
  const selectors: Selectors = { engine, reference: createReferenceSelector(queue, decision.direction) }
  let [ties, different, subsets, recomputed] = [0, 0, 0, 0]
  for (const [i, input] of inputs.entries()) {
    subsets += expected[i]!.subsets.length
    recomputed += found[i]!.subsets.filter((subset) => subset.recomputed).length
    const round = firstDifference(found[i]!, expected[i]!)
    if (round === undefined) continue
    const present = new Uint8Array(input.cells.length).fill(1)
    for (const { features } of expected[i]!.subsets.slice(0, round)) for (const j of features) present[j] = 0
    if (await partAtTie(input, present, predictor, decision, selectors)) ties++
    else different++
  }
  const { direction, threshold } = decision
  return { direction, threshold, sequences: inputs.length, subsets, ties, different, recomputed }
}

async function collect(
  inputs: readonly IdentifiedInput[],
  predictor: Predictor,
  decision: Decision,
  selector: BackwardSelector | undefined,
): Promise<SisCollection[]> {
  const collections: SisCollection[] = []
  for await (const { collection } of extractCollections({ inputs, predictor, decision, selector, maxSis })) {
    collections.push(collection)
  }
  return collections
}

/** @returns the rank of the first subset that is not the same; undefined where all are */
function firstDifference(a: SisCollection, b: SisCollection): number | undefined {
  const most = Math.max(a.subsets.length, b.subsets.length)
  for (let rank = 0; rank < most; rank++) {
    if (String(a.subsets[rank]?.features) !== String(b.subsets[rank]?.features)) return rank
  }
  return undefined
}

/** Whether the two orderings part at a step in which the predictor scores both choices alike. */
async function partAtTie(
  input: IdentifiedInput,
  present: Uint8Array,
  predictor: Predictor,
  { output }: Decision,
  { engine, reference }: Selectors,
): Promise<boolean> {
  const [a, b] = [await engine.select(input, present), await reference.select(input, present)]
  const step = a.features.findIndex((feature, i) => feature !== b.features[i])
  if (step < 0) return false
  const rows = new Uint8Array(2 * present.length)
  for (const [row, { features }] of [a, b].entries()) {
    const cells = Uint8Array.from(input.cells, (code, j) => (present[j] === 1 ? code : masked))
    for (const feature of features.subarray(0, step + 1)) cells[feature] = masked
    rows.set(cells, row * present.length)
  }
  const scores = await predictor.predict(rows, 2)
  const [first, second] = [scores[output]!, scores[predictor.outputs.length + output]!]
  return Math.abs(first - second) <= tieTolerance * Math.max(Math.abs(first), Math.abs(second))
}

if (process.argv[1] === import.meta.filename) {
  const args = process.argv.slice(2)
  const at = args.indexOf('--sequences')
  const [count] = at < 0 ? [60] : args.splice(at, 2).slice(1).map(Number)
  console.log('| run | model | engine | decision | sequences | SIS | other at ties | other | recomputed |')
  console.log('|---|---|---|---|---|---|---|---|---|')
  let different = 0
  for (const run of args) {
    for await (const row of compareRun(run, count!)) {
      different += row.different
      const decision = `${row.direction} ${row.threshold.toPrecision(4)}`
      const cells = [run.split('/').at(-1)!, row.model, row.engine, decision, row.sequences, row.subsets]
      console.log(`| ${[...cells, row.ties, row.different, row.recomputed].join(' | ')} |`)
    }
  }
  console.log(`${different} sequences have other subsets, ties left out`)
  process.exitCode = different === 0 ? 0 : 1
}
