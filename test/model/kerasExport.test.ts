/** Networks written for Keras and for TensorFlow.js are read back as they were, weights bit for bit. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/base/errors.ts'
import type { ImportedModel } from '../../src/model/foreign/importedModel.ts'
import { writeKeras } from '../../src/model/artifact/kerasExport.ts'
import { importKeras } from '../../src/model/foreign/keras/kerasImport.ts'
import type { Layer, Network } from '../../src/model/network/network.ts'
import { shapesAfter } from '../../src/model/network/shapes.ts'
import { writeTfjs } from '../../src/model/artifact/tfjsExport.ts'
import { importTfjs } from '../../src/model/foreign/tfjs/tfjsImport.ts'
import { randomNetwork, randomNetworks } from './randomNetworks.ts'
import { referenceForward, referenceInput } from './referenceForward.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sis-test-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

async function throughKeras(network: Network): Promise<ImportedModel> {
  const file = join(directory, 'network.h5')
  writeFileSync(file, await writeKeras(network))
  return importKeras(file, { outputNames: network.outputs, order: 'NWC' })
}

async function throughTfjs(network: Network): Promise<ImportedModel> {
  const { modelJson, weights } = writeTfjs(network)
  writeFileSync(join(directory, 'model.json'), modelJson)
  writeFileSync(join(directory, 'weights.bin'), weights)
  return importTfjs(directory, { outputNames: network.outputs, order: 'NWC' })
}

const ways = { Keras: throughKeras, 'TensorFlow.js': throughTfjs }

function weightsOf(layers: readonly Layer[]): Float32Array[] {
  return layers.flatMap((layer): Float32Array[] => {
    switch (layer.kind) {
      case 'conv1d':
      case 'dense':
        return [layer.kernel, layer.bias]
      case 'batchNorm':
        return [layer.gamma, layer.beta, layer.mean, layer.variance]
      case 'residual':
        return weightsOf([...layer.layers, ...(layer.shortcut ?? [])])
      case 'concat':
        return layer.branches.flatMap(weightsOf)
      case 'activation':
      case 'maxPool1d':
      case 'averagePool1d':
      case 'globalMaxPool':
      case 'globalAveragePool':
      case 'dropout':
      case 'flatten':
      case 'crop1d':
      case 'zeroPad1d':
      case 'splitChannels':
        return []
    }
  })
}

const branches = randomNetwork(
  [
    { kind: 'conv1d', filters: 4, kernelSize: 4, padding: [1, 3], dilation: 2 },
    { kind: 'conv1d', filters: 6, kernelSize: 3, padding: [2, 0], dilation: 1 },
    {
      kind: 'residual',
      layers: [
        { kind: 'conv1d', filters: 6, kernelSize: 3, padding: 'same', dilation: 1 },
        { kind: 'activation', function: 'elu' },
      ],
      shortcut: [{ kind: 'conv1d', filters: 6, kernelSize: 1, padding: 'valid', dilation: 1 }],
    },
    { kind: 'splitChannels', groups: 2 },
    {
      kind: 'concat',
      branches: [[{ kind: 'globalMaxPool' }], [{ kind: 'globalAveragePool' }, { kind: 'dense', units: 2 }]],
    },
    { kind: 'dense', units: 2 },
    { kind: 'activation', function: 'softmax' },
  ],
  20,
  5,
)

describe.each(Object.entries(ways))('through %s', (way, through) => {
  it('branches, padding and channels that are split come back as they were', async () => {
    const { network } = await through(branches)
    expect(network).toEqual(branches)
  })

  it('any network comes back with the same weights and scores', async () => {
    await fc.assert(
      fc.asyncProperty(randomNetworks, async (made) => {
        const network: Network = { ...made, strands: 'forward' }
        const { network: read } = await through(network).catch((error: unknown) => {
          if (error instanceof ConfigError && mayLackCounterpart(network.layers, way))
            return { network: undefined }
          throw error
        })
        if (read === undefined) return
        if ('refusal' in read) throw new Error(read.refusal)
        expect(weightsOf(read.layers)).toEqual(weightsOf(network.layers))
        expect(shapesAfter(read.layers, [network.inputLength, 4]).at(-1)).toEqual([network.outputs.length])
        const codes = Uint8Array.from({ length: network.inputLength }, (_, i) => (i * 7) % 6)
        const input = referenceInput(codes, [0.25, 0.25, 0.25, 0.25])
        expect(referenceForward(read, input)).toEqual(referenceForward(network, input))
      }),
      { numRuns: way === 'Keras' ? 6 : 15 },
    )
  })
})

/** Keras' pools pad in two ways only, and its GELU is exact; TensorFlow.js has no exponential function. */
function mayLackCounterpart(layers: readonly Layer[], way: string): boolean {
  return layers.some((layer) => {
    if (layer.kind === 'maxPool1d' || layer.kind === 'averagePool1d') return typeof layer.padding !== 'string'
    if (layer.kind === 'activation') return layer.function === (way === 'TensorFlow.js' ? 'exp' : 'gelu-tanh')
    if (layer.kind === 'residual')
      return mayLackCounterpart([...layer.layers, ...(layer.shortcut ?? [])], way)
    return layer.kind === 'concat' && layer.branches.some((branch) => mayLackCounterpart(branch, way))
  })
}

describe('what has no counterpart is said', () => {
  const both: Network = { ...branches, strands: 'both' }
  it('both strands', async () => {
    await expect(writeKeras(both)).rejects.toThrow(
      /both strands has no counterpart in Keras; export it with --to onnx/,
    )
    expect(() => writeTfjs(both)).toThrow(/no counterpart in TensorFlow.js/)
  })
})
