/** What an import makes has to survive as an artifact: whatever the importer writes, the schema takes and the reader reads. */
import { join } from 'node:path'
import { expect } from 'vitest'
import { loadModelDescription, loadNetwork, saveModel } from '../../src/model/artifact/artifact.ts'
import type { Network } from '../../src/model/network/network.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { uniformBackground } from '../../src/sequence/alphabet.ts'

/** Saves a network and holds what is loaded again to it, bit for bit. */
export async function expectArtifactKeeps(network: Network, folder: string): Promise<void> {
  const directory = join(folder, 'artifact')
  const { layers, strands } = network
  await saveModel(directory, network, {
    name: 'mine',
    architecture: { name: 'onnx', layers, strands },
    background: uniformBackground,
    training: null,
    metrics: [],
  })
  const loaded = await loadNetwork(directory, await loadModelDescription(directory))
  expect(writeOnnx(loaded)).toEqual(writeOnnx(network))
}
