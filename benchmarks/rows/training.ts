/**
 * An epoch of the paper's CNN over the CTCF peaks: from codes by our kernel, by TensorFlow.js' products of one-hot
 * numbers, and by PyTorch where a Python has it; each with the loss on the validation split. Then `sis demo` as a whole.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { silentReporter } from '../../src/base/reporter.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import {
  loadTensorFlow,
  type TensorFlow,
  type TensorFlowRuntime,
} from '../../src/predict/tfjs/tfjsRuntime.ts'
import type { SequenceSet } from '../../src/sequence/sequenceSet.ts'
import { tfjsTraining } from '../../src/train/tfjsTraining.ts'
import { trainDefaults, trainNetwork } from '../../src/train/train.ts'
import { interleave, speedUp, spreadOf, type Measure, type Timing } from '../harness.ts'
import { measureCommand, staleBuild } from '../measuredCommand.ts'
import { figure, spreadText, type Section, type Table, type Verdict } from '../results.ts'
import { python } from '../../test/agreement/python.ts'
import { hasTorch, noTorch } from '../peers/torchPeer.ts'
import { ctcfSequences, hasRealData, noRealData } from '../sequences.ts'
import type { BenchSettings } from '../settings.ts'

const epochGoal = 15
const demoGoal = 60
const script = join(import.meta.dirname, '../peers/trainPytorch.py')
const work = 'an epoch of the paper CNN, 19,544 sequences of 101 bp'

export async function trainingSection(settings: BenchSettings): Promise<Section> {
  const epochs = hasRealData() ? await epochSection(settings) : undefined
  const demo = await demoSection(settings)
  return {
    verdicts: [
      ...(epochs?.verdicts ?? [
        { work, measured: noRealData, goal: `< ${epochGoal} s, below PyTorch`, met: undefined },
      ]),
      ...demo.verdicts,
    ],
    tables: epochs?.tables ?? [],
    data: { epochs: epochs?.data, demo: demo.data },
  }
}

interface Contender {
  readonly name: string
  /** Trains a new network for an epoch. */
  readonly epoch: () => Promise<Losses>
  readonly close: () => void
}

interface Losses {
  readonly trainLoss: number
  readonly validLoss: number
}

async function epochSection({ threads, rounds, reporter }: BenchSettings): Promise<Section> {
  const set = await ctcfSequences()
  const runtime = await loadTensorFlow('tfjs-wasm')
  const contenders: Contender[] = [
    ours('sis, tables of the kernel', set, runtime),
    ours('sis, products of TensorFlow.js', set, byProducts(runtime)),
  ]
  if (hasTorch()) {
    // Its threads wait for each other by spinning, so that one may be faster where others use the machine too.
    for (const count of new Set([threads, 1])) contenders.push(await startPytorch(set, count))
  }
  try {
    reporter.info(`training: ${contenders.map(({ name }) => name).join(', ')}`)
    const losses: Losses[] = []
    // The first epoch of each is not timed: programs compile themselves.
    for (const contender of contenders) losses.push(await contender.epoch())
    const measures: Measure[] = contenders.map(({ name, epoch }) => ({
      name,
      run: async () => {
        await epoch()
        return 1
      },
    }))
    const timings = await interleave(measures, rounds)
    const seconds = timings.map((timing) => spreadOf(timing.secondsPerUnit))
    const median = (timing: Timing): number => spreadOf(timing.secondsPerUnit).median
    const [kernel, products, ...peers] = timings as [Timing, Timing, ...Timing[]]
    const [pytorch] = peers.toSorted((a, b) => median(a) - median(b))
    const best = pytorch ?? products
    const verdict: Verdict = {
      work,
      measured: `${spreadText(seconds[0]!, ' s')}; ${spreadText(speedUp(best, kernel), '×')} as fast as ${best.name}`,
      goal: `< ${epochGoal} s, below PyTorch`,
      met:
        median(kernel) < epochGoal && (pytorch === undefined ? undefined : median(kernel) < median(pytorch)),
    }
    const table: Table = {
      title: 'Training: an epoch of the paper CNN (128 × 24, same), 19,544 CTCF sequences of 101 bp',
      columns: [
        'program',
        'seconds (least–largest)',
        'times as fast as by products',
        'loss of the epoch',
        'validation loss',
      ],
      rows: timings.map((timing, i) => [
        timing.name,
        spreadText(seconds[i]!),
        spreadText(speedUp(products, timing)),
        losses[i]!.trainLoss.toFixed(4),
        losses[i]!.validLoss.toFixed(4),
      ]),
      notes: [
        `Batches of 128, Adam, dropout, balanced classes, and the validation split of ${figure(1000)} scored, all in each epoch; every one begins with a new network. Losses are those of the first epoch, which is not timed; PyTorch draws other weights and another order.`,
        ...(pytorch === undefined ? [noTorch] : []),
      ],
    }
    return {
      verdicts: [verdict],
      tables: [table],
      data: timings.map(({ name, secondsPerUnit }, i) => ({ name, secondsPerUnit, ...losses[i]! })),
    }
  } finally {
    for (const contender of contenders) contender.close()
  }
}

