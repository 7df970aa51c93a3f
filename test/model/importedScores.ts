/** Scores of an imported model both ways: as ONNX Runtime runs its file, and as our network of it. */
import { createRequire } from 'node:module'
import type * as OnnxRuntime from 'onnxruntime-node'
import { Random } from '../../src/base/random.ts'
import type { BlackBox } from '../../src/model/foreign/importedModel.ts'
import type { Network } from '../../src/model/network/network.ts'
import { writeOnnx } from '../../src/model/formats/ownOnnx/ownOnnxWriter.ts'
import { baseLetters, uniformBackground } from '../../src/sequence/alphabet.ts'
import { oneHot } from '../../src/sequence/encoding.ts'

const runtime = createRequire(import.meta.url)('onnxruntime-node') as typeof OnnxRuntime

async function run(
  model: Uint8Array,
  name: string,
  dims: readonly number[],
  values: Float32Array,
  output: string,
): Promise<Float32Array> {
  const session = await runtime.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 4 })
  try {
    const result = await session.run({ [name]: new runtime.Tensor('float32', values, dims) }, [output])
    return result[output]!.data as Float32Array
  } finally {
    await session.release()
  }
}

/** @returns scores [rows, outputs], before any transform */
export async function blackBoxScores(
  { executable, input, output }: BlackBox,
  codes: Uint8Array,
): Promise<Float32Array> {
  if (executable.kind !== 'onnx') throw new Error('not ONNX')
  const values = oneHot(codes, input.length, input.order)
  permuteChannels(values, input)
  const rows = codes.length / input.length
  const batch = input.batch ?? rows
  const size = 4 * input.length
  const scores: number[] = []
  for (let row = 0; row < rows; row += batch) {
    const part = values.slice(row * size, (row + batch) * size)
    scores.push(...(await run(executable.bytes, input.name, [batch, ...input.dims], part, output.name)))
  }
  return Float32Array.from(scores)
}

/** What is in the place of a letter goes where the model has it. */
function permuteChannels(values: Float32Array, { alphabet, order, length }: BlackBox['input']): void {
  if (alphabet === baseLetters) return
  const given = values.slice()
  const place = (row: number, position: number, channel: number) =>
    order === 'NWC' ? (row * length + position) * 4 + channel : (row * 4 + channel) * length + position
  for (let row = 0; row < values.length / (4 * length); row++) {
    for (let position = 0; position < length; position++) {
      for (const [c, letter] of Array.from(alphabet).entries()) {
        values[place(row, position, c)] = given[place(row, position, baseLetters.indexOf(letter))]!
      }
    }
  }
}

export function networkScores(network: Network, codes: Uint8Array): Promise<Float32Array> {
  const rows = codes.length / network.inputLength
  const values = oneHot(codes, network.inputLength, 'NCW', uniformBackground)
  return run(writeOnnx(network), 'sequence', [rows, 4, network.inputLength], values, 'scores')
}

/** Bases, masked and unknown ones. */
export function randomCodes(rows: number, length: number): Uint8Array {
  const random = new Random(3, 'imported scores')
  return Uint8Array.from({ length: rows * length }, () => random.below(6))
}

export function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) return Infinity
  return Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]!)), 0)
}
