/** What is held of a model of makeOnnxLayers.py. */
import { expect } from 'vitest'
import { z } from 'zod'
import { importOnnx } from '../../src/model/foreign/onnx/onnxImport.ts'
import { readOwnOnnx } from '../../src/model/formats/ownOnnx/ownOnnxReader.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'
import { blackBoxScores, largestGap, networkScores } from '../model/importedScores.ts'
import { blackBoxes } from './onnxLayers.ts'

const aboutSchema = z.object({
  order: z.enum(['NCW', 'NWC']),
  sequences: z.array(z.string()),
  scores: z.object({ scores: z.array(z.array(z.number())) }),
})

const tolerance = 1e-5

/**
 * Its file scores in ONNX Runtime as with its maker; it is a network that scores the same and comes back bit for bit, or
 * the operator that keeps it a black box is named.
 */
export async function checkLayerModel(file: string, name: string, written: unknown): Promise<void> {
  const about = aboutSchema.parse(written)
  const codes = Uint8Array.from(about.sequences.flatMap((sequence) => [...encodeSequence(sequence)]))
  const expected = about.scores.scores.flat()
  expect(new Set(expected.map((score) => score.toFixed(4))).size).toBeGreaterThan(3)
  const { network, blackBox } = await importOnnx(file, { order: about.order })
  expect(largestGap(await blackBoxScores(blackBox!, codes), expected)).toBeLessThan(tolerance)
  const operators = blackBoxes[name]
  if ('refusal' in network) {
    expect(operators, network.refusal).toBeDefined()
    expect(network.refusal).toMatch(new RegExp(`operator (${operators!}) `))
    return
  }
  expect(operators, 'it is a network').toBeUndefined()
  expect(largestGap(await networkScores(network, codes), expected)).toBeLessThan(tolerance)
  const bytes = writeOnnx(network)
  expect(writeOnnx(readOwnOnnx(bytes))).toEqual(bytes)
}
