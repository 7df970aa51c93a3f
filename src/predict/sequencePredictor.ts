/** Codes of bases in, scores out, over a model that reads sequences in its own way. */
import { ConfigError, DataError } from '../base/errors.ts'
import { Random } from '../base/random.ts'
import type { InputForm, OutputForm } from '../model/foreign/importedModel.ts'
import { defaultOutputNames } from '../model/foreign/outputNames.ts'
import { baseCount, baseLetters, masked, uniformBackground } from '../sequence/alphabet.ts'
import { codeCount, numbersOfCodes } from '../sequence/encoding.ts'
import { inFixedBatches, type BatchScorer } from './batchedPredictor.ts'
import type { BatchRunner } from './batchRunner.ts'
import { finishOf, finishScores, type Finish } from './finishScores.ts'
import type { Predictor } from './predictor.ts'
import { product } from '../model/network/shapes.ts'

export interface SequencePredictorSettings {
  /** What a masked base becomes: numbers for A, C, G, T; uniform unless given. */
  readonly background?: readonly number[] | undefined // [4]
  /** Rows scored at once, where the model leaves the choice; see `defaultBatchSize`. */
  readonly batchSize?: number | undefined
  /** Rows scored at once of those that fill no batch. */
  readonly smallBatchSize?: number | undefined
  /**
   * What is left to do of a model whose runtime gives the numbers before the last activation; what the output form says
   * unless given.
   */
  readonly finish?: Finish | undefined
}

/**
 * Inputs/s of the CNN of the paper, L = 101, ONNX Runtime on 2 threads of an AVX2 core, in batches of 1: 14,000;
 * 8: 34,000; 16: 45,000; 32 to 1,024: 46,000 to 49,000. Of `fc`: 64: 118,000; 256: 120,000 to 130,000; 1,024: 140,000 to
 * 159,000.
 */
const defaultBatchSize = 256

/** Numbers of an input tensor (64 MiB), so that long sequences do not take all memory: from L = 16,384 batches shrink. */
const largestBatch = 2 ** 24

/**
 * @param runner closed with the predictor, and where this throws
 * @throws DataError where the sizes of the model's input or output are not what they are said to be
 */
export async function createSequencePredictor(
  runner: BatchRunner,
  { input, output }: { readonly input: InputForm; readonly output: OutputForm },
  settings: SequencePredictorSettings = {},
): Promise<Predictor> {
  try {
    const { background = uniformBackground } = settings
    const { length } = input
    const table = channelsOfCodes(background, input.alphabet)
    const fill = input.order === 'NCW' ? fillChannels : fillPositions
    const size = product(input.dims)
    if (size !== baseCount * length) {
      throw new DataError(
        `the model's input '${input.name}' is [batch, ${input.dims.join(', ')}], which holds ${size} numbers; ${length} bases are ${baseCount * length}`,
      )
    }
    if (input.batch !== undefined && settings.batchSize !== undefined && settings.batchSize !== input.batch) {
      throw new ConfigError(
        `the model takes batches of ${input.batch} only; leave --batch-size out, or set it to ${input.batch}`,
      )
    }
    const { finish = finishOf(output) } = settings
    const tensor = output.cut?.tensor ?? output.name
    const prepare = (rows: number, outputs: number): ScoreCodes => {
      const numbersOfRow = finish.strands === 'both' ? 2 * outputs : outputs
      const values = new Float32Array(rows * size)
      const dims = [rows, ...input.dims]
      return async (codes, from, taken) => {
        fill(codes, from, taken, length, table, values)
        const numbers = await runner.run(values, dims, input.name, tensor)
        if (numbers.length !== rows * numbersOfRow) {
          throw new DataError(
            `the model gives ${numbers.length} numbers for ${rows} ${rows === 1 ? 'row' : 'rows'}, but ${outputs} ${outputs === 1 ? 'score' : 'scores'} a row are expected; name the output tensor that holds the scores, one row for each sequence`,
          )
        }
        return finishScores(numbers, outputs, finish)
      }
    }
    const batchSize = input.batch ?? settings.batchSize ?? rowsAtOnce(size)
    const outputs =
      output.outputs.length > 0 ? output.outputs : await countOutputs(runner, input, output, table)
    const scorer: BatchScorer = {
      width: length,
      outputs,
      backend: runner.backend,
      prepare(rows) {
        const score = prepare(rows, outputs.length)
        return (cells, from, taken) => score(asCodes(cells), from, taken)
      },
      trialCells: (rows) => randomCodes(rows * length),
      otherCells: (rows) => new Uint8Array(rows * length).fill(masked),
      close: () => runner.close(),
    }
    return await inFixedBatches(scorer, {
      batchSize,
      smallBatchSize: settings.smallBatchSize,
      fixed: input.batch !== undefined,
    })
  } catch (error) {
    await runner.close()
    throw error
  }
}

