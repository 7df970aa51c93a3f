/** Models that makeTorchModels.py and makeOtherModels.py export, and what is expected of each: its input, its options, whether it is a network. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ImportOptions } from '../../src/model/foreign/importedModel.ts'
import { importOnnx } from '../../src/model/foreign/onnx/onnxImport.ts'
import { encodeSequence, uniformBackground } from '../../src/sequence/alphabet.ts'
import { createTfjsPredictor } from '../../src/predict/tfjs/tfjsPredictor.ts'
import type { TensorFlowRuntime } from '../../src/predict/tfjs/tfjsRuntime.ts'
import { blackBoxScores, largestGap, networkScores } from '../model/importedScores.ts'

interface Expectation {
  readonly options?: ImportOptions
  /** What keeps it a black box; a network unless given. */
  readonly refusal?: string
}

export const torchModels: Readonly<Record<string, Expectation>> = {
  paper: {},
  'paper-dynamo': {},
  'paper-fixed-batch': {},
  'paper-any-length': { options: { length: 60 } },
  basset: {},
  'basset-dynamo': {},
  dilated: {},
  'dilated-dynamo': {},
  recurrent: { refusal: "operator LSTM ('/lstm/LSTM') is not one that a network has as a layer" },
  multitask: {},
  deepsea: {},
  rows: {},
  image: {},
  lines: {},
  flat: {},
  dense: { options: { order: 'NCW' } },
  pointwise: {},
  branches: {},
  'branches-dynamo': {},
}

/** Those of makeOtherModels.py. */
export const otherModels: Readonly<Record<string, Expectation>> = {
  keras: {},
  sklearn: { options: { order: 'NWC' } },
}

interface About {
  readonly dims: readonly number[]
  readonly order: string
  readonly sequences: readonly string[]
  /** By name of the output tensor: [sequences][outputs]. */
  readonly scores: Readonly<Record<string, readonly (readonly number[])[]>>
}

const tolerance = 1e-5

/** The scores of who made the model, those of its file in ONNX Runtime, and those of our network in both of our runtimes. */
export async function compareWithMaker(
  directory: string,
  name: string,
  tensorFlow: TensorFlowRuntime,
): Promise<void> {
  const { options, refusal } = { ...torchModels, ...otherModels }[name]!
  const about = JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as About
  const codes = Uint8Array.from(about.sequences.flatMap((sequence) => [...encodeSequence(sequence)]))
  const tensors = Object.entries(about.scores)
  expect(tensors.length).toBeGreaterThan(0)
  for (const [outputTensor, rows] of tensors) {
    const { network, blackBox } = await importOnnx(join(directory, `${name}.onnx`), {
      ...options,
      ...(tensors.length > 1 && { outputTensor }),
    })
    const expected = rows.flat()
    expect(new Set(expected.map((score) => score.toFixed(4))).size).toBeGreaterThan(1)
    expect(blackBox!.input).toMatchObject({
      dims: about.dims,
      order: about.order,
      length: 60,
      alphabet: 'ACGT',
    })
    expect(blackBox!.output.outputs.length).toBe(rows[0]!.length)
    expect(largestGap(await blackBoxScores(blackBox!, codes), expected)).toBeLessThan(tolerance)
    if ('refusal' in network) {
      expect(network.refusal).toBe(refusal)
      continue
    }
    expect(refusal).toBeUndefined()
    expect(largestGap(await networkScores(network, codes), expected)).toBeLessThan(tolerance)
    const predictor = await createTfjsPredictor(tensorFlow, network, { background: uniformBackground })
    const scores = await predictor.predict(codes, about.sequences.length)
    await predictor.close()
    expect(largestGap(scores, expected)).toBeLessThan(tolerance)
  }
}
