/** How the cost grows: with the length of the sequences and with their number. Figures and a drawing. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOnnxPredictor } from '../../src/predict/onnx/onnxPredictor.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'
import { extractCollections } from '../../src/sis/extractCollections.ts'
import { confidentInputs } from '../decisions.ts'
import { fittedExponent, interleave, spreadOf, type Measure, type Timing } from '../harness.ts'
import { logLogChart, sideBySide } from '../logLogChart.ts'
import { randomNetwork } from '../networks.ts'
import { figure, secondsText, type Section } from '../results.ts'
import { chooseWorkload, openAutomatically, selectAll } from '../selections.ts'
import type { BenchSettings } from '../settings.ts'
import { randomSource } from './backwardSelection.ts'

const lengths = [50, 101, 200, 400, 800, 1600, 4000]
const fewLengths = [50, 101, 200, 400]
const counts = [10, 30, 100, 300, 1000, 3000]
const fewCounts = [30, 100, 300]
/** "Near L² k": one power above would be L³. */
const lengthGoal = 2.3
const countGoal = 1.1

interface Opened {
  readonly length: number
  readonly selections: Measure
  readonly collections: Measure
  readonly close: () => Promise<void>
}

export async function costSection(settings: BenchSettings): Promise<Section> {
  const { threads, quick, rounds, drawings, reporter } = settings
  const probe = openAutomatically(await randomNetwork('cnn', 101), threads)
  await probe.close()
  if (probe.selector === undefined) return withoutEngine(probe.reason)

  const opened: Opened[] = []
  try {
    for (const length of quick ? fewLengths : lengths) {
      reporter.info(`cost: L = ${length}`)
      opened.push(await openLength(length, settings))
    }
    const timings = await interleave(
      opened.flatMap(({ selections, collections }) => [selections, collections]),
      rounds,
    )
    const selections = pointsOf(
      opened,
      timings.filter((_, i) => i % 2 === 0),
    )
    const collections = pointsOf(
      opened,
      timings.filter((_, i) => i % 2 === 1),
    )
    reporter.info('cost: number of sequences')
    const numbers = await costOfNumber(settings)

    const tail = ({ x }: { x: number }): boolean => x >= 101
    const exponents = {
      selection: fittedExponent(selections.filter(tail)),
      collection: fittedExponent(collections.filter(tail)),
      number: fittedExponent(numbers.slice(-4)),
    }
    mkdirSync(drawings, { recursive: true })
    const drawing = join(drawings, 'engine-cost.svg')
    writeFileSync(
      drawing,
      sideBySide('Cost of sufficient input subsets, paper CNN, random weights', [
        logLogChart({
          x: 'bases of a sequence, L',
          y: 'milliseconds a sequence',
          series: [
            {
              name: `one backward selection: L^${exponents.selection.toFixed(2)}`,
              points: selections.map(inMilliseconds),
            },
            {
              name: `whole collection, certified: L^${exponents.collection.toFixed(2)}`,
              points: collections.map(inMilliseconds),
            },
          ],
        }),
        logLogChart({
          x: 'sequences of 101 bases, n',
          y: 'seconds',
          series: [{ name: `whole collections: n^${exponents.number.toFixed(2)}`, points: numbers }],
        }),
      ]),
    )
    return {
      verdicts: [
        {
          work: 'cost of a backward selection against length, L ≥ 101',
          measured: `L^${exponents.selection.toFixed(2)} (a collection: L^${exponents.collection.toFixed(2)})`,
          goal: `near L² (≤ L^${lengthGoal})`,
          met: exponents.selection <= lengthGoal,
        },
        {
          work: 'cost against the number of sequences',
          measured: `n^${exponents.number.toFixed(2)}`,
          goal: `linear (≤ n^${countGoal})`,
          met: exponents.number <= countGoal,
        },
      ],
      tables: [
        {
          title: 'Cost against length, paper CNN, random weights',
          columns: ['L', 'one backward selection, a sequence', 'whole collection, a sequence'],
          rows: opened.map(({ length }, i) => [
            figure(length),
            secondsText(selections[i]!.y),
            secondsText(collections[i]!.y),
          ]),
          notes: [
            `Time on ${threads} threads by the number of sequences; exponents of a least-squares line through the logarithms (L ≥ 101; the four largest numbers). Collections: at most 3 SIS of each of the best tenth of random sequences, with certificates by ONNX Runtime.`,
          ],
        },
        {
          title: 'Cost against the number of sequences, L = 101',
          columns: ['sequences', 'seconds', 'sequences/s'],
          rows: numbers.map(({ x, y }) => [figure(x), figure(y), figure(x / y)]),
          notes: [`Drawn in \`${quick ? 'benchmarks/results' : 'docs'}/engine-cost.svg\`.`],
        },
      ],
      data: { selections, collections, numbers, exponents },
    }
  } finally {
    for (const { close } of opened) await close()
  }
}

