/**
 * A step of training, batches of 128: as one ONNX graph, by PyTorch where a Python has it, by TensorFlow.js in WebAssembly.
 */
import { Random } from '../../src/base/random.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'
import { loadTensorFlow } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { oneHot } from '../../src/sequence/encoding.ts'
import { onnxTraining } from '../../src/train/onnxTraining.ts'
import { tfjsTraining } from '../../src/train/tfjsTraining.ts'
import { trainDefaults } from '../../src/train/train.ts'
import type { Batch, Training, TrainingRuntime } from '../../src/train/training.ts'
import { numbersText, type TorchPeer } from '../../test/agreement/torchNetwork.ts'
import { speedUp, spreadOf, type Timing } from '../harness.ts'
import { bassetLayers } from '../networks.ts'
import { noTorch, startTorch } from '../peers/torchPeer.ts'
import { spreadText, type Cell, type Section, type Verdict } from '../results.ts'
import { randomSequences } from '../sequences.ts'
import type { BenchSettings } from '../settings.ts'

interface Case {
  readonly title: string
  readonly layers: Parameters<typeof resolveArchitecture>[0]
  readonly length: number
  /** How many times as fast as PyTorch, and as TensorFlow.js. */
  readonly goals: readonly [pytorch: number, tfjs: number]
}

const cases: readonly Case[] = [
  { title: '`residual`, 101 bp', layers: 'residual', length: 101, goals: [0.9, 9] },
  { title: '`basset`, 101 bp', layers: 'basset', length: 101, goals: [0.75, 5] },
  { title: 'Basset-like, 101 bp', layers: bassetLayers, length: 101, goals: [0.9, 6] },
  { title: '`residual`, 600 bp', layers: 'residual', length: 600, goals: [0.9, 9] },
  { title: 'Basset-like, 600 bp', layers: bassetLayers, length: 600, goals: [0.9, 6] },
]

const rowsOfBatch = 128

/** One after the other, at least; more where they are short. */
const fewestSteps = 2
const secondsOfRound = 0.6

export async function trainingStepsSection(settings: BenchSettings): Promise<Section> {
  const torch = await startTorch(settings.threads)
  const verdicts: Verdict[] = []
  const rows: Cell[][] = []
  const data: unknown[] = []
  try {
    for (const one of settings.quick ? cases.slice(0, 2) : cases) {
      settings.reporter.info(`training steps: ${one.title}`)
      const [ours, tfjs, pytorch] = await measure(one, torch, settings)
      const cell = (timing: Timing | undefined): string =>
        timing === undefined
          ? '–'
          : spreadText(spreadOf(timing.secondsPerUnit.map((seconds) => 1000 * seconds)))
      const peers = [
        ['PyTorch', pytorch, one.goals[0]],
        ['TensorFlow.js', tfjs, one.goals[1]],
      ] as const
      const found = peers.map(([, peer]) => (peer === undefined ? undefined : speedUp(peer, ours!)))
      rows.push([
        one.title,
        ...[ours, pytorch, tfjs].map(cell),
        ...found.map((times) => (times === undefined ? '–' : spreadText(times, '×'))),
        `${Math.round((process.resourceUsage().maxRSS * 1024) / 2 ** 20)} MiB`,
      ])
      verdicts.push(
        ...peers.map(([name, , goal], i): Verdict => ({
          work: `a step of training, ${one.title}`,
          measured: found[i] === undefined ? `no ${name}` : `${spreadText(found[i], '×')} as fast as ${name}`,
          goal: `≥ ${goal}× ${name}`,
          met: found[i] === undefined ? undefined : found[i].median >= goal,
        })),
      )
      data.push({ title: one.title, ours, tfjs, pytorch })
    }
  } finally {
    await torch?.end()
  }
  return {
    verdicts,
    tables: [
      {
        title: 'A step of training, 128 sequences, ms',
        columns: [
          'network',
          'ONNX graph',
          `PyTorch${torch === undefined ? '' : ` ${torch.version}`}`,
          'TensorFlow.js, wasm',
          'as fast as PyTorch',
          'as TensorFlow.js',
          'peak memory so far',
        ],
        rows,
        notes: [
          'Forwards, backwards and Adam, dropout drawn anew.',
          ...(torch === undefined ? [noTorch] : []),
        ],
      },
    ],
    data,
  }
}

async function measure(
  { layers, length }: Case,
  torch: TorchPeer | undefined,
  { threads, rounds }: BenchSettings,
): Promise<Timing[]> {
  const full = initialiseNetwork(resolveArchitecture(layers, 1), length, ['bound'], 1)
  const network = { ...full, layers: full.layers.slice(0, -1) }
  const random = new Random(1, 'labels')
  const codes = Uint8Array.from(randomSequences(length, rowsOfBatch, 5).flatMap((row) => [...row]))
  const labels = Float32Array.from({ length: rowsOfBatch }, () => random.below(2))
  const weights = new Float32Array(rowsOfBatch).fill(1)
  const batch: Batch = { rows: rowsOfBatch, codes, labels, weights, labelled: rowsOfBatch }
  const { learningRate } = trainDefaults
  const open = (runtime: TrainingRuntime): Promise<Training> =>
    runtime.open(network, {
      background: uniformBackground,
      weightDecay: 0,
      dropout: new Random(1, 'dropout'),
    })
  const trainings = [
    await open(onnxTraining({ device: 'cpu', threads })),
    await open(tfjsTraining(await loadTensorFlow('tfjs-wasm'))),
  ]
  /** @returns seconds of each */
  const contenders = trainings.map((training) => async (steps: number) => {
    const begin = performance.now()
    for (let i = 0; i < steps; i++) await training.step(batch, learningRate)
    return (performance.now() - begin) / 1000 / steps
  })
  if (torch !== undefined) {
    await torch.use(network, false)
    const request = {
      command: 'time-steps',
      x: numbersText(oneHot(codes, length, 'NCW', uniformBackground)),
      labels: numbersText(labels),
      length,
      learningRate,
    }
    contenders.push(async (repeats) => {
      const { seconds } = (await torch.ask({ ...request, repeats })) as { seconds: number[] }
      return seconds.reduce((sum, one) => sum + one, 0) / repeats
    })
  }
  const steps: number[] = []
  for (const contender of contenders) {
    await contender(1) // the first allocates
    steps.push(Math.max(fewestSteps, Math.round(secondsOfRound / (await contender(1)))))
  }
  const timings = contenders.map((_, i) => ({
    name: ['ONNX graph', 'TensorFlow.js, wasm', 'PyTorch'][i]!,
    secondsPerUnit: [] as number[],
    units: steps[i]!,
  }))
  for (let round = 0; round < rounds; round++) {
    const order = [...contenders.keys()]
    for (const i of round % 2 === 0 ? order : order.toReversed()) {
      timings[i]!.secondsPerUnit.push(await contenders[i]!(steps[i]!))
    }
  }
  for (const training of trainings) await training.close()
  return timings
}
