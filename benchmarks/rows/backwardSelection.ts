/** Backward selection of whole sequences by the engine against its masked inputs through ONNX Runtime. */
import { Random } from '../../src/base/random.ts'
import type { Network } from '../../src/model/network/network.ts'
import type { SequenceSet } from '../../src/sequence/sequenceSet.ts'
import {
  maskedRows,
  openBaseline,
  sampleSteps,
  selectionRows,
  type Baseline,
  type SelectionPath,
} from '../baseline.ts'
import { interleave, speedUp, spreadOf, type Measure } from '../harness.ts'
import {
  bassetLayers,
  dilatedLayers,
  randomNetwork,
  scoresOf,
  trainedModel,
  twoDenseLayers,
} from '../networks.ts'
import {
  figure,
  secondsText,
  shareText,
  spreadText,
  type Section,
  type Table,
  type Verdict,
} from '../results.ts'
import {
  chooseWorkload,
  openAutomatically,
  selectAll,
  selectionTasks,
  type SequenceSource,
  type Workload,
} from '../selections.ts'
import { ctcfSequences, hasRealData, noRealData, randomSequence, rowsOfSet } from '../sequences.ts'
import { batchSizes, fewBatchSizes, type BenchSettings } from '../settings.ts'

export interface SelectionCase {
  readonly work: string
  readonly goal: number
  readonly network: Network
  readonly sequences: SequenceSource
}

/** Seconds of one measurement from which on there are `fewRounds`. */
const longRound = 10
const fewRounds = 3

interface Measured {
  readonly verdict: Verdict
  readonly cells: Table['rows'][number]
  readonly data: unknown
}

export function randomSource(length: number, seed = 1): SequenceSource {
  return { count: Infinity, at: (index) => randomSequence(length, seed, index) }
}

export async function cnnSection(settings: BenchSettings): Promise<Section> {
  const cases: SelectionCase[] = [
    {
      work: 'paper CNN, random weights, L = 101',
      goal: 300,
      network: await randomNetwork('cnn', 101),
      sequences: randomSource(101),
    },
  ]
  const notes: string[] = []
  if (hasRealData()) {
    const { network, auroc } = await trainedModel('cnn', trainedEpochs, settings.reporter)
    const peaks = await confidentPeaks(network)
    const sequences: SequenceSource = { count: peaks.length, at: (index) => peaks[index]! }
    cases.push({ work: 'paper CNN, trained, L = 101', goal: 300, network, sequences })
    notes.push(
      `Trained: ${trainedEpochs} epochs on 19,544 CTCF peaks and shuffles (auROC ${auroc.toFixed(3)} on 1,000 held out); its sequences are the peaks that it scores ≥ 0.5.`,
    )
  } else notes.push(noRealData)
  return selectionSection('Paper CNN (128 filters of 24, same), L = 101', cases, settings, notes)
}

export async function longCnnSection(settings: BenchSettings): Promise<Section> {
  const cases: SelectionCase[] = [
    {
      work: 'paper CNN, random weights, L = 1,000',
      goal: 3000,
      network: await randomNetwork('cnn', 1000),
      sequences: randomSource(1000),
    },
  ]
  const notes: string[] = []
  if (hasRealData()) {
    const trained = await trainedModel('cnn', trainedEpochs, settings.reporter)
    // Nothing of the network but its input knows the length: all positions are pooled into one.
    const network = { ...trained.network, inputLength: 1000 }
    cases.push({
      work: 'paper CNN, trained, L = 1,000',
      goal: 3000,
      network,
      sequences: peaksAmongShuffles(await ctcfSequences()),
    })
    notes.push(
      'Trained: the weights that were trained at L = 101; each sequence is a CTCF peak among nine shuffles.',
    )
  } else notes.push(noRealData)
  return selectionSection('Paper CNN (128 filters of 24, same), L = 1,000', cases, settings, notes)
}

/** Sequences of 1,000 bases: a peak between five shuffles and four. */
function peaksAmongShuffles(set: SequenceSet): SequenceSource {
  const rows = [...set.labels.keys()]
  const shuffles = rows.filter((row) => set.labels[row] === 0)
  const peaks = rows.filter((row) => set.labels[row] === 1)
  return {
    count: Math.floor(shuffles.length / 9),
    at(index) {
      const around = shuffles.slice(index * 9, index * 9 + 9)
      const parts = rowsOfSet(set, [...around.slice(0, 5), peaks[index]!, ...around.slice(5)])
      const codes = new Uint8Array(parts.length * set.length)
      for (const [i, part] of parts.entries()) codes.set(part, i * set.length)
      return codes.slice(0, 1000)
    },
  }
}

export async function denseSection(settings: BenchSettings): Promise<Section> {
  return selectionSection(
    'Fully connected, L = 101',
    [
      {
        work: 'FC 404 → 512 → 1, random weights, L = 101',
        goal: 30,
        network: await randomNetwork('fc', 101),
        sequences: randomSource(101),
      },
      {
        work: 'FC 404 → 512 → 512 → 1, random weights, L = 101',
        goal: 1.5,
        network: await randomNetwork(twoDenseLayers, 101),
        sequences: randomSource(101),
      },
    ],
    settings,
    [],
  )
}