function withoutEngine(reason: string): Section {
  return {
    verdicts: [
      {
        work: 'cost against length and number',
        measured: `no engine (${reason})`,
        goal: 'near L²; linear',
        met: undefined,
      },
    ],
    tables: [],
    data: { reason },
  }
}

/** A network of this length with its engine, its predictor and sequences for both. */
async function openLength(length: number, { threads, quick }: BenchSettings): Promise<Opened> {
  const network = await randomNetwork('cnn', length)
  const engine = openAutomatically(network, threads)
  const selector = engine.selector!
  const times = { target: quick ? 0.2 : 0.5, limit: Infinity }
  const { tasks } = await chooseWorkload(selector, randomSource(length), length, threads, times)
  const collections = await openCollections(network, engine, Math.min(100, tasks.length), threads)
  return {
    length,
    selections: { name: `selections ${length}`, run: async () => (await selectAll(selector, tasks)).length },
    collections: { name: `collections ${length}`, run: () => collections.run(Infinity) },
    async close() {
      await collections.close()
      await engine.close()
    },
  }
}

async function openCollections(
  network: Awaited<ReturnType<typeof randomNetwork>>,
  { selector }: ReturnType<typeof openAutomatically>,
  count: number,
  threads: number,
) {
  const { inputs, threshold } = await confidentInputs(network, count)
  const predictor = await createOnnxPredictor(network, {
    background: uniformBackground,
    threads,
  })
  return {
    /** The collections of the first n inputs. */
    async run(n: number): Promise<number> {
      let finished = 0
      const decision = { output: 0, direction: '>=', threshold } as const
      const taken = inputs.slice(0, n)
      for await (const { collection } of extractCollections({
        inputs: taken,
        predictor,
        decision,
        selector,
        maxSis: 3,
      })) {
        if (collection.subsets.length === 0) throw new Error(`'${collection.name}' has no SIS`)
        finished++
      }
      return finished
    },
    close: () => predictor.close(),
  }
}

/** Seconds of whole collections by the number of sequences. */
async function costOfNumber({ threads, quick, rounds }: BenchSettings): Promise<Point[]> {
  const network = await randomNetwork('cnn', 101)
  const engine = openAutomatically(network, threads)
  const numbers = quick ? fewCounts : counts
  const collections = await openCollections(network, engine, numbers.at(-1)!, threads)
  try {
    await collections.run(numbers[0]!)
    const timings = await interleave(
      numbers.map((n) => ({ name: String(n), run: async () => (await collections.run(n)) / n })),
      Math.min(rounds, 3),
    )
    return numbers.map((x, i) => ({ x, y: spreadOf(timings[i]!.secondsPerUnit).median }))
  } finally {
    await collections.close()
    await engine.close()
  }
}

interface Point {
  readonly x: number
  readonly y: number
}

function inMilliseconds({ x, y }: Point): Point {
  return { x, y: 1000 * y }
}

function pointsOf(opened: readonly Opened[], timings: readonly Timing[]): Point[] {
  return opened.map(({ length }, i) => ({ x: length, y: spreadOf(timings[i]!.secondsPerUnit).median }))
}
