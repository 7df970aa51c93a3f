/** Compares what Keras gave for the models that makeKerasModels.py makes with what we make of their files. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ImportedModel } from '../../src/model/foreign/importedModel.ts'
import { importKeras } from '../../src/model/foreign/keras/kerasImport.ts'
import { openBlackBox, openNetwork } from '../../src/predict/devices.ts'
import type { Predictor } from '../../src/predict/predictor.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'

/** What each model must become: a network, something that TensorFlow.js runs, or both. */
export const kerasModels: Readonly<Record<string, readonly ('network' | 'blackBox')[]>> = {
  plain: ['network', 'blackBox'],
  functional: ['network', 'blackBox'],
  shared: ['network', 'blackBox'],
  image: ['network', 'blackBox'],
  lines: ['network', 'blackBox'],
  flat: ['network', 'blackBox'],
  recurrent: ['blackBox'],
  gated: ['blackBox'],
  heads: ['network', 'blackBox'],
  dictionary: ['network', 'blackBox'],
}

/** Models that Keras computes in another precision than we do, how far its scores may be, and what we say. */
export const kerasPrecisions: Readonly<Record<string, readonly [tolerance: number, note: RegExp]>> = {
  mixed: [0.02, /Keras computes the layers '.*', '.*' in bfloat16, sis all layers in float32/],
  half: [0.005, /Keras computes the layer '.*' in float16, sis all layers in float32/],
  double: [1e-5, /Keras computes the layer '.*' in float64, sis all layers in float32/],
}

interface About {
  readonly files: readonly string[]
  readonly sequences: readonly string[]
  readonly scores?: readonly (readonly number[])[]
  /** By the keys of the outputs. */
  readonly outputs?: Readonly<Record<string, readonly (readonly number[])[]>>
}

export function readAbout(directory: string, name: string): About {
  return JSON.parse(readFileSync(join(directory, `${name}.scores`), 'utf8')) as About
}

/** Every file of a model, as network and as black box, scores as Keras did. */
export async function compareWithKeras(directory: string, name: string): Promise<void> {
  await compareFiles(directory, name, 1e-5, (imported, file) => {
    expect(forms(imported), file).toEqual(kerasModels[name])
    expect(imported.notes ?? []).toEqual([])
  })
}

/** As `compareWithKeras`, in the precision that was told. */
export async function comparePrecision(directory: string, name: string): Promise<void> {
  const [tolerance, note] = kerasPrecisions[name]!
  await compareFiles(directory, name, tolerance, ({ notes }) => {
    expect(notes).toEqual([expect.stringMatching(note)])
  })
}

/** @param check of what each file is read as */
export async function compareFiles(
  directory: string,
  name: string,
  tolerance: number,
  check: (imported: ImportedModel, file: string) => void,
): Promise<void> {
  const { files, sequences, scores, outputs } = readAbout(directory, name)
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) {
    for (const [key, expected] of Object.entries(outputs ?? { '': scores! })) {
      const outputTensor = key === '' ? (name === 'heads' ? 'second' : undefined) : key
      const imported = await importKeras(join(directory, file), { outputTensor })
      check(imported, file)
      for (const predictor of await predictors(imported)) {
        await expectScores(predictor, sequences, expected, tolerance)
      }
    }
  }
}

export function forms({ network, blackBox }: ImportedModel): string[] {
  return [...('refusal' in network ? [] : ['network']), ...(blackBox === undefined ? [] : ['blackBox'])]
}

async function predictors({ network, blackBox }: ImportedModel): Promise<Predictor[]> {
  return [
    ...('refusal' in network ? [] : [await openNetwork(network, 'cpu', { batchSize: 4, threads: 1 })]),
    ...(blackBox === undefined ? [] : [await openBlackBox(blackBox, 'tfjs-wasm', { batchSize: 4 })]),
  ]
}

async function expectScores(
  predictor: Predictor,
  sequences: readonly string[],
  scores: readonly (readonly number[])[],
  tolerance: number,
): Promise<void> {
  const found = await predictor.predict(encodeSequence(sequences.join('')), sequences.length)
  await predictor.close()
  const expected = scores.flat()
  expect(found.length).toBe(expected.length)
  expect(new Set(expected).size).toBeGreaterThan(sequences.length / 2)
  const gaps = expected.map((score, i) => Math.abs(score - found[i]!) / Math.max(1, Math.abs(score)))
  expect(Math.max(...gaps), predictor.backend).toBeLessThan(tolerance)
}