export async function bassetSection(settings: BenchSettings): Promise<Section> {
  return selectionSection(
    'Basset-like, L = 600',
    [
      {
        work: 'Basset-like (300×19, pool 3; 200×11, pool 4; 200×7, pool 4; 1,000; 1), random weights, L = 600',
        goal: 40,
        network: await randomNetwork(bassetLayers, 600),
        sequences: randomSource(600),
      },
    ],
    settings,
    ['Convolutions and pools padded (`same`), batch normalisation before each ReLU.'],
  )
}

export async function dilatedSection(settings: BenchSettings): Promise<Section> {
  return selectionSection(
    'Dilated residual net, L = 1,000',
    [
      {
        work: 'dilated residual (64×21; 9 × 64×3, dilation 2 … 512; average pool; 1), random weights, L = 1,000',
        goal: 2,
        network: await randomNetwork(dilatedLayers, 1000),
        sequences: randomSource(1000),
      },
    ],
    settings,
    [],
  )
}

/** Enough for the paper's CNN to know the motif; the cache keeps the result. */
export const trainedEpochs = 5

/** The peaks that the trained network scores at least 0.5, in file order. */
export async function confidentPeaks(network: Network): Promise<Uint8Array[]> {
  const set = await ctcfSequences()
  const positives = rowsOfSet(set, set.labels.keys()).filter((_, row) => set.labels[row] === 1)
  const scores = await scoresOf(network, positives)
  return positives.filter((_, i) => scores[i]! >= 0.5)
}

async function selectionSection(
  title: string,
  cases: readonly SelectionCase[],
  settings: BenchSettings,
  notes: readonly string[],
): Promise<Section> {
  const measured: Measured[] = []
  for (const one of cases) measured.push(await measureCase(one, settings))
  return {
    verdicts: measured.map(({ verdict }) => verdict),
    tables: [
      {
        title,
        columns: [
          'work',
          'engine',
          'sequences × bases masked',
          'engine, a sequence',
          'ONNX Runtime: batch',
          'inputs/s',
          'share measured',
          'a sequence',
          'speed-up',
          'without filling',
        ],
        rows: measured.map(({ cells }) => cells),
        notes: [
          'ONNX Runtime scores the masked inputs of the engine’s own orderings (evenly spread steps of them where a share is measured, scaled to all), as the product does it, from codes; “without filling” is the speed-up against the runtime alone, its input written beforehand, with its own settings. A goal is met where both are. Where a round takes long there are three.',
          ...notes,
        ],
      },
    ],
    data: measured.map(({ data }) => data),
  }
}

async function measureCase(one: SelectionCase, settings: BenchSettings): Promise<Measured> {
  const { threads, quick, rounds, reporter } = settings
  const { network, sequences, work } = one
  reporter.info(work)
  const length = network.inputLength
  const engine = openAutomatically(network, threads)
  try {
    const { selector } = engine
    const times = quick ? { target: 0.5, limit: 3 } : { target: 1.5, limit: 30 }
    const workload =
      selector === undefined ? undefined : await chooseWorkload(selector, sequences, length, threads, times)
    const p = workload?.p ?? length
    const paths = await examplePaths(one, selector === undefined ? undefined : { selector, p })
    const baseline = await openBaseline(
      network,
      rowsForBatches(paths),
      threads,
      quick ? fewBatchSizes : batchSizes,
    )
    try {
      const plan = planRows(paths, baseline, quick ? 0.4 : 1.5)
      const measures: Measure[] = [productMeasure(plan, baseline), bareMeasure(plan, baseline)]
      if (selector !== undefined && workload !== undefined) {
        measures.push({
          name: 'engine',
          run: async () => (await selectAll(selector, workload.tasks)).length,
        })
      }
      const [product, bare, fast] = await interleave(
        measures,
        (workload?.seconds ?? 0) > longRound ? Math.min(rounds, fewRounds) : rounds,
      )
      return tell(one, { engine, workload, p, plan, baseline, product: product!, bare: bare!, fast })
    } finally {
      await baseline.close()
    }
  } finally {
    await engine.close()
  }
}

/** Orderings whose masked inputs the baseline scores; by chance where no engine orders. */
async function examplePaths(
  { network, sequences }: SelectionCase,
  engine:
    | { readonly selector: NonNullable<ReturnType<typeof openAutomatically>['selector']>; readonly p: number }
    | undefined,
): Promise<SelectionPath[]> {
  const length = network.inputLength
  const tasks = selectionTasks(sequences, length <= 200 ? 32 : 1, engine?.p ?? length)
  if (engine !== undefined) return selectAll(engine.selector, tasks)
  return tasks.map((task, i) => ({
    ...task,
    features: new Random(1, 'ordering', i).shuffle(Int32Array.from(task.codes.keys())),
  }))
}

