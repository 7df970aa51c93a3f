/** Which numbers of an ONNX graph are scores. */
import { ConfigError, DataError } from '../../../base/errors.ts'
import type { ImportOptions, OutputForm } from '../importedModel.ts'
import { describeShape } from './onnxInput.ts'
import type { ParsedGraph, ParsedModel, ParsedValue } from '../../formats/onnx/onnxParse.ts'
import { dataTypeName, isFloatType } from '../../formats/onnx/onnxTensor.ts'
import { outputNames } from '../outputNames.ts'
import { product } from '../../network/shapes.ts'

/**
 * @throws DataError where there is no output of floating-point numbers, ConfigError where the user has to choose one
 */
export function chooseOutput(graph: ParsedGraph, { outputTensor }: ImportOptions, file: string): ParsedValue {
  const { outputs } = graph
  const list = outputs
    .map((output, i) => `${i}: '${output.name}' ${typeOf(output)} ${describeShape(output.dims)}`)
    .join(', ')
  if (outputTensor !== undefined) {
    const index = outputs.findIndex(({ name }) => name === String(outputTensor))
    const chosen = outputs[index] ?? outputs[Number(outputTensor)]
    if (chosen === undefined)
      throw new ConfigError(`output-tensor ${outputTensor}: the model ${file} has ${list}`)
    if (!isFloatType(chosen.dataType)) {
      throw new ConfigError(
        `output-tensor ${outputTensor} is ${typeOf(chosen)}; scores are floating-point numbers. The model ${file} has ${list}`,
      )
    }
    return chosen
  }
  const candidates = outputs.filter(({ dataType }) => isFloatType(dataType))
  // ZipMap makes a list of dictionaries, no tensor: it is not one of those to choose from.
  const maps = outputs.filter(({ dataType }) => dataType === undefined)
  if (candidates.length > 1) {
    throw new ConfigError(
      `the model ${file} has ${candidates.length} outputs of floating-point numbers; choose one with output-tensor: ${list}`,
    )
  }
  if (candidates[0] === undefined) {
    throw new DataError(
      `has no output of floating-point numbers (${list}); export it with one${maps.length > 0 ? ` (${maps.map(({ name }) => `'${name}'`).join(', ')} ${maps.length > 1 ? 'are' : 'is'} no tensor, as ZipMap makes them: scikit-learn's option zipmap=False leaves that out)` : ''}`,
      { file },
    )
  }
  return candidates[0]
}

function typeOf({ dataType }: ParsedValue): string {
  return dataType === undefined ? 'no tensor' : dataTypeName(dataType)
}

/**
 * @param count numbers that the output has; undefined where the file does not tell
 * @returns `outputs: []` where nothing tells how many there are: who runs the model names them `defaultOutputNames`
 */
export function outputFormOf(
  value: ParsedValue,
  count: number | undefined,
  model: ParsedModel,
  options: ImportOptions,
): OutputForm {
  const transform = options.transform ?? 'none'
  const outputs = outputNames(value.name, count, options.outputNames, namesInMetadata(model))
  return { name: value.name, outputs, transform }
}

/** @returns the numbers a row that the declared shape has, or undefined where it does not tell */
export function declaredCount({ dims }: ParsedValue): number | undefined {
  if (dims === undefined) return undefined
  const sizes = dims.slice(1)
  if (!sizes.every((size) => typeof size === 'number')) return undefined
  const count = product(sizes)
  return Number.isSafeInteger(count) ? count : undefined
}

function namesInMetadata({ metadata }: ParsedModel): string[] | undefined {
  try {
    const names: unknown = JSON.parse(metadata.get('outputs') ?? '')
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined
  } catch {
    return undefined
  }
}
