/**
 * Every input of a run is looked at before any work begins, and all that is wrong is said at once: a misspelt path of known
 * motifs must not be found after an hour of training.
 */
import { BackendError, ConfigError, DataError, SisError } from '../../base/errors.ts'
import { fileExists, readHead } from '../../io/files/fileHead.ts'
import { openGenome } from '../../io/regions/genome.ts'
import { readKnownMotifs } from '../../io/motifs/knownMotifs.ts'
import { ReadDepth } from '../../io/alignments/readDepth.ts'
import { resolveArchitecture } from '../../model/network/architecture.ts'
import { openNetwork } from '../../predict/devices.ts'
import { proveTrainingBackend } from '../../train/trainingRuntimes.ts'
import type { Config } from '../config/configSchema.ts'
import { hiddenLayers } from './hiddenLayers.ts'
import { formatOf } from '../../import/modelFormat.ts'
import { readGrammar, sourceFiles } from './sources.ts'

/** What a command needs of a config. */
export type InputPart = 'sequences' | 'models' | 'motifs'

/**
 * @throws the one error that was found, or one that lists all: ConfigError where all are of usage, BackendError where all are
 * of devices, else DataError
 */
export async function checkInputs(config: Config, parts: readonly InputPart[]): Promise<void> {
  const checks = parts.flatMap((part) => checksOf[part](config))
  const faults: SisError[] = []
  for (const check of checks) {
    try {
      await check()
    } catch (error) {
      if (!(error instanceof SisError)) throw error
      if (!faults.some(({ message }) => message === error.message)) faults.push(error)
    }
  }
  const [first, ...others] = faults
  if (first === undefined) return
  if (others.length === 0) throw first
  const list = [`${faults.length} inputs cannot be used:`, ...faults.map(({ message }) => message)].join(
    '\n  ',
  )
  if (faults.every((fault) => fault instanceof ConfigError)) throw new ConfigError(list)
  if (faults.every((fault) => fault instanceof BackendError)) throw new BackendError(list)
  throw new DataError(list)
}

type Check = () => Promise<unknown>

const checksOf: Readonly<Record<InputPart, (config: Config) => Check[]>> = {
  sequences: (config) => [
    ...sourceFiles(config).map((file) => () => readHead(file, 1)),
    ...config.sequences.sources.flatMap(({ genome, bam, simulate }): Check[] => [
      ...(genome === undefined ? [] : [async () => (await openGenome(genome)).close()]),
      ...(bam === undefined ? [] : [() => ReadDepth.open(bam)]),
      ...(simulate === undefined ? [] : [() => readGrammar(simulate), ...motifChecks(config)]),
    ]),
  ],
  models: (config) => [
    ...config.models.map((model) => async (): Promise<void> => {
      const from = model.file ?? model.artifact
      if (from === undefined) {
        // Any number of outputs: how many there are, the sequences tell.
        resolveArchitecture(await hiddenLayers(model), 1, model.strands)
        return
      }
      await formatOf(from)
      if (model.weights !== undefined && !(await fileExists(model.weights))) {
        throw new DataError('no such file; check the path', { file: model.weights })
      }
    }),
    ...deviceChecks(config),
  ],
  motifs: motifChecks,
}

function motifChecks({ cluster: { knownMotifs } }: Config): Check[] {
  return knownMotifs === undefined ? [] : [() => readKnownMotifs(knownMotifs)]
}

/** Devices that are named; `auto` finds one. */
function deviceChecks({ extract: { device }, train: { backend }, models }: Config): Check[] {
  const trains = models.some(({ file, artifact }) => (file ?? artifact) === undefined)
  const tryDevice: Check = async () => {
    const smallest = { inputLength: 1, strands: 'forward', outputs: ['a', 'b', 'c', 'd'] } as const
    await (await openNetwork({ ...smallest, layers: [{ kind: 'flatten' }] }, device)).close()
  }
  return [
    ...(device === 'auto' ? [] : [tryDevice]),
    ...(backend === 'auto' || !trains ? [] : [() => proveTrainingBackend(backend)]),
  ]
}