/** Enough masked inputs to try every batch size on. */
function rowsForBatches(paths: readonly SelectionPath[]): Uint8Array {
  return takeRows(paths, batchSizes.at(-1)!).rows
}

/** Masked inputs of whole selections while they fit, else of evenly spread steps; at least `wanted`, if there are so many. */
function takeRows(
  paths: readonly SelectionPath[],
  wanted: number,
): { readonly rows: Uint8Array; readonly count: number } {
  const length = paths[0]!.codes.length
  const parts: Uint8Array[] = []
  let count = 0
  for (const path of paths) {
    const steps = sampleSteps(path.features.length, wanted * 1.1)
    const { rows } = maskedRows(path, steps)
    parts.push(rows)
    count += rows.length / length
    if (count >= wanted) break
  }
  const rows = new Uint8Array(count * length)
  let at = 0
  for (const part of parts) {
    rows.set(part, at)
    at += part.length
  }
  return { rows, count }
}

interface RowPlan {
  readonly rows: Uint8Array // [batches × batch size, L]
  readonly batches: number
  /** Masked inputs of one selection. */
  readonly perSequence: number
}

/** Full batches only: the remainder of a batch would count against the baseline. */
function planRows(paths: readonly SelectionPath[], { rates, batchSize }: Baseline, seconds: number): RowPlan {
  const length = paths[0]!.codes.length
  const wanted = Math.max(1, Math.round((rates.get(batchSize)! * seconds) / batchSize))
  const { rows, count } = takeRows(paths, wanted * batchSize)
  const batches = Math.max(1, Math.min(wanted, Math.floor(count / batchSize)))
  return {
    rows: rows.subarray(0, batches * batchSize * length),
    batches,
    perSequence: selectionRows(paths[0]!.features.length),
  }
}

function productMeasure(
  { rows, batches, perSequence }: RowPlan,
  { predictor, batchSize }: Baseline,
): Measure {
  return {
    name: 'ONNX Runtime',
    async run() {
      await predictor.predict(rows, batches * batchSize)
      return (batches * batchSize) / perSequence
    },
  }
}

function bareMeasure({ batches, perSequence }: RowPlan, { bare }: Baseline): Measure {
  return {
    name: 'ONNX Runtime alone',
    async run() {
      for (let i = 0; i < batches; i++) await bare.run()
      return (batches * bare.batchSize) / perSequence
    },
  }
}

interface Outcome {
  readonly engine: ReturnType<typeof openAutomatically>
  readonly workload: Workload | undefined
  readonly p: number
  readonly plan: RowPlan
  readonly baseline: Baseline
  readonly product: Awaited<ReturnType<typeof interleave>>[number]
  readonly bare: Awaited<ReturnType<typeof interleave>>[number]
  readonly fast: Awaited<ReturnType<typeof interleave>>[number] | undefined
}

function tell({ work, goal, network }: SelectionCase, outcome: Outcome): Measured {
  const { engine, workload, p, plan, baseline, product, bare, fast } = outcome
  const length = network.inputLength
  const times =
    fast === undefined ? undefined : { product: speedUp(product, fast), bare: speedUp(bare, fast) }
  const baseSeconds = spreadOf(product.secondsPerUnit).median
  const share = Math.min(1, (plan.batches * baseline.batchSize) / plan.perSequence)
  const fraction = p < length ? `, the last ${p} bases of ${length}` : ''
  return {
    verdict: {
      work: `${work}${fraction}`,
      measured:
        times === undefined
          ? `no engine (${engine.reason})`
          : `${spreadText(times.product, '×')}; ${figure(times.bare.median)}× the runtime alone`,
      goal: `≥ ${figure(goal)}×`,
      met: times === undefined ? undefined : Math.min(times.product.median, times.bare.median) >= goal,
    },
    cells: [
      work,
      engine.name === 'naive' ? `naive: ${engine.reason}` : engine.name,
      workload === undefined ? undefined : `${workload.tasks.length} × ${p}`,
      fast === undefined ? undefined : secondsText(spreadOf(fast.secondsPerUnit).median),
      baseline.batchSize,
      figure(plan.perSequence / baseSeconds),
      shareText(share, share < 0.1 ? 2 : 0),
      secondsText(baseSeconds),
      times === undefined ? undefined : spreadText(times.product, '×'),
      times === undefined ? undefined : spreadText(times.bare, '×'),
    ],
    data: {
      work,
      engine: engine.name,
      reason: engine.reason,
      length,
      basesMasked: p,
      sequences: workload?.tasks.length,
      batchSize: baseline.batchSize,
      batchRates: Object.fromEntries(baseline.rates),
      inputsPerSequence: plan.perSequence,
      inputsMeasured: plan.batches * baseline.batchSize,
      secondsPerSequence: {
        engine: fast?.secondsPerUnit,
        onnxRuntime: product.secondsPerUnit,
        onnxRuntimeAlone: bare.secondsPerUnit,
      },
      speedUp: times?.product,
      speedUpAgainstRuntimeAlone: times?.bare,
    },
  }
}
