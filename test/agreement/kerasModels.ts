/** Compares what Keras gave for the models that makeKerasModels.py makes with what we make of their files. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ImportedModel } from '../../src/model/importedModel.ts'
import { importKeras } from '../../src/model/kerasImport.ts'
import { openBlackBox, openNetwork } from '../../src/predict/devices.ts'
import type { Predictor } from '../../src/predict/predictor.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'

/** What each model must become: a network, something that TensorFlow.js runs, or both. */
export const kerasModels: Readonly<Record<string, readonly ('network' | 'blackBox')[]>> = {
  plain: ['network', 'blackBox'],
  functional: ['network'], // TensorFlow.js has neither 1-D zero padding nor the exponential function
  shared: ['network', 'blackBox'],
  image: ['network', 'blackBox'],
  lines: ['network', 'blackBox'],
  flat: ['network', 'blackBox'],
  recurrent: ['blackBox'],
  gated: ['blackBox'],
  heads: ['network', 'blackBox'],
}

interface About {
  readonly files: readonly string[]
  readonly sequences: readonly string[]
  readonly scores: readonly (readonly number[])[]
}

export function readAbout(directory: string, name: string): About {
  return JSON.parse(readFileSync(join(directory, `${name}.scores`), 'utf8')) as About
}

/** Every file of a model, as network and as black box, scores as Keras did. */
export async function compareWithKeras(directory: string, name: string): Promise<void> {
  const about = readAbout(directory, name)
  expect(about.files.length).toBeGreaterThan(0)
  for (const file of about.files) {
    const options = name === 'heads' ? { outputTensor: 'second' } : {}
    const imported = await importKeras(join(directory, file), options)
    expect(forms(imported), file).toEqual(kerasModels[name])
    for (const predictor of await predictors(imported)) {
      await expectScores(predictor, about)
    }
  }
}

function forms({ network, blackBox }: ImportedModel): string[] {
  return [...('refusal' in network ? [] : ['network']), ...(blackBox === undefined ? [] : ['blackBox'])]
}

async function predictors({ network, blackBox }: ImportedModel): Promise<Predictor[]> {
  return [
    ...('refusal' in network ? [] : [await openNetwork(network, 'cpu', { batchSize: 4, threads: 1 })]),
    ...(blackBox === undefined ? [] : [await openBlackBox(blackBox, 'tfjs-wasm', { batchSize: 4 })]),
  ]
}

async function expectScores(predictor: Predictor, { sequences, scores }: About): Promise<void> {
  const found = await predictor.predict(encodeSequence(sequences.join('')), sequences.length)
  await predictor.close()
  const expected = scores.flat()
  expect(found.length).toBe(expected.length)
  expect(new Set(expected).size).toBeGreaterThan(sequences.length / 2)
  const gaps = expected.map((score, i) => Math.abs(score - found[i]!) / Math.max(1, Math.abs(score)))
  expect(Math.max(...gaps), predictor.backend).toBeLessThan(1e-5)
}
