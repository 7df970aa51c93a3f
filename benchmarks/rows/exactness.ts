/** How often the engines' orderings are the reference selector's, and how many SIS had to be recomputed. */
import type { Network } from '../../src/model/network/network.ts'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { extractCollections, type IdentifiedInput } from '../../src/sis/extractCollections.ts'
import { sequenceInput } from '../../src/sis/sequenceInput.ts'
import { sampleSteps } from '../baseline.ts'
import { compareOrdering, tieTolerance, type Agreement } from '../agreement.ts'
import { confidentInputs } from '../decisions.ts'
import { bassetLayers, dilatedLayers, randomNetwork, trainedModel, twoDenseLayers } from '../networks.ts'
import { figure, shareText, type Cell, type Section, type Verdict } from '../results.ts'
import { openAutomatically, selectionTasks, type SequenceSource } from '../selections.ts'
import { hasRealData, noRealData } from '../sequences.ts'
import type { BenchSettings } from '../settings.ts'
import { confidentPeaks, randomSource, trainedEpochs } from './backwardSelection.ts'

/** SIS recomputed, of all, at most. */
const recomputedGoal = 0.001

interface Case {
  readonly family: string
  readonly network: Network
  readonly sequences: SequenceSource
  /** Orderings compared. */
  readonly orderings: number
  /** Bases of each that are masked one by one. */
  readonly p: number
  /** Masked inputs of each that are compared, in evenly spread steps. */
  readonly rows: number
  /** Whole collections; none where a single one takes too long. */
  readonly collections:
    { readonly inputs: readonly IdentifiedInput[]; readonly threshold: number } | undefined
}

export async function exactnessSection(settings: BenchSettings): Promise<Section> {
  const outcomes = []
  for await (const one of cases(settings)) {
    settings.reporter.info(`exactness: ${one.family}`)
    outcomes.push(await measureCase(one, settings))
  }
  return {
    verdicts: outcomes.flatMap(({ verdict }) => verdict),
    tables: [
      {
        title: 'Exactness: orderings of the engines against the reference selector',
        columns: [
          'network',
          'engine',
          'orderings × bases masked',
          'identical',
          'other at ties only',
          'steps without a tie',
          'worst gap to the best score',
          'worst error of a score',
          'SIS',
          'certified',
          'recomputed',
        ],
        rows: outcomes.map(({ cells }) => cells),
        notes: [
          `At every step of an engine's ordering (at evenly spread ones where a share is compared) ONNX Runtime scores every candidate. Identical: it masked the reference selector's choice at every step. Steps without a tie are those where no other candidate scores so close to the best that either might be taken. A tie: its choice scores within ${tieTolerance} (relative) of the best. SIS: of whole collections, at most 3 a sequence.`,
          ...(hasRealData() ? [] : [noRealData]),
        ],
      },
    ],
    data: outcomes.map(({ data }) => data),
  }
}

/** Made one after another: each holds its networks for its own time only. */
async function* cases({ quick, reporter }: BenchSettings): AsyncGenerator<Case> {
  const share = (n: number): number => Math.max(2, Math.ceil(quick ? n / 10 : n))
  const random = async (
    family: string,
    layers: Parameters<typeof randomNetwork>[0],
    length: number,
    size: {
      readonly orderings: number
      readonly p?: number
      readonly rows?: number
      readonly collections?: number
    },
  ): Promise<Case> => {
    const network = await randomNetwork(layers, length, 3)
    return {
      family: `${family}, random weights, L = ${figure(length)}`,
      network,
      sequences: randomSource(length, 3),
      orderings: share(size.orderings),
      p: size.p ?? length,
      rows: share(size.rows ?? Infinity),
      collections:
        size.collections === undefined ? undefined : await confidentInputs(network, share(size.collections)),
    }
  }
  const trained = async (
    name: string,
    epochs: number,
    orderings: number,
    collections: number,
  ): Promise<Case> => {
    const { network } = await trainedModel(name, epochs, reporter)
    const peaks = await confidentPeaks(network)
    return {
      family: `${name}, trained, L = 101`,
      network,
      sequences: { count: peaks.length, at: (index) => peaks[index]! },
      orderings: share(orderings),
      p: 101,
      rows: Infinity,
      collections: {
        inputs: peaks
          .slice(0, share(collections))
          .map((codes, id) => ({ id, ...sequenceInput(`peak ${id}`, codes) })),
        threshold: 0.5,
      },
    }
  }

  yield await random('paper CNN', 'cnn', 101, { orderings: 100, collections: 300 })
  if (hasRealData()) yield await trained('cnn', trainedEpochs, 100, 1000)
  yield await random('paper CNN', 'cnn', 1000, { orderings: 4, rows: 8000 })
  yield await random('deepbind (both strands)', 'deepbind', 101, { orderings: 100, collections: 300 })
  yield await random(
    'conv 64×24, average pool',
    [{ conv1d: { filters: 64, 'kernel-size': 24, activation: 'relu' } }, 'global-average-pool'],
    101,
    { orderings: 50, collections: 100 },
  )
  yield await random('FC 404 → 512 → 1', 'fc', 101, { orderings: 100, collections: 300 })
  if (hasRealData()) yield await trained('fc', trainedEpochs, 100, 300)
  yield await random('FC 404 → 512 → 512 → 1', twoDenseLayers, 101, { orderings: 50, collections: 100 })
  yield await random('basset (a quarter as wide)', 'basset', 101, { orderings: 20, collections: 30 })
  if (hasRealData()) yield await trained('basset', 1, 20, 30)
  yield await random('residual', 'residual', 101, { orderings: 10, collections: 10 })
  if (hasRealData()) yield await trained('residual', 1, 10, 10)
  yield await random('Basset-like', bassetLayers, 600, { orderings: 2, p: quick ? 50 : 600, rows: 1500 })
  yield await random('dilated residual', dilatedLayers, 1000, { orderings: 2, p: 40 })
}

