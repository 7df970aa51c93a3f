/** `sis doctor`: what this machine offers, each part tried for real, and the remedy where one is missing. */
import { cpus, freemem, totalmem } from 'node:os'
import { statfs } from 'node:fs/promises'
import { BackendError } from '../../base/errors.ts'
import { Random } from '../../base/random.ts'
import { openEngine } from '../../engine/engine.ts'
import { resolveArchitecture } from '../../model/network/architecture.ts'
import { initialiseNetwork } from '../../model/network/initialise.ts'
import { openNetwork } from '../../predict/devices.ts'
import { tryOnnxDevice, type GraphicsDevice } from '../../predict/onnx/onnxDevices.ts'
import type { Predictor } from '../../predict/predictor.ts'
import { chooseThreads } from '../../run/config/threads.ts'
import { packageVersions } from '../../run/record/versions.ts'
import { baseCount, masked, uniformBackground } from '../../sequence/alphabet.ts'
import { oneHot } from '../../sequence/encoding.ts'
import { sequenceInput } from '../../sis/sequenceInput.ts'
import type { BackwardSelector, Ordering } from '../../sis/types.ts'
import { withDatabase } from '../../store/duckdb.ts'
import type { Command } from '../command.ts'

const length = 101
const network = () => initialiseNetwork(resolveArchitecture('cnn', 1), length, ['label'], 1)
const trials = 1024

/**
 * How far a score may be from that of ONNX Runtime on the processor, and a masking from the best: where scores tie, an
 * engine rounds otherwise.
 */
const tolerance = 1e-5

interface Check {
  readonly name: string
  /** Whether the product does not work without it. */
  readonly needed: boolean
  /**
   * @param expected what ONNX Runtime on the processor scores, undefined where it does not run
   * @returns what was found; throws BackendError with the remedy
   */
  readonly run: (threads: number, expected: Float32Array | undefined) => Promise<string>
}

const openPredictor = (threads: number): Promise<Predictor> => openNetwork(network(), 'cpu', { threads })

const checks: readonly Check[] = [
  {
    name: 'cpu',
    needed: true,
    run: async (threads, expected) => measured(await openPredictor(threads), expected),
  },
  { name: 'engine', needed: true, run: verifiedEngine },
  ...(['tfjs-wasm', 'tfjs-node', 'tfjs-node-gpu'] as const).map((device) => ({
    name: device,
    needed: device === 'tfjs-wasm',
    run: async (threads: number, expected: Float32Array | undefined) =>
      measured(await openNetwork(network(), device, { threads }), expected),
  })),
  ...(['webgpu', 'cuda'] as const).map((device) => ({
    name: device,
    needed: false,
    run: (_: number, expected: Float32Array | undefined) => measuredApart(device, expected),
  })),
  {
    name: 'duckdb',
    needed: true,
    run: () =>
      withDatabase(undefined, {}, async (database) => {
        const [row] = await database.rows<{ version: string }>('SELECT version() AS version')
        return `DuckDB ${row!.version}, a query answered`
      }),
  },
]

export const doctorCommand: Command = {
  usage: 'doctor',
  summary: 'show what this machine offers and whether it works',
  positionals: {},
  flags: {},
  async run(_, { stdout }) {
    const say = (name: string, state: string, what: string): void => {
      stdout.write(`${name.padEnd(22)} ${state.padEnd(8)} ${what}\n`)
    }
    const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
    const disk = await statfs('.')
    const [cpu] = cpus()
    say(
      'processor',
      'ok',
      `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'} (${process.platform} ${process.arch})`,
    )
    say('memory', 'ok', `${gibibytes(freemem())} free of ${gibibytes(totalmem())}`)
    say('disk', 'ok', `${gibibytes(disk.bavail * disk.bsize)} free here`)
    const { threads, source } = chooseThreads(undefined)
    say('threads', 'ok', `${threads} (${source}; --threads asks for others)`)
    for (const [name, version] of Object.entries(packageVersions())) say(name, 'ok', version)
    let broken = false
    const expected = await expectedScores(threads)
    for (const { name, needed, run } of checks) {
      try {
        say(name, 'ok', await run(threads, expected))
      } catch (error) {
        if (!(error instanceof BackendError)) throw error
        broken ||= needed
        say(name, needed ? 'MISSING' : 'absent', error.message)
      }
    }
    if (broken) throw new BackendError('a part that sis needs does not work; see the list above')
  },
}

const codes = Uint8Array.from({ length: trials * length }, (_, i) => (i * 7 + (i >> 3)) % 4)

