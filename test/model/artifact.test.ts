/** A model's directory: what is saved is what is loaded, and files that do not belong together are found out. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataError } from '../../src/base/errors.ts'
import { resolveArchitecture } from '../../src/model/network/architecture.ts'
import { parseLayers } from '../../src/model/network/architectureSchema.ts'
import {
  loadBlackBox,
  loadModelDescription,
  loadNetwork,
  saveBlackBox,
  saveModel,
  type ModelDetails,
} from '../../src/model/artifact/artifact.ts'
import type { BlackBox, Executable } from '../../src/model/foreign/importedModel.ts'
import { initialiseNetwork } from '../../src/model/network/initialise.ts'

const architecture = resolveArchitecture('cnn-small', 1)
const network = initialiseNetwork(architecture, 31, ['bound'], 1)
const details: ModelDetails = {
  name: 'small',
  architecture,
  background: [0.3, 0.2, 0.2, 0.3],
  training: {
    dataHash: 'ab'.repeat(32),
    backend: 'tfjs-wasm 4.22.0',
    seed: 1,
    options: { epochs: 2, classWeights: 'balanced' },
    bestEpoch: 1,
    history: [{ epoch: 1, trainLoss: 0.5, validLoss: null, validAuroc: null, learnt: null }],
    attempts: [{ seed: 1, epochs: 1, bestEpoch: 1, validLoss: null, learnt: null }],
  },
  metrics: [
    {
      split: 'test',
      output: 'bound',
      positives: 3,
      negatives: 4,
      auroc: 0.9,
      auprc: null,
      accuracy: 0.5,
      logLoss: 0.6,
    },
  ],
}

let directory: string
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'sis-artifact-')), 'models', 'small')
})
afterEach(() => rm(join(directory, '../..'), { recursive: true }))

async function changeDescription(change: (description: Record<string, unknown>) => void): Promise<void> {
  const file = join(directory, 'model.json')
  const description = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
  change(description)
  await writeFile(file, JSON.stringify(description))
}

describe('the model artifact', () => {
  it('is loaded as it was saved', async () => {
    const saved = await saveModel(directory, network, details)
    const loaded = await loadModelDescription(directory)
    expect(loaded).toEqual(saved)
    expect(loaded).toMatchObject({
      ...details,
      architecture: { name: 'cnn-small' },
      inputLength: 31,
      alphabet: 'ACGT',
    })
    expect(loaded.parameters).toBe(12 * 4 * 32 + 32 + 32 * 32 + 32 + 33)
    expect(parseLayers(loaded.architecture!.layers)).toEqual(architecture.layers)
    const read = await loadNetwork(directory, loaded)
    expect(read).toEqual({ ...network, layers: network.layers.filter(({ kind }) => kind !== 'dropout') })
  })

  it('keeps that a network reads both strands', async () => {
    const deepbind = resolveArchitecture('deepbind', 1)
    const both = initialiseNetwork(deepbind, 31, ['bound'], 1)
    const saved = await saveModel(directory, both, { ...details, architecture: deepbind })
    expect(saved.architecture!.strands).toBe('both')
    expect(saved.parameters).toBe(24 * 4 * 16 + 16 + 16 * 32 + 32 + 33)
    expect(await loadNetwork(directory, await loadModelDescription(directory))).toEqual(both)
  })

  it('of a version that knew the forward strand only is read as that', async () => {
    await saveModel(directory, network, details)
    await changeDescription(({ architecture }) => delete (architecture as { strands?: string }).strands)
    const description = await loadModelDescription(directory)
    expect(description.architecture!.strands).toBe('forward')
    expect((await loadNetwork(directory, description)).strands).toBe('forward')
  })

  it('refuses a description of other strands than the network reads', async () => {
    await saveModel(directory, network, details)
    await changeDescription((description) => {
      ;(description['architecture'] as { strands: string }).strands = 'both'
    })
    const description = await loadModelDescription(directory)
    await expect(loadNetwork(directory, description)).rejects.toThrow(
      /model\.onnx: reads strands 'forward', but model\.json beside it says 'both'/,
    )
  })

  it('is the same bytes for the same network', async () => {
    await saveModel(directory, network, details)
    const first = await readFile(join(directory, 'model.json'), 'utf8')
    await saveModel(directory, network, details)
    expect(await readFile(join(directory, 'model.json'), 'utf8')).toBe(first)
  })

  it('refuses a model.onnx that model.json does not describe', async () => {
    const description = await saveModel(directory, network, details)
    const other = await saveModel(directory, initialiseNetwork(architecture, 31, ['bound'], 2), details)
    expect(other.modelHash).not.toBe(description.modelHash)
    await expect(loadNetwork(directory, description)).rejects.toThrow(
      /model\.onnx: is not the model that model\.json/,
    )
  })

  it('says which file is missing or what in it is wrong', async () => {
    await expect(loadModelDescription(directory)).rejects.toThrow(/model\.json: no such file/)
    await saveModel(directory, network, details)
    await changeDescription((description) => delete description['inputLength'])
    await expect(loadModelDescription(directory)).rejects.toThrow(
      /model\.json: does not describe a model: inputLength/,
    )
    await saveModel(directory, network, details)
    await changeDescription((description) => (description['architecture'] = { name: 'x', layers: ['pool'] }))
    await expect(loadModelDescription(directory)).rejects.toThrow(
      /architecture: layers: is not a list of layers/,
    )
    await writeFile(join(directory, 'model.json'), '{"name":')
    const failure = loadModelDescription(directory)
    await expect(failure).rejects.toThrow(DataError)
    await expect(failure).rejects.toThrow(/model\.json: is not JSON/)
  })

  it('says that its place is not writable', async () => {
    const file = join(directory, '../../file')
    await writeFile(file, '')
    await expect(saveModel(join(file, 'model'), network, details)).rejects.toThrow(DataError)
  })
})

const boxed = (executable: Executable): BlackBox => ({
  executable,
  input: { name: 'dna', dims: [4, 31], order: 'NCW', alphabet: 'AGCT', length: 31, batch: undefined },
  output: { name: 'y', outputs: ['bound'], transform: 'logit' },
})
const boxDetails = {
  name: 'theirs',
  background: [0.25, 0.25, 0.25, 0.25],
  metrics: [],
  source: { format: 'onnx', file: 'theirs.onnx', hash: 'cd'.repeat(32) },
  refusal: "operator LSTM ('/lstm/LSTM')",
} as const

describe('the artifact of a black box', () => {
  it.each<Executable>([
    { kind: 'onnx', bytes: Buffer.from('any bytes') },
    {
      kind: 'tfjs-layers',
      topology: { class_name: 'Sequential' },
      weights: {
        specs: [{ name: 'w', shape: [2], dtype: 'float32' }],
        data: Buffer.of(1, 2, 3, 4, 5, 6, 7, 8),
      },
    },
  ])('is loaded as it was saved: $kind', async (executable) => {
    const box = boxed(executable)
    await saveBlackBox(directory, box, boxDetails)
    const description = await loadModelDescription(directory)
    expect(description).toMatchObject({ form: executable.kind, architecture: null, parameters: null })
    expect(description.blackBox?.refusal).toBe(boxDetails.refusal)
    expect(await loadBlackBox(directory, description)).toEqual(box)
  })

  it('takes a SavedModel along, and finds out that a file of it has changed', async () => {
    const source = join(directory, '../../saved')
    await mkdir(join(source, 'variables'), { recursive: true })
    await writeFile(join(source, 'saved_model.pb'), 'graph')
    await writeFile(join(source, 'variables', 'variables.index'), 'weights')
    await saveBlackBox(directory, boxed({ kind: 'saved-model', directory: source }), boxDetails)
    await rm(source, { recursive: true })
    const description = await loadModelDescription(directory)
    const { executable } = await loadBlackBox(directory, description)
    expect(executable).toEqual({ kind: 'saved-model', directory: join(directory, 'saved_model') })
    await writeFile(join(directory, 'saved_model/variables/variables.index'), 'others')
    await expect(loadBlackBox(directory, description)).rejects.toThrow(
      /saved_model: is not the model that model\.json/,
    )
  })
})