async function measureCase(
  { family, network, sequences, orderings, p, rows, collections }: Case,
  { threads }: BenchSettings,
): Promise<{ verdict: Verdict[]; cells: Cell[]; data: unknown }> {
  const engine = openAutomatically(network, threads)
  const predictor = await createOnnxPredictor(network, {
    background: uniformBackground,
    threads,
    batchSize: network.inputLength > 500 ? 64 : 256,
  })
  try {
    const { selector } = engine
    if (selector === undefined) {
      return {
        verdict: [
          {
            work: `exact: ${family}`,
            measured: `no engine (${engine.reason})`,
            goal: 'the reference’s orderings',
            met: undefined,
          },
        ],
        cells: [family, `naive: ${engine.reason}`],
        data: { family, engine: 'naive', reason: engine.reason },
      }
    }
    const agreements: Agreement[] = []
    const tasks = selectionTasks(sequences, orderings, p)
    const found = await Promise.all(
      tasks.map(({ codes, present }) => selector.select(sequenceInput('sequence', codes), present)),
    )
    const steps = sampleSteps(p, rows)
    for (const [i, ordering] of found.entries()) {
      agreements.push(await compareOrdering(predictor, tasks[i]!, ordering, steps))
    }
    const tally = { subsets: 0, certified: 0, recomputed: 0 }
    if (collections !== undefined) {
      const decision = { output: 0, direction: '>=', threshold: collections.threshold } as const
      const { inputs } = collections
      for await (const { collection } of extractCollections({
        inputs,
        predictor,
        decision,
        selector,
        maxSis: 3,
      })) {
        for (const { certificate, recomputed } of collection.subsets) {
          tally.subsets++
          if (certificate.certified) tally.certified++
          if (recomputed) tally.recomputed++
        }
      }
    }
    return tell({ family, engine: engine.name, p, steps: steps.length, agreements, tally })
  } finally {
    await predictor.close()
    await engine.close()
  }
}

interface Outcome {
  readonly family: string
  readonly engine: string
  readonly p: number
  /** Of each ordering, compared. */
  readonly steps: number
  readonly agreements: readonly Agreement[]
  readonly tally: { readonly subsets: number; readonly certified: number; readonly recomputed: number }
}

function tell({ family, engine, p, steps, agreements, tally }: Outcome) {
  const total = agreements.length
  const shareOf = (outcome: Agreement['outcome']): number =>
    agreements.filter((agreement) => agreement.outcome === outcome).length / total
  const [identical, ties, different] = [shareOf('identical'), shareOf('ties'), shareOf('different')]
  const worstGap = Math.max(...agreements.map((agreement) => agreement.worstGap))
  const worstScore = Math.max(...agreements.map((agreement) => agreement.worstScore))
  const decided = agreements.reduce((sum, agreement) => sum + agreement.decided, 0) / total
  const { subsets, certified, recomputed } = tally
  const recomputedShare = subsets === 0 ? 0 : recomputed / subsets
  return {
    verdict: [
      {
        work: `exact: ${family}`,
        measured: `${shareText(identical)} identical, ${shareText(ties)} other at ties, ${shareText(different)} different; ${subsets === 0 ? 'no collections' : `${recomputed} of ${figure(subsets)} SIS recomputed`}`,
        goal: '0 % different, < 0.1 % recomputed',
        met: different === 0 && recomputedShare < recomputedGoal,
      },
    ],
    cells: [
      family,
      engine,
      `${total} × ${p}${steps < p ? `, ${steps} steps compared` : ''}`,
      shareText(identical),
      shareText(ties),
      shareText(decided),
      worstGap.toExponential(1),
      worstScore.toExponential(1),
      subsets === 0 ? undefined : figure(subsets),
      subsets === 0 ? undefined : shareText(certified / subsets, 2),
      subsets === 0 ? undefined : shareText(recomputedShare, 3),
    ],
    data: { family, engine, basesMasked: p, stepsCompared: steps, agreements, ...tally },
  }
}