async function expectedScores(threads: number): Promise<Float32Array | undefined> {
  try {
    const predictor = await openPredictor(threads)
    try {
      return await predictor.predict(codes, trials)
    } finally {
      await predictor.close()
    }
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    return undefined // the check of the device says why
  }
}

/** Many inferences, held to those of ONNX Runtime on the processor and timed. */
async function measured(predictor: Predictor, expected: Float32Array | undefined): Promise<string> {
  try {
    const scores = await predictor.predict(codes, trials)
    const began = performance.now()
    await predictor.predict(codes, trials)
    return found(predictor.backend, scores, expected, (1000 * trials) / (performance.now() - began))
  } finally {
    await predictor.close()
  }
}

/** As `measured`, in another process, which a driver may crash or hang. */
async function measuredApart(device: GraphicsDevice, expected: Float32Array | undefined): Promise<string> {
  const rows = 8 // a driver that computes in software does about 40 a second
  const { backend, scores, rate } = await tryOnnxDevice(device, {
    network: network(),
    values: oneHot(codes.subarray(0, rows * length), length, 'NCW'),
    rows,
    milliseconds: 500,
  })
  return found(backend, scores, expected, rate)
}

/** @throws BackendError where scores are not what they should be */
function found(
  backend: string,
  scores: ArrayLike<number>,
  expected: Float32Array | undefined,
  rate: number,
): string {
  const pace = `paper's CNN, ${length} bp: ${Math.round(rate).toLocaleString('en-US')} sequences/s`
  if (expected === undefined) return `${backend}; scores not compared, since cpu does not run; ${pace}`
  let worst = 0
  for (let i = 0; i < scores.length; i++) {
    const gap = Math.abs(scores[i]! - expected[i]!)
    if (!(gap <= worst)) worst = gap // NaN too
  }
  if (!(worst <= tolerance)) {
    throw new BackendError(
      `${backend} scores up to ${worst.toExponential(1)} otherwise than cpu does; do not use it, update its package or driver, and please report it`,
    )
  }
  return `${backend}; scores as cpu's; ${pace}`
}

/** One backward selection of the engine, every step of it held to the scores of ONNX Runtime; then many, timed. */
async function verifiedEngine(threads: number): Promise<string> {
  const engine = openEngine(network(), {
    preference: 'auto',
    decision: { output: 0, direction: '>=' },
    background: uniformBackground,
    threads,
  })
  try {
    const { selector, name, reason } = engine
    if (selector === undefined)
      throw new BackendError(`none knows the paper's CNN (${reason}); reinstall sis`)
    const random = new Random(1, 'doctor')
    const sequence = (): Uint8Array => Uint8Array.from({ length }, () => random.below(baseCount))
    const codes = sequence()
    const predictor = await openPredictor(threads)
    try {
      const worst = await largestLoss(codes, await select(selector, codes), predictor)
      if (!(worst <= tolerance)) {
        throw new BackendError(
          `${name} chose a masking ${worst.toExponential(1)} from the best; use --engine naive, and please report it`,
        )
      }
    } finally {
      await predictor.close()
    }
    const rate = await selectionsASecond(selector, sequence, threads)
    return `${name} (WebAssembly SIMD), one selection verified; paper's CNN, ${length} bp: ${Math.round(rate).toLocaleString('en-US')} orderings/s`
  } finally {
    await engine.close()
  }
}

function select(selector: BackwardSelector, codes: Uint8Array): Promise<Ordering> {
  return selector.select(sequenceInput('doctor', codes), new Uint8Array(length).fill(1))
}

/** @returns how much worse the worst choice of the ordering is than the best of its step; NaN where a score is */
async function largestLoss(codes: Uint8Array, { features }: Ordering, predictor: Predictor): Promise<number> {
  const reference = codes.slice()
  let worst = 0
  for (let step = 0; step < length; step++) {
    const candidates = features.subarray(step)
    const rows = new Uint8Array(candidates.length * length)
    candidates.forEach((feature, row) => {
      rows.set(reference, row * length)
      rows[row * length + feature] = masked
    })
    const scores = await predictor.predict(rows, candidates.length)
    worst = Math.max(worst, Math.max(...scores) - scores[0]!)
    reference[features[step]!] = masked
  }
  return worst
}

async function selectionsASecond(
  selector: BackwardSelector,
  sequence: () => Uint8Array,
  threads: number,
): Promise<number> {
  const milliseconds = 500
  const began = performance.now()
  let done = 0
  const keepSelecting = async (): Promise<void> => {
    while (performance.now() - began < milliseconds) {
      await select(selector, sequence())
      done++
    }
  }
  await Promise.all(Array.from({ length: 4 * threads }, keepSelecting))
  return (1000 * done) / (performance.now() - began)
}
