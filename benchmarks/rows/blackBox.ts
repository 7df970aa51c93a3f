/**
 * The reference selector over a black box: masked inputs a second in lock-step, as the product runs it, against what ONNX
 * Runtime reaches when the same predictor is handed nothing but full batches of its best size.
 */
import type { Network } from '../../src/model/network/network.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import type { Predictor } from '../../src/predict/predictor.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { extractCollections } from '../../src/sis/extractCollections.ts'
import { maskedRows, openBaseline, sampleSteps } from '../baseline.ts'
import { confidentInputs } from '../decisions.ts'
import { interleave, speedUp, spreadOf } from '../harness.ts'
import { randomNetwork } from '../networks.ts'
import { figure, shareText, type Section } from '../results.ts'
import { selectionTasks } from '../selections.ts'
import { batchSizes, fewBatchSizes, type BenchSettings } from '../settings.ts'
import { randomSource } from './backwardSelection.ts'

const length = 101
const goal = 0.9

export async function blackBoxSection(settings: BenchSettings): Promise<Section> {
  const measured = []
  for (const [name, label] of [
    ['cnn', 'paper CNN'],
    ['fc', 'FC 404 → 512 → 1'],
  ] as const) {
    settings.reporter.info(`black box: ${label}`)
    measured.push({ label, ...(await measureNetwork(await randomNetwork(name, length), settings)) })
  }
  return {
    verdicts: measured.map(({ label, share }) => ({
      work: `black box in lock-step (${label}, L = ${length})`,
      measured: `${shareText(share.median)} (${shareText(share.min)}–${shareText(share.max)}) of peak`,
      goal: `≥ ${shareText(goal, 0)}`,
      met: share.median >= goal,
    })),
    tables: [
      {
        title: 'Black box through ONNX Runtime, L = 101',
        columns: [
          'work',
          'peak, inputs/s',
          'at batch',
          'lock-step, inputs/s',
          'at batch',
          'batches filled',
          'of peak',
        ],
        rows: measured.map(({ label, peak, rate, bestBatch, batch, filled, share }) => [
          label,
          figure(peak),
          bestBatch,
          figure(rate),
          batch,
          shareText(filled),
          shareText(share.median),
        ]),
        notes: [
          'Lock-step: the first SIS of confident random sequences with the reference selector and its certificate, in batches of the default size. Peak: full batches of masked inputs, in the best of the sizes tried. Both fill the input from codes.',
        ],
      },
    ],
    data: measured,
  }
}

async function measureNetwork(network: Network, { threads, rounds, quick }: BenchSettings) {
  const { inputs, threshold } = await confidentInputs(network, quick ? 16 : 80)
  const path = selectionTasks(randomSource(length), 1, length).map((task) => ({
    ...task,
    features: Int32Array.from(task.codes.keys()),
  }))[0]!
  const { rows } = maskedRows(path, sampleSteps(length, Infinity))
  const baseline = await openBaseline(network, rows, threads, quick ? fewBatchSizes : batchSizes)
  const predictor = await createOnnxPredictor(network, {
    background: uniformBackground,
    threads,
  })
  const counted = { rows: 0, batches: 0 }
  const counting: Predictor = {
    width: predictor.width,
    outputs: predictor.outputs,
    batchSize: predictor.batchSize,
    backend: predictor.backend,
    predict(cells, n) {
      counted.rows += n
      counted.batches++
      return predictor.predict(cells, n)
    },
    close: () => predictor.close(),
  }
  try {
    const { batchSize } = baseline
    const batches = Math.floor(rows.length / length / batchSize)
    const repeats = Math.max(1, Math.round((baseline.rates.get(batchSize)! * 1.5) / (batches * batchSize)))
    const [peak, lockStep] = await interleave(
      [
        {
          name: 'peak',
          async run() {
            for (let i = 0; i < repeats; i++) await baseline.predictor.predict(rows, batches * batchSize)
            return repeats * batches * batchSize
          },
        },
        {
          name: 'lock-step',
          async run() {
            const before = counted.rows
            let explained = 0
            const decision = { output: 0, direction: '>=', threshold } as const
            for await (const { collection } of extractCollections({
              inputs,
              predictor: counting,
              decision,
              maxSis: 1,
            })) {
              explained += collection.subsets.length
            }
            if (explained !== inputs.length) throw new Error(`${explained} of ${inputs.length} explained`)
            return counted.rows - before
          },
        },
      ],
      rounds,
    )
    return {
      peak: 1 / spreadOf(peak!.secondsPerUnit).median,
      rate: 1 / spreadOf(lockStep!.secondsPerUnit).median,
      bestBatch: batchSize,
      batch: predictor.batchSize,
      filled: counted.rows / (counted.batches * predictor.batchSize),
      share: speedUp(peak!, lockStep!),
    }
  } finally {
    await predictor.close()
    await baseline.close()
  }
}