/** @param size numbers of one row of the input tensor */
export function rowsAtOnce(size: number): number {
  return Math.max(1, Math.min(defaultBatchSize, Math.floor(largestBatch / size)))
}

type ScoreCodes = (codes: Uint8Array, from: number, rows: number) => Promise<Float32Array>

/** @returns names for the numbers that the model gives for one masked sequence */
async function countOutputs(
  runner: BatchRunner,
  input: InputForm,
  { name }: OutputForm,
  table: Float32Array,
): Promise<readonly string[]> {
  const rows = input.batch ?? 1
  const codes = new Uint8Array(rows * input.length).fill(masked)
  const values = new Float32Array(codes.length * baseCount)
  const fill = input.order === 'NCW' ? fillChannels : fillPositions
  fill(codes, 0, rows, input.length, table, values)
  const { length } = await runner.run(values, [rows, ...input.dims], input.name, name)
  if (length === 0 || length % rows !== 0) {
    throw new DataError(
      `the model's output '${name}' holds ${length} numbers for ${rows} ${rows === 1 ? 'sequence' : 'sequences'}; name another output tensor`,
    )
  }
  return defaultOutputNames(length / rows)
}

export function asCodes(cells: unknown): Uint8Array {
  if (cells instanceof Uint8Array) return cells
  throw new TypeError('a predictor of sequences reads codes (Uint8Array)')
}

/** @returns codes: Uint8Array [count], bases and masked ones */
export function randomCodes(count: number): Uint8Array {
  const random = new Random(0, 'small batch')
  return Uint8Array.from({ length: count }, () => random.below(masked + 1))
}

/** @returns Float32Array [6, 4]: what a base with a code is in each of the model's channels */
function channelsOfCodes(background: readonly number[], alphabet: string): Float32Array {
  if (Array.from(alphabet).sort().join('') !== baseLetters) {
    throw new DataError(
      `the letters of the model's channels are '${alphabet}', not an order of ${baseLetters}`,
    )
  }
  const table = new Float32Array(codeCount * baseCount)
  for (const [code, numbers] of numbersOfCodes(background).entries()) {
    for (let channel = 0; channel < baseCount; channel++) {
      table[code * baseCount + channel] = numbers[baseLetters.indexOf(alphabet[channel]!)]!
    }
  }
  return table
}

/**
 * By look-up: 0.5 µs a row of 101 bases (1.1 µs channel by channel), where the CNN of the paper takes 20 µs.
 * @param codes Uint8Array [n, L], of which rows [from..from + rows) are read
 * @param table Float32Array [6, 4]
 * @param out Float32Array [≥ rows, 4, L]
 */
function fillChannels(
  codes: Uint8Array,
  from: number,
  rows: number,
  length: number,
  table: Float32Array,
  out: Float32Array,
): void {
  for (let row = 0; row < rows; row++) {
    const start = (from + row) * length
    let place = row * baseCount * length
    for (let i = start; i < start + length; i++, place++) {
      const entry = codes[i]! * baseCount
      out[place] = table[entry]!
      out[place + length] = table[entry + 1]!
      out[place + 2 * length] = table[entry + 2]!
      out[place + 3 * length] = table[entry + 3]!
    }
  }
}

/** As `fillChannels`, into out: Float32Array [≥ rows, L, 4]. */
function fillPositions(
  codes: Uint8Array,
  from: number,
  rows: number,
  length: number,
  table: Float32Array,
  out: Float32Array,
): void {
  let place = 0
  for (let i = from * length; i < (from + rows) * length; i++, place += baseCount) {
    const entry = codes[i]! * baseCount
    out[place] = table[entry]!
    out[place + 1] = table[entry + 1]!
    out[place + 2] = table[entry + 2]!
    out[place + 3] = table[entry + 3]!
  }
}
