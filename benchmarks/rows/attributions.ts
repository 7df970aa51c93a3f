/**
 * Attributions against references: DeepSHAP beside tangermeme's deep_lift_shap, integrated gradients beside Captum's, with the
 * same references and steps, on the same threads.
 */
import { methods, type MethodName } from '../../src/explain/methods.ts'
import { shuffledReferences } from '../../src/explain/references.ts'
import type { ExplainedSequence, OpenMethod } from '../../src/explain/method.ts'
import { openExplainedNumber } from '../../src/explain/explainedNumber.ts'
import type { Network } from '../../src/model/network/network.ts'
import { masked, uniformBackground } from '../../src/sequence/alphabet.ts'
import { oneHot } from '../../src/sequence/encoding.ts'
import { numbersText, TorchPeer } from '../../test/agreement/torchNetwork.ts'
import { interleave, speedUp, spreadOf, type Timing } from '../harness.ts'
import { bassetLayers, dilatedLayers, randomNetwork } from '../networks.ts'
import { hasAttributions, noAttributions } from '../peers/torchPeer.ts'
import { spreadText, type Cell, type Section, type Verdict } from '../results.ts'
import { randomSequences } from '../sequences.ts'
import type { BenchSettings } from '../settings.ts'

const references = 20
const steps = 50
const seed = 1

const cases = [
  { title: 'paper CNN, 101 bp', layers: 'cnn', length: 101, sequences: 8 },
  { title: 'Basset-like, 576 bp', layers: bassetLayers, length: 576, sequences: 2 },
  { title: 'BPNet-like, 1,000 bp', layers: dilatedLayers, length: 1000, sequences: 2 },
] as const

const peers = [
  {
    method: 'deep-shap',
    work: `DeepSHAP, ${references} references`,
    peer: 'tangermeme',
    batches: [32, 128],
    goal: 2,
  },
  {
    method: 'integrated-gradients',
    work: `integrated gradients, ${steps} steps`,
    peer: 'Captum',
    batches: [50, 200],
    goal: 1.5,
  },
] as const

export async function attributionsSection(settings: BenchSettings): Promise<Section> {
  const verdicts: Verdict[] = []
  const rows: Cell[][] = []
  const data: unknown[] = []
  const torch = hasAttributions()
    ? await TorchPeer.start(settings.threads, 'torchAttributions.py')
    : undefined
  try {
    for (const { title, layers, length, sequences } of settings.quick ? cases.slice(0, 1) : cases) {
      const network = await randomNetwork(layers, length)
      const given = randomSequences(length, sequences, 5).map((codes, i) => ({ name: `${i}`, codes }))
      await torch?.use(network, true, { neighbours: true })
      for (const one of peers) {
        settings.reporter.info(`attributions: ${title}, ${one.work}`)
        const [ours, theirs] = await measure(one, network, given, torch, settings)
        const found = theirs === undefined ? undefined : speedUp(theirs, ours)
        rows.push([
          title,
          one.work,
          ...[ours, theirs].map((timing) =>
            timing === undefined ? '–' : spreadText(spreadOf(timing.secondsPerUnit.map((s) => 1000 * s))),
          ),
          found === undefined ? '–' : spreadText(found, '×'),
        ])
        verdicts.push({
          work: `${one.work}, ${title}`,
          measured:
            found === undefined ? `no ${one.peer}` : `${spreadText(found, '×')} as fast as ${one.peer}`,
          goal: `≥ ${one.goal}× ${one.peer}`,
          met: found === undefined ? undefined : found.median >= one.goal,
        })
        data.push({ title, work: one.work, ours, theirs })
      }
    }
  } finally {
    await torch?.end()
  }
  return {
    verdicts,
    tables: [
      {
        title: 'Attributions of one sequence, ms',
        columns: ['network', 'method', 'sis', torch?.version ?? 'peer', 'as fast'],
        rows,
        notes: [
          'Random weights and sequences. The peers are given their references, sis shuffles its own; of two batch sizes tried each peer has its better one.',
          ...(torch === undefined ? [noAttributions] : []),
        ],
      },
    ],
    data,
  }
}

async function measure(
  { method, peer, batches }: (typeof peers)[number],
  network: Network,
  given: readonly ExplainedSequence[],
  torch: TorchPeer | undefined,
  { threads, rounds }: BenchSettings,
): Promise<[ours: Timing, theirs: Timing | undefined]> {
  const { opened, close } = await open(method, network, threads)
  const ask = (batch: number): Promise<number> => peerSeconds(torch!, method, network, given, batch)
  await opened.explain(given)
  let batch: number = batches[0]
  if (torch !== undefined) {
    await ask(batch)
    const [first, second] = [await ask(batches[0]), await ask(batches[1])]
    if (second < first) batch = batches[1]
  }
  const timings = await interleave(
    [
      {
        name: 'sis',
        async run() {
          await opened.explain(given)
          return given.length
        },
      },
      ...(torch === undefined
        ? []
        : [
            {
              name: peer,
              async run() {
                await ask(batch)
                return given.length
              },
            },
          ]),
    ],
    rounds,
  )
  await close()
  return [timings[0]!, timings[1]]
}

async function open(
  method: MethodName,
  network: Network,
  threads: number,
): Promise<{ opened: OpenMethod; close: () => Promise<void> }> {
  const shared = { background: uniformBackground, device: 'cpu', threads } as const
  const { predictor } = await openExplainedNumber({ kind: 'network', network }, 0, shared)
  const opened = await methods[method].open({
    ...shared,
    number: predictor,
    network,
    output: 0,
    seed,
    settings: { steps, baseline: 'background', references, samples: 1, window: 1 },
    signal: undefined,
  })
  const close = async (): Promise<void> => {
    await opened.close()
    await predictor.close()
  }
  return { opened, close }
}

/** Of the peer itself, without what the numbers take to get there. */
async function peerSeconds(
  torch: TorchPeer,
  method: MethodName,
  { inputLength: length }: Network,
  given: readonly ExplainedSequence[],
  batch: number,
): Promise<number> {
  const bases = (codes: readonly Uint8Array[]): string =>
    numbersText(oneHot(Uint8Array.from(codes.flatMap((one) => [...one])), length, 'NCW'))
  const own =
    method === 'deep-shap'
      ? given.map((one) => shuffledReferences(one, references, seed))
      : [new Uint8Array(length).fill(masked)]
  const { seconds } = (await torch.ask({
    command: 'attributions',
    method,
    type: 'float32',
    x: bases(given.map(({ codes }) => codes)),
    references: bases(own),
    length,
    output: 0,
    batch,
    steps,
    quadrature: 'gausslegendre',
  })) as { seconds: number }
  return seconds
}
