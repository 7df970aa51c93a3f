/** How an ONNX graph reads sequences: which dimension is which, as far as the sizes tell. */
import { DataError } from '../../../base/errors.ts'
import { baseCount } from '../../../sequence/alphabet.ts'
import type { ImportOptions, InputForm } from '../importedModel.ts'
import { inputForms } from '../inputForm.ts'
import type { ParsedDim, ParsedGraph, ParsedValue } from '../../formats/onnx/onnxParse.ts'
import { dataTypeName, isFloatType } from '../../formats/onnx/onnxTensor.ts'

/**
 * The forms that the input's sizes allow, of which the graph or the user has to choose; one of each order at most.
 * @throws DataError where the input is none of sequences, ConfigError naming what the user has to say
 */
export function graphInputForms(graph: ParsedGraph, options: ImportOptions, file: string): InputForm[] {
  const value = onlyInput(graph, file)
  const fault = (problem: string) => new DataError(`its input '${value.name}' ${problem}`, { file })
  if (!isFloatType(value.dataType)) {
    throw fault(
      value.dataType === undefined
        ? 'is no tensor; sequences are tensors of floating-point numbers'
        : `is ${dataTypeName(value.dataType)}; sequences are floating-point numbers (one-hot), so export the model with such an input`,
    )
  }
  if (value.dims === undefined || value.dims.length === 0)
    throw fault(`has no shape; export the model with one, such as [n, ${baseCount}, L]`)
  const [batch, ...dims] = value.dims.map((dim) => (typeof dim === 'number' ? dim : null))
  return inputForms({ name: value.name, dims, batch: batch ?? undefined }, options, file)
}

/** Weights that old files list as inputs are none. */
export function onlyInput(graph: ParsedGraph, file: string): ParsedValue {
  const weights = new Set(graph.initializers.map(({ name }) => name))
  const inputs = graph.inputs.filter(({ name }) => !weights.has(name))
  const [input, ...others] = inputs
  if (input === undefined)
    throw new DataError('has no input: it gives the same scores for every sequence', { file })
  if (others.length > 0) {
    const list = inputs.map(({ name, dims }) => `'${name}' ${describeShape(dims)}`).join(', ')
    throw new DataError(
      `has ${inputs.length} inputs (${list}); sis explains models that read one sequence, so export it with the others fixed`,
      { file },
    )
  }
  return input
}

export function describeShape(dims: readonly ParsedDim[] | undefined): string {
  return dims === undefined ? 'of unknown shape' : `[${dims.map((dim) => dim ?? '?').join(', ')}]`
}
