/**
 * A predictor whose masked bases become real ones: the score of a masked input is the mean over N completions, which are
 * fixed for each sequence. Which sequence a row is of, four cells behind its bases say, so that nothing else need know.
 */
import type { Cells, Predictor } from '../predict/predictor.ts'
import { masked } from '../sequence/alphabet.ts'
import type { MaskableInput } from '../sis/types.ts'

/** Cells that hold the number of a sequence, the lowest byte first. */
const numberCells = 4

export interface FilledPredictor extends Predictor {
  /**
   * The input with the number of its sequence behind it, which is never masked.
   * @param fills Uint8Array [N, L]: what stands in the place of its bases where they are masked
   */
  begin<Input extends MaskableInput>(input: Input, fills: Uint8Array): Input
  /** Forgets the fills of a sequence: it is not scored again. */
  finish(input: MaskableInput): void
}

/** @param predictor of sequences; closed with this one */
export function fillMasked(predictor: Predictor, completions: number): FilledPredictor {
  const length = predictor.width
  const width = length + numberCells
  const outputs = predictor.outputs.length
  const fillsOf = new Map<number, Uint8Array>()
  let last = 0

  function numberAt(cells: Cells, at: number): number {
    let number = 0
    for (let i = numberCells - 1; i >= 0; i--) number = number * 256 + cells[at + length + i]!
    return number
  }

  return {
    width,
    outputs: predictor.outputs,
    batchSize: Math.max(1, Math.floor(predictor.batchSize / completions)),
    backend: predictor.backend,
    begin(input, fills) {
      if (fills.length !== completions * length) {
        throw new RangeError(`${fills.length} bases are no ${completions} completions of ${length} bases`)
      }
      const number = ++last
      fillsOf.set(number, fills)
      const withNumber = (cells: Cells): Uint8Array => {
        const numbered = new Uint8Array(width)
        numbered.set(cells)
        new DataView(numbered.buffer).setUint32(length, number, true)
        return numbered
      }
      return {
        ...input,
        cells: withNumber(input.cells),
        maskedCells: withNumber(input.maskedCells),
        features: input.features ?? Array.from({ length }, (_, position) => [position]),
      }
    },
    finish({ cells }) {
      fillsOf.delete(numberAt(cells, 0))
    },
    async predict(cells, rows) {
      // What masks nothing is one row, whatever stands ready.
      const first = new Int32Array(rows + 1)
      for (let row = 0; row < rows; row++) {
        const at = row * width
        const isWhole = !cells.subarray(at, at + length).includes(masked)
        first[row + 1] = first[row]! + (isWhole ? 1 : completions)
      }
      const filled = new Uint8Array(first[rows]! * length)
      for (let row = 0; row < rows; row++) {
        const at = row * width
        const bases = cells.subarray(at, at + length)
        const fills = fillsOf.get(numberAt(cells, at))
        if (fills === undefined) throw new RangeError('a row is of no sequence that was begun')
        for (let copy = first[row]!; copy < first[row + 1]!; copy++) {
          const from = (copy - first[row]!) * length
          for (let i = 0; i < length; i++) {
            filled[copy * length + i] = bases[i] === masked ? fills[from + i]! : bases[i]!
          }
        }
      }
      const scores = await predictor.predict(filled, first[rows]!)
      const means = new Float32Array(rows * outputs)
      for (let row = 0; row < rows; row++) {
        for (let output = 0; output < outputs; output++) {
          let sum = 0
          for (let copy = first[row]!; copy < first[row + 1]!; copy++) sum += scores[copy * outputs + output]!
          means[row * outputs + output] = sum / (first[row + 1]! - first[row]!)
        }
      }
      return means
    },
    close: () => predictor.close(),
  }
}
