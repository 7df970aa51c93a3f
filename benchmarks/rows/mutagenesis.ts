/**
 * In-silico mutagenesis: all substitutions of a sequence by the engines, by ONNX Runtime that scores the same inputs, and by
 * tangermeme where a Python has it.
 */
import { openSubstitutionScorer, eachBase, type SubstitutionScorer } from '../../src/engine/substitutions.ts'
import type { Network } from '../../src/model/network/network.ts'
import { baseCount, uniformBackground } from '../../src/sequence/alphabet.ts'
import { oneHot } from '../../src/sequence/encoding.ts'
import { numbersOf, numbersText, type TorchPeer } from '../../test/agreement/torchNetwork.ts'
import { openBaseline } from '../baseline.ts'
import { interleave, speedUp, spreadOf, type Measure } from '../harness.ts'
import { bassetLayers, randomNetwork } from '../networks.ts'
import { hasModules, startTorch } from '../peers/torchPeer.ts'
import { spreadText, type Cell, type Section, type Verdict } from '../results.ts'
import { randomSequences } from '../sequences.ts'
import { batchSizes, fewBatchSizes, type BenchSettings } from '../settings.ts'

interface Case {
  readonly title: string
  readonly layers: Parameters<typeof randomNetwork>[0]
  readonly length: number
  /** Sequences that the engine is given at once. */
  readonly sequences: number
  /** Milliseconds of a sequence at most. */
  readonly most?: number
  /** How many times as fast as ONNX Runtime at least. */
  readonly least?: number
}

const cases: readonly Case[] = [
  { title: 'paper CNN, 101 bp', layers: 'cnn', length: 101, sequences: 400, most: 1 },
  { title: 'paper CNN, 1,000 bp', layers: 'cnn', length: 1000, sequences: 32, least: 50 },
  { title: 'Basset-like, 600 bp', layers: bassetLayers, length: 600, sequences: 2, least: 5 },
]

export async function mutagenesisSection(settings: BenchSettings): Promise<Section> {
  const verdicts: Verdict[] = []
  const rows: Cell[][] = []
  const data: unknown[] = []
  const torch = hasModules('tangermeme') ? await startTorch(settings.threads) : undefined
  try {
    for (const one of settings.quick ? cases.slice(0, 2) : cases) {
      settings.reporter.info(`mutagenesis: ${one.title}`)
      const network = await randomNetwork(one.layers, one.length)
      const engine = openSubstitutionScorer(network, 0, eachBase, { threads: settings.threads })
      if ('refusal' in engine) throw new Error(engine.refusal)
      try {
        const { timings, largest } = await measure(one, network, engine, torch, settings)
        const [ours, runtime, peer] = timings
        const milliseconds = timings.map(({ secondsPerUnit }) =>
          spreadOf(secondsPerUnit.map((s) => 1000 * s)),
        )
        const faster = timings.slice(1).map((other) => speedUp(other, ours!))
        rows.push([
          one.title,
          engine.name,
          ...[0, 1, 2].map((i) => (milliseconds[i] === undefined ? '–' : spreadText(milliseconds[i]))),
          ...[0, 1].map((i) => (faster[i] === undefined ? '–' : spreadText(faster[i], '×'))),
          largest?.toExponential(1) ?? '–',
        ])
        const { most, least, title } = one
        verdicts.push({
          work: `mutagenesis, ${title}`,
          measured: `${spreadText(milliseconds[0]!)} ms; ${spreadText(faster[0]!, '×')} ONNX Runtime`,
          goal: most === undefined ? `≥ ${least}× ONNX Runtime` : `≤ ${most} ms`,
          met: most === undefined ? faster[0]!.median >= least! : milliseconds[0]!.median <= most,
        })
        data.push({ title, engine: engine.name, timings: { ours, runtime, peer }, largest })
      } finally {
        await engine.close()
      }
    }
  } finally {
    await torch?.end()
  }
  return {
    verdicts,
    tables: [
      {
        title: 'All substitutions of one sequence, ms',
        columns: [
          'network',
          'engine',
          'by the engine',
          'ONNX Runtime',
          'tangermeme',
          'as fast as ONNX Runtime',
          'as tangermeme',
          'largest difference from tangermeme',
        ],
        rows,
        notes: [
          'Random weights. ONNX Runtime scores the 3 L inputs at the best of the batch sizes tried, a share of them where they are many; the difference is a share of the largest contribution.',
          ...(torch === undefined ? ['tangermeme is left out: SIS_PYTHON has none.'] : []),
        ],
      },
    ],
    data,
  }
}

