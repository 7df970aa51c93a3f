/** Trials of seconds that tell how long selections may take: a few steps of one sequence, and the law by which they grow. */
import { Random } from '../../base/random.ts'
import type { GradientPredictor } from '../../predict/gradientPredictor.ts'
import type { Predictor } from '../../predict/predictor.ts'
import { maskFeature, repeatRow } from '../../sis/masking.ts'
import type { BackwardSelector, MaskableInput } from '../../sis/types.ts'

/** Features that the first trial leaves; the next leave twice as many. */
const firstTrial = 16
/** Seconds that a trial takes at least, unless it is the whole selection. */
const trialSeconds = 0.5

export interface Trial {
  /** For one selection, as long as there are some for every thread. */
  readonly seconds: number
  /** What was measured, for people. */
  readonly measured: string
}

/** Scores that an exact selection of p features asks for. */
export function selectionRows(p: number): number {
  return (p * (p + 1)) / 2
}

/**
 * An exact selection through an engine, from the last steps of one: all else is masked. Engines look again at what a
 * step can change, so time grows about as the square of the features that are left (dilated net, 600 bp: 2.9 s told from
 * the last 256 steps, 3.5 to 3.9 s measured).
 * @param inputs one for each thread
 * @param p features of a whole selection
 */
export async function trySelection(
  selector: BackwardSelector,
  inputs: readonly MaskableInput[],
  p: number,
): Promise<Trial> {
  const order = new Random(1, 'trial').shuffle(Int32Array.from({ length: p }, (_, feature) => feature))
  const run = async (left: number): Promise<number> => {
    const present = new Uint8Array(p)
    for (const feature of order.subarray(0, left)) present[feature] = 1
    const begin = performance.now()
    await Promise.all(inputs.map((input) => selector.select(input, present)))
    return (performance.now() - begin) / 1000
  }
  // Threads start, kernels compile.
  await run(Math.min(p, firstTrial))
  for (let left = Math.min(p, firstTrial); ; left = Math.min(p, 2 * left)) {
    const seconds = await run(left)
    if (left < p && seconds < trialSeconds) continue
    return {
      seconds: ((seconds / inputs.length) * selectionRows(p)) / selectionRows(left),
      measured: left === p ? 'a whole selection' : `the last ${left} of ${p} steps`,
    }
  }
}

/** @returns seconds for a score, in full batches of forms of the input that are masked more and more */
export function tryScores(predictor: Predictor, input: MaskableInput): Promise<number> {
  const { batchSize, width } = predictor
  const cells = masked(input, batchSize, width)
  return repeat(batchSize, () => predictor.predict(cells, batchSize))
}

/** @returns seconds for the gradients of a row, in full batches */
export function tryGradients(
  predictor: GradientPredictor,
  input: MaskableInput,
  output: number,
): Promise<number> {
  const { batchSize, width } = predictor
  const cells = masked(input, batchSize, width)
  return repeat(batchSize, () => predictor.gradients(cells, batchSize, output))
}

async function repeat(rows: number, run: () => Promise<unknown>): Promise<number> {
  await run()
  const begin = performance.now()
  for (let runs = 1; ; runs++) {
    await run()
    const seconds = (performance.now() - begin) / 1000
    if (seconds >= trialSeconds) return seconds / (runs * rows)
  }
}

/** Row i of n has the first i/n of the input masked. */
function masked(input: MaskableInput, rows: number, width: number): Uint8Array {
  const cells = new Uint8Array(rows * width)
  repeatRow(input.cells, cells, 0, rows)
  const features = input.features?.length ?? width
  for (let row = 0; row < rows; row++) {
    for (let feature = 0; feature < (features * row) / rows; feature++) {
      maskFeature(input, feature, cells, row * width)
    }
  }
  return cells
}
