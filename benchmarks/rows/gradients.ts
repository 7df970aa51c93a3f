/**
 * Gradients with respect to the mask: by the backward pass as an ONNX graph, by PyTorch where a Python has it, and by
 * TensorFlow.js in WebAssembly, each at the best of a few batch sizes.
 */
import type { Network } from '../../src/model/network/network.ts'
import type { GradientPredictor } from '../../src/predict/gradientPredictor.ts'
import { createOnnxGradientPredictor } from '../../src/predict/onnx/onnxGradients.ts'
import { createTfjsGradientPredictor } from '../../src/predict/tfjs/tfjsGradients.ts'
import { loadTensorFlow } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { oneHot } from '../../src/sequence/encoding.ts'
import { numbersOf, numbersText, type TorchPeer } from '../../test/agreement/torchNetwork.ts'
import { interleave, speedUp, spreadOf, type Measure, type Timing } from '../harness.ts'
import { bassetLayers, chromBpnetLayers, dilatedLayers, randomNetwork } from '../networks.ts'
import { noTorch, startTorch } from '../peers/torchPeer.ts'
import { spreadText, type Cell, type Section, type Verdict } from '../results.ts'
import { randomSequences } from '../sequences.ts'
import type { BenchSettings } from '../settings.ts'

interface Case {
  readonly title: string
  readonly layers: Parameters<typeof randomNetwork>[0]
  readonly length: number
  readonly batches: readonly number[]
  /** How many times as fast as PyTorch, and as TensorFlow.js. */
  readonly goals: readonly [pytorch: number | undefined, tfjs: number | undefined]
}

const cases: readonly Case[] = [
  {
    title: 'paper CNN, 101 bp',
    layers: 'cnn',
    length: 101,
    batches: [8, 32, 64],
    goals: [undefined, undefined],
  },
  { title: 'Basset-like, 600 bp', layers: bassetLayers, length: 600, batches: [4, 16, 32], goals: [1.2, 12] },
  {
    title: 'BPNet-like, 1,000 bp',
    layers: dilatedLayers,
    length: 1000,
    batches: [1, 4, 8],
    goals: [1.5, 12],
  },
  {
    title: 'ChromBPNet-like, 2,114 bp',
    layers: chromBpnetLayers,
    length: 2114,
    batches: [1, 2],
    goals: [1.1, 12],
  },
]

/** Bytes of the most that the process has held, whatever holds them. */
const peak = (): number => process.resourceUsage().maxRSS * 1024

export async function gradientsSection(settings: BenchSettings): Promise<Section> {
  const verdicts: Verdict[] = []
  const rows: Cell[][] = []
  const data: unknown[] = []
  const torch = await startTorch(settings.threads)
  try {
    for (const one of settings.quick ? cases.slice(0, 3) : cases) {
      settings.reporter.info(`gradients: ${one.title}`)
      const { timings, largest, memory } = await measure(one, torch, settings)
      const [ours, tfjs, pytorch] = timings as [Timing, Timing, Timing | undefined]
      const against = (peer: Timing | undefined): string =>
        peer === undefined ? '–' : spreadText(speedUp(peer, ours), '×')
      rows.push([
        one.title,
        ...[ours, pytorch, tfjs].map((timing) =>
          timing === undefined ? '–' : spreadText(spreadOf(timing.secondsPerUnit.map((s) => 1000 * s))),
        ),
        against(pytorch),
        against(tfjs),
        largest?.toExponential(1) ?? '–',
        `${Math.round(memory / 2 ** 20)} MiB`,
      ])
      verdicts.push(...verdictsOf(one, ours, tfjs, pytorch))
      data.push({ title: one.title, timings, largest, memory })
    }
  } finally {
    await torch?.end()
  }
  return {
    verdicts,
    tables: [
      {
        title: 'Gradients of one sequence with respect to its mask, ms',
        columns: [
          'network',
          'ONNX graph',
          `PyTorch${torch === undefined ? '' : ` ${torch.version}`}`,
          'TensorFlow.js, wasm',
          'as fast as PyTorch',
          'as TensorFlow.js',
          'largest difference from PyTorch',
          'peak memory so far',
        ],
        rows,
        notes: [
          'A row of the best of the batch sizes tried for each; random weights; the difference is a share of the largest gradient.',
          ...(torch === undefined ? [noTorch] : []),
        ],
      },
    ],
    data,
  }
}

