/** Keras itself: it scores what we export as we do, and the models that it makes anew score as it says. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { LayerSpec } from '../../src/model/network/layerSpec.ts'
import { writeKeras } from '../../src/model/artifact/kerasExport.ts'
import { openNetwork } from '../../src/predict/devices.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import { randomNetwork } from '../model/randomNetworks.ts'
import { compareLayer, kerasLayers } from './kerasLayers.ts'
import { comparePrecision, compareWithKeras, kerasModels, kerasPrecisions } from './kerasModels.ts'
import { describeAgainst, runPython } from './python.ts'

function runScript(argument: string, input: unknown, script = 'makeKerasModels.py'): Promise<unknown> {
  const [path, given] = [join(import.meta.dirname, script), argument].map((text) => JSON.stringify(text))
  return runPython(`import runpy, sys\nsys.argv = ['', ${given!}]\nrunpy.run_path(${path!})`, input)
}

const exported: Readonly<Record<string, readonly LayerSpec[]>> = {
  chain: [
    { kind: 'conv1d', filters: 6, kernelSize: 5, padding: 'same', dilation: 1 },
    { kind: 'batchNorm', epsilon: 0.01 },
    { kind: 'activation', function: 'relu' },
    { kind: 'maxPool1d', size: 3, stride: 2, padding: 'same' },
    { kind: 'averagePool1d', size: 2, stride: 1, padding: 'same' },
    { kind: 'flatten' },
    { kind: 'dense', units: 3 },
    { kind: 'activation', function: 'gelu' },
  ],
  branches: [
    { kind: 'conv1d', filters: 4, kernelSize: 4, padding: [1, 3], dilation: 2 },
    {
      kind: 'residual',
      layers: [
        { kind: 'conv1d', filters: 6, kernelSize: 3, padding: [2, 0], dilation: 1 },
        { kind: 'activation', function: 'elu' },
      ],
      shortcut: [{ kind: 'conv1d', filters: 6, kernelSize: 1, padding: 'valid', dilation: 1 }],
    },
    { kind: 'splitChannels', groups: 2 },
    { kind: 'concat', branches: [[{ kind: 'globalMaxPool' }], [{ kind: 'globalAveragePool' }]] },
    { kind: 'dense', units: 2 },
    { kind: 'activation', function: 'exp' },
  ],
}

function inDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'sis-test-'))
  return use(directory).finally(() => {
    rmSync(directory, { recursive: true })
  })
}

describeAgainst('keras', 'Keras', () => {
  it.each(Object.entries(exported))('scores what we export as we do: %s', async (_, layers) => {
    const network = randomNetwork(layers, 20, 3)
    const sequences = ['ACGTACGTTGCAACGTNNCA', 'GGGGCATTAGCATCAGCATT', 'TTTTTTTTTTTTTTTTTTTT']
    const predictor = await openNetwork(network, 'cpu', { batchSize: 3, threads: 1 })
    const ours = await predictor.predict(encodeSequence(sequences.join('')), sequences.length)
    await predictor.close()
    await inDirectory(async (directory) => {
      const file = join(directory, 'network.h5')
      writeFileSync(file, await writeKeras(network))
      const theirs = ((await runScript('score', { file, sequences })) as number[][]).flat()
      expect(theirs.length).toBe(ours.length)
      const gaps = theirs.map((score, i) => Math.abs(score - ours[i]!) / Math.max(1, Math.abs(score)))
      expect(Math.max(...gaps)).toBeLessThan(1e-5)
    })
  })

  it('makes the models anew, and their files score as they did', async () => {
    await inDirectory(async (directory) => {
      const precisions = Object.keys(kerasPrecisions)
      const made = await runScript(directory, null)
      expect(made).toEqual([...Object.keys(kerasModels), ...precisions, 'quantised'])
      for (const name of Object.keys(kerasModels)) await compareWithKeras(directory, name)
      for (const name of precisions) await comparePrecision(directory, name)
    })
  })

  it('makes a model of each layer anew, and their files score as they did', async () => {
    await inDirectory(async (directory) => {
      const made = await runScript(directory, null, 'makeKerasLayers.py')
      expect(new Set(made as string[])).toEqual(new Set(Object.keys(kerasLayers)))
      for (const [name, fate] of Object.entries(kerasLayers)) {
        await compareLayer(directory, name, fate, 'keras')
      }
    })
  })
})