async function measure(
  { length, sequences }: Case,
  network: Network,
  engine: SubstitutionScorer,
  torch: TorchPeer | undefined,
  { threads, rounds, quick }: BenchSettings,
) {
  const all = randomSequences(length, sequences, 5)
  await Promise.all(all.map((codes) => engine.score(codes)))
  const sizes = quick ? fewBatchSizes : batchSizes
  const baseline = await openBaseline(network, substitutedRows(all, sizes.at(-1)!), threads, sizes)
  try {
    const perSequence = (baseCount - 1) * length
    // Half a second of full batches.
    const batches = Math.ceil((0.5 * baseline.rates.get(baseline.batchSize)!) / baseline.batchSize)
    const rows = substitutedRows(all, batches * baseline.batchSize)
    const count = rows.length / length
    const measures: Measure[] = [
      {
        name: 'engine',
        run: async () => (await Promise.all(all.map((codes) => engine.score(codes)))).length,
      },
      {
        name: 'ONNX Runtime',
        async run() {
          await baseline.predictor.predict(rows, count)
          return count / perSequence
        },
      },
    ]
    let largest: number | undefined
    if (torch !== undefined) {
      await torch.use(network, false)
      const few = all.slice(0, Math.max(1, Math.floor(1000 / length)))
      const request = {
        command: 'mutagenesis',
        x: numbersText(oneHot(concatenated(few), length, 'NCW', uniformBackground)),
        length,
        output: 0,
        batch: 256,
      }
      const first = (await torch.ask(request)) as { contributions: string }
      largest = await difference(engine, few, numbersOf(first.contributions))
      measures.push({
        name: 'tangermeme',
        async run() {
          await torch.ask(request)
          return few.length
        },
      })
    }
    return { timings: await interleave(measures, rounds), largest }
  } finally {
    await baseline.close()
  }
}

/** So many inputs with one base replaced: [count, L]. */
function substitutedRows(sequences: readonly Uint8Array[], count: number): Uint8Array {
  const { length } = sequences[0]!
  const rows = new Uint8Array(count * length)
  for (let row = 0; row < count; row++) {
    const place = row % (length * (baseCount - 1))
    const codes = sequences[Math.floor(row / (length * (baseCount - 1))) % sequences.length]!
    const at = Math.floor(place / (baseCount - 1))
    rows.set(codes, row * length)
    rows[row * length + at] = (codes[at]! + 1 + (place % (baseCount - 1))) % baseCount
  }
  return rows
}

function concatenated(sequences: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(sequences.flatMap((codes) => [...codes]))
}

/** @param expected [n, 4, L], centred */
async function difference(
  engine: SubstitutionScorer,
  sequences: readonly Uint8Array[],
  expected: Float32Array,
): Promise<number> {
  let [scale, largest] = [0, 0]
  for (const [i, codes] of sequences.entries()) {
    const scores = await engine.score(codes)
    for (let at = 0; at < codes.length; at++) {
      const four = scores.subarray(at * baseCount, (at + 1) * baseCount)
      const mean = four.reduce((sum, score) => sum + score, 0) / baseCount
      for (const [base, score] of four.entries()) {
        const theirs = expected[(i * baseCount + base) * codes.length + at]!
        scale = Math.max(scale, Math.abs(theirs))
        largest = Math.max(largest, Math.abs(score - mean - theirs))
      }
    }
  }
  return largest / scale
}