function ours(name: string, set: SequenceSet, runtime: TensorFlowRuntime): Contender {
  const network = initialiseNetwork(resolveArchitecture('cnn', 1), set.length, set.labelNames, 1)
  return {
    name,
    async epoch() {
      const options = { ...trainDefaults, name: 'cnn', epochs: 1, patience: 0 }
      const { history } = await trainNetwork(network, set, options, tfjsTraining(runtime), silentReporter)
      const { trainLoss, validLoss } = history[0]!
      return { trainLoss, validLoss: validLoss! }
    },
    close: () => undefined,
  }
}

/** The same backend by a name that the model does not know, so that it does not scan codes itself. */
function byProducts(runtime: TensorFlowRuntime): TensorFlowRuntime {
  const tf = Object.create(runtime.tf, { getBackend: { value: () => 'another' } }) as TensorFlow
  return { ...runtime, tf }
}

async function startPytorch(set: SequenceSet, threads: number): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'sis-bench-training-'))
  writeFileSync(join(folder, 'codes.u8'), set.codes)
  writeFileSync(join(folder, 'labels.f32'), set.labels)
  writeFileSync(join(folder, 'splits.u8'), set.splits)
  const child = spawn(python, [script, folder, String(set.length), String(threads)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const line: IteratorResult<string, undefined> = await lines.next()
    if (line.done === true) throw new Error(`${script} ended early; what it said is above`)
    return line.value
  }
  const close = (): void => {
    child.stdin.end()
    rmSync(folder, { recursive: true })
  }
  try {
    return {
      name: `PyTorch ${await next()}, ${threads === 1 ? '1 thread' : `${threads} threads`}`,
      async epoch() {
        child.stdin.write('\n')
        return JSON.parse(await next()) as Losses
      },
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

async function demoSection({ rounds, quick, reporter }: BenchSettings): Promise<Section> {
  const runs = []
  for (let round = 0; round < (quick ? 1 : Math.min(3, rounds)); round++) {
    reporter.info('training: sis demo')
    const folder = mkdtempSync(join(tmpdir(), 'sis-bench-demo-'))
    try {
      runs.push((await measureCommand(['demo', join(folder, 'demo')])).seconds)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  const seconds = spreadOf(runs)
  const stale = staleBuild()
  return {
    verdicts: [
      {
        work: '`sis demo`, from simulated sequences to the report',
        measured: `${spreadText(seconds, ' s')}${stale === undefined ? '' : `; ${stale}`}`,
        goal: `< ${demoGoal} s`,
        met: seconds.median < demoGoal,
      },
    ],
    tables: [],
    data: runs,
  }
}
