/** A model from an ONNX file, whatever wrote it. */
import { readFile, stat } from 'node:fs/promises'
import { DataError } from '../../../base/errors.ts'
import { asReadError } from '../../../io/files/fileErrors.ts'
import { baseLetters } from '../../../sequence/alphabet.ts'
import { embedExternalData, largestModel } from '../../formats/onnx/onnxExternalData.ts'
import { type ParsedModel, parseOnnx, parseTensor } from '../../formats/onnx/onnxParse.ts'
import { floatTypes, readTensor, type StoredTensor } from '../../formats/onnx/onnxTensor.ts'
import { networkOfOwnOnnx } from '../../formats/ownOnnx/ownOnnxReader.ts'
import type { Network } from '../../network/network.ts'
import type { ImportedModel, ImportOptions, InputForm } from '../importedModel.ts'
import { askForOrder } from '../inputForm.ts'
import { graphInputForms, onlyInput } from './onnxInput.ts'
import { lastActivation, withOutput } from './onnxLastActivation.ts'
import { orderNodes } from './onnxOrder.ts'
import { chooseOutput, declaredCount, outputFormOf } from './onnxOutput.ts'
import { type Trace, traceNetwork } from './onnxToNetwork.ts'

/**
 * Reads an ONNX file; weights that it keeps in files of its folder are read in, so that the black box is one file.
 *
 * The output form names no outputs (`outputs: []`) where neither the file nor its graph tells how many numbers there are:
 * who runs the model counts them.
 * @throws DataError where the file is no sound model of sequences, ConfigError naming what the user has to say
 */
export async function importOnnx(file: string, options: ImportOptions): Promise<ImportedModel> {
  let bytes = await readModelFile(file)
  let model = parseOnnx(bytes, file)
  if (model.externalTensors > 0) {
    bytes = await embedExternalData(bytes, file, (tensor) => parseTensor(tensor, file))
    model = parseOnnx(bytes, file)
  }
  const nodes = orderNodes(model.graph, file)
  checkWeights(model, file)
  const output = chooseOutput(model.graph, options, file)
  const forms = graphInputForms(model.graph, options, file)
  const own = ownNetwork(model, options, file)
  const { cut, leftInside } = lastActivation(model, output)
  const executable = {
    kind: 'onnx',
    bytes: cut === undefined ? bytes : withOutput(bytes, model, cut.tensor),
  } as const
  // We write channel by channel, whatever else the sizes may be.
  const ownForm = forms.find(({ order }) => order === 'NCW')
  if (own !== undefined && ownForm !== undefined) {
    const outputForm = outputFormOf(output, own.outputs.length, model, options)
    return {
      format: 'onnx',
      network: { ...own, outputs: outputForm.outputs },
      blackBox: { executable, input: ownForm, output: { ...outputForm, cut } },
    }
  }
  const traces = forms.map((form) => ({
    form,
    trace: traceNetwork(model.graph, nodes, model.opset, form, output.name, options.transform ?? 'none'),
  }))
  const { form, trace } = traces.length === 1 ? traces[0]! : orderThatTheGraphTells(traces, file)
  const outputForm = outputFormOf(output, trace.outputCount ?? declaredCount(output), model, options)
  const rounds = onlyInput(model.graph, file).dataType === floatTypes.float16
  const network = rounds ? { refusal: 'it computes in half precision (float16)' } : trace.network
  return {
    format: 'onnx',
    network: 'refusal' in network ? network : { ...network, outputs: outputForm.outputs },
    blackBox: { executable, input: form, output: { ...outputForm, cut } },
    leftInside,
  }
}

async function readModelFile(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    if (size > largestModel) {
      throw new DataError('holds more than 2 GiB; export it with its weights in a file of their own', {
        file,
      })
    }
    if (size === 0) throw new DataError('is empty; copy or export it again', { file })
    return await readFile(file)
  } catch (error) {
    throw asReadError(error, file)
  }
}

interface FormTrace {
  readonly form: InputForm
  readonly trace: Trace
}

/** The order under which the graph can be followed where, under the other one, the dimensions do not fit. */
function orderThatTheGraphTells(traces: readonly FormTrace[], file: string): FormTrace {
  const [best, other] = traces.toSorted((a, b) => b.trace.reached - a.trace.reached) as [FormTrace, FormTrace]
  if (other.trace.ofLayout && best.trace.reached > other.trace.reached) return best
  const fits = traces.filter(({ trace }) => !('refusal' in trace.network))
  if (fits.length === 1 && traces.some(({ trace }) => trace.ofLayout)) return fits[0]!
  return askForOrder(best.form, file)
}

/** A model of our own, read back as it was written: its layers and their weights bit for bit. */
function ownNetwork(
  model: ParsedModel,
  { alphabet = baseLetters, transform = 'none' }: ImportOptions,
  file: string,
): Network | undefined {
  const asWritten = alphabet.toUpperCase() === baseLetters && transform === 'none'
  if (model.producerName !== 'sis' || !asWritten) return undefined
  try {
    return networkOfOwnOnnx(model, file)
  } catch (error) {
    // Somebody changed it since: it is read like the file of anybody.
    if (error instanceof DataError) return undefined
    throw error
  }
}

/** Operators whose weights are factors: one that is infinite makes every score infinite or no number. */
const weighing = new Set([
  'Conv',
  'ConvTranspose',
  'Gemm',
  'MatMul',
  'BatchNormalization',
  'InstanceNormalization',
  'LayerNormalization',
  'LSTM',
  'GRU',
  'RNN',
])

/** @throws DataError naming a tensor that holds NaN, or infinity where it is a weight */
function checkWeights({ graph }: ParsedModel, file: string): void {
  const weights = new Set(graph.nodes.flatMap(({ opType, inputs }) => (weighing.has(opType) ? inputs : [])))
  const check = (tensor: StoredTensor, name: string) => {
    const values = readTensor(tensor)?.values
    if (!(values instanceof Float32Array)) return
    const strange = values.findIndex(
      (value) => Number.isNaN(value) || (weights.has(name) && !Number.isFinite(value)),
    )
    if (strange < 0) return
    throw new DataError(
      `tensor '${name}' holds ${values[strange]!} (number ${strange + 1} of ${values.length}): the training failed, or the file is damaged`,
      { file },
    )
  }
  for (const tensor of graph.initializers) check(tensor, tensor.name)
  for (const { attributes, outputs } of graph.nodes) {
    const tensor = attributes.get('value')?.t
    if (tensor !== undefined) check(tensor, outputs[0] ?? '')
  }
}