function verdictsOf(one: Case, ours: Timing, tfjs: Timing, pytorch: Timing | undefined): Verdict[] {
  const peers = [
    ['PyTorch', pytorch, one.goals[0]],
    ['TensorFlow.js', tfjs, one.goals[1]],
  ] as const
  return peers.flatMap(([name, peer, goal]): Verdict[] => {
    if (goal === undefined) return []
    const found = peer === undefined ? undefined : speedUp(peer, ours)
    return [
      {
        work: `gradients, ${one.title}`,
        measured: found === undefined ? `no ${name}` : `${spreadText(found, '×')} as fast as ${name}`,
        goal: `≥ ${goal}× ${name}`,
        met: found === undefined ? undefined : found.median >= goal,
      },
    ]
  })
}

async function measure(
  { layers, length, batches }: Case,
  torch: TorchPeer | undefined,
  { threads, rounds }: BenchSettings,
): Promise<{ timings: Timing[]; largest: number | undefined; memory: number }> {
  const network = await randomNetwork(layers, length)
  const runtime = await loadTensorFlow('tfjs-wasm')
  const onnx = (batchSize: number): Promise<GradientPredictor> =>
    createOnnxGradientPredictor(network, { threads, batchSize })
  const tfjs = createTfjsGradientPredictor(runtime, network)
  const [ours, onnxBatch] = await best(batches, async (batchSize) => {
    const predictor = await onnx(batchSize)
    const seconds = await secondsARow((codes, rows) => predictor.gradients(codes, rows, 0), length, batchSize)
    await predictor.close()
    return seconds
  })
  const predictor = await onnx(onnxBatch)
  const measures: Measure[] = [
    rowsMeasure('ONNX graph', predictor, length, onnxBatch, ours),
    rowsMeasure('TensorFlow.js, wasm', tfjs, length, tfjs.batchSize, 10 * ours),
  ]
  let largest: number | undefined
  if (torch !== undefined) {
    await torch.use(network, true)
    const [theirs, batch] = await best(batches, (size) => torchSeconds(torch, length, size, 2))
    const repeats = Math.max(1, Math.round(0.5 / (theirs * batch)))
    measures.push({
      name: 'PyTorch',
      async run() {
        await torchSeconds(torch, length, batch, repeats)
        return batch * repeats
      },
    })
    largest = await difference(network, predictor, torch, onnxBatch)
  }
  const timings = await interleave(measures, rounds)
  const memory = peak()
  await predictor.close()
  await tfjs.close()
  return { timings, largest, memory }
}

/** @returns the least seconds a row, and the batch size that has them */
async function best(
  batches: readonly number[],
  seconds: (batchSize: number) => Promise<number>,
): Promise<[seconds: number, batchSize: number]> {
  let found: [number, number] = [Infinity, batches[0]!]
  for (const batch of batches) {
    const taken = await seconds(batch)
    if (taken < found[0]) found = [taken, batch]
  }
  return found
}

function codesOf(length: number, rows: number): Uint8Array {
  return Uint8Array.from(randomSequences(length, rows, 5).flatMap((codes) => [...codes]))
}

async function secondsARow(
  run: (codes: Uint8Array, rows: number) => Promise<unknown>,
  length: number,
  rows: number,
): Promise<number> {
  const codes = codesOf(length, rows)
  await run(codes, rows)
  const begin = performance.now()
  let times = 0
  do {
    await run(codes, rows)
    times++
  } while (performance.now() - begin < 300)
  return (performance.now() - begin) / 1000 / times / rows
}

/** Half a second of batches. */
function rowsMeasure(
  name: string,
  predictor: GradientPredictor,
  length: number,
  batch: number,
  secondsOfRow: number,
): Measure {
  const repeats = Math.max(1, Math.round(0.5 / (secondsOfRow * batch)))
  const codes = codesOf(length, batch)
  return {
    name,
    async run() {
      for (let i = 0; i < repeats; i++) await predictor.gradients(codes, batch, 0)
      return batch * repeats
    },
  }
}

const request = (x: Float32Array, length: number, repeats: number): object => ({
  command: 'gradient',
  x: numbersText(x),
  length,
  background: uniformBackground,
  output: 0,
  odds: false,
  repeats,
})

/** Of PyTorch itself, without what the numbers take to get there. */
async function torchSeconds(
  torch: TorchPeer,
  length: number,
  rows: number,
  repeats: number,
): Promise<number> {
  const x = oneHot(codesOf(length, rows), length, 'NCW', uniformBackground)
  const { seconds } = (await torch.ask(request(x, length, repeats))) as { seconds: number }
  return seconds / rows / repeats
}

async function difference(
  { inputLength: length }: Network,
  ours: GradientPredictor,
  torch: TorchPeer,
  rows: number,
): Promise<number> {
  const codes = codesOf(length, rows)
  const found = await ours.gradients(codes, rows, 0)
  const x = oneHot(codes, length, 'NCW', uniformBackground)
  const { gradients } = (await torch.ask(request(x, length, 1))) as { gradients: string }
  const expected = numbersOf(gradients)
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0) / scale
}
