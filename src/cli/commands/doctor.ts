/** `sis doctor`: what this machine offers, each part tried for real, and the remedy where one is missing. */
import { cpus, freemem, totalmem } from 'node:os'
import { statfs } from 'node:fs/promises'
import { BackendError } from '../../base/errors.ts'
import { resolveArchitecture } from '../../model/architecture.ts'
import { initialiseNetwork } from '../../model/initialise.ts'
import { writeOnnx } from '../../model/onnxWriter.ts'
import { createOnnxPredictor } from '../../predict/onnxPredictor.ts'
import type { Predictor } from '../../predict/predictor.ts'
import { createTfjsPredictor } from '../../predict/tfjsPredictor.ts'
import { loadTensorFlow } from '../../predict/tfjsRuntime.ts'
import { packageVersions } from '../../run/versions.ts'
import { uniformBackground } from '../../sequence/alphabet.ts'
import { withDatabase } from '../../store/duckdb.ts'
import type { Command } from '../command.ts'

const length = 101
const network = () => initialiseNetwork(resolveArchitecture('cnn', 1), length, ['label'], 1)
const trials = 1024

interface Check {
  readonly name: string
  /** Whether the product does not work without it. */
  readonly needed: boolean
  /** @returns what was found; throws BackendError with the remedy */
  readonly run: () => Promise<string>
}

const checks: readonly Check[] = [
  {
    name: 'onnxruntime-node',
    needed: true,
    run: async () =>
      measured(
        await createOnnxPredictor(writeOnnx(network()), {
          length,
          outputs: ['label'],
          background: uniformBackground,
        }),
      ),
  },
  ...(['tfjs-wasm', 'tfjs-node', 'tfjs-node-gpu'] as const).map((backend) => ({
    name: backend,
    needed: backend === 'tfjs-wasm',
    run: async () =>
      measured(
        createTfjsPredictor(await loadTensorFlow(backend), network(), { background: uniformBackground }),
      ),
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
      stdout.write(`${name.padEnd(18)} ${state.padEnd(8)} ${what}\n`)
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
    for (const [name, version] of Object.entries(packageVersions())) say(name, 'ok', version)
    let broken = false
    for (const { name, needed, run } of checks) {
      try {
        say(name, 'ok', await run())
      } catch (error) {
        if (!(error instanceof BackendError)) throw error
        broken ||= needed
        say(name, needed ? 'MISSING' : 'absent', error.message)
      }
    }
    if (broken) throw new BackendError('a part that sis needs does not work; see the list above')
  },
}

/** One verified inference (a probability for each of many inputs), timed. */
async function measured(predictor: Predictor): Promise<string> {
  try {
    const codes = Uint8Array.from({ length: trials * length }, (_, i) => (i * 7 + (i >> 3)) % 4)
    await predictor.predict(codes, trials)
    const began = performance.now()
    const scores = await predictor.predict(codes, trials)
    const rate = (1000 * trials) / (performance.now() - began)
    if (!scores.every((score) => score > 0 && score < 1)) {
      throw new BackendError(
        `${predictor.backend} returned scores that are no probabilities; reinstall the package`,
      )
    }
    return `${predictor.backend}; paper's CNN, ${length} bp: ${Math.round(rate).toLocaleString('en-US')} sequences/s`
  } finally {
    await predictor.close()
  }
}
