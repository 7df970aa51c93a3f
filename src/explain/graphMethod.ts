/** What methods that need a network have in common: a graph of its backward pass, run over the codes of sequences. */
import { inputGradientName, buildGradientGraph } from '../model/gradient/maskGradient.ts'
import type { MaximumForm } from '../model/gradient/graphWriter.ts'
import type { RectifierRule } from '../model/gradient/activationRules.ts'
import type { OnnxGraph } from '../model/formats/onnx/onnxEncode.ts'
import type { Network } from '../model/network/network.ts'
import { onnxDeviceFor } from '../predict/devices.ts'
import { openCodesGraph } from '../predict/onnx/onnxCodesGraph.ts'
import { maximumFormOf, type OnnxDevice } from '../predict/onnx/onnxRunner.ts'
import { baseCount } from '../sequence/alphabet.ts'
import type {
  Attribution,
  ExplainedSequence,
  ExplanationMethod,
  MethodContext,
  OpenMethod,
} from './method.ts'

/** The network, and the device of ONNX Runtime that runs graphs of it. */
interface GraphDevice {
  readonly network: Network
  readonly device: OnnxDevice
  readonly form: MaximumForm
}

/** @throws ConfigError where the device is not ONNX Runtime's */
export function graphDevice(context: MethodContext): GraphDevice {
  const { network } = context
  if (network === undefined) throw new TypeError('a method that needs a network was given a black box')
  const device = onnxDeviceFor(context.device, 'gradients for explanation methods')
  return { network, device, form: maximumFormOf(device) }
}

/**
 * @param graph of the network, as `openCodesGraph` runs it
 * @param name of its output [n, count]
 * @param attribute of one sequence, from its numbers
 */
export async function openGraphMethod(
  context: MethodContext,
  { network, device }: GraphDevice,
  graph: OnnxGraph,
  { name, count }: { readonly name: string; readonly count: number },
  attribute: (numbers: Float32Array, codes: Uint8Array) => Attribution,
): Promise<OpenMethod> {
  const { background, threads, signal, output } = context
  const opened = await openCodesGraph(network, graph, { name, count }, { background, threads, device })
  const { inputLength: length } = network
  return {
    backend: opened.backend,
    batchSize: opened.batchSize,
    async explain(sequences) {
      signal?.throwIfAborted()
      const predictor = await opened.ofOutput(output)
      const found = await predictor.predict(rowsOf(sequences, length), sequences.length)
      return sequences.map(({ codes }, row) =>
        attribute(found.subarray(row * count, (row + 1) * count), codes),
      )
    },
    close: () => opened.close(),
  }
}

function rowsOf(sequences: readonly ExplainedSequence[], length: number): Uint8Array {
  const rows = new Uint8Array(sequences.length * length)
  for (const [row, { codes }] of sequences.entries()) rows.set(codes, row * length)
  return rows
}

/**
 * A method made of what the input is owed.
 * @param attribute from that, [4, L]
 */
export function inputGradientMethod(
  summary: string,
  attribute: (owed: Float32Array, codes: Uint8Array) => Attribution,
  rectifier: RectifierRule = 'gradient',
): ExplanationMethod {
  return {
    needs: 'network',
    samples: false,
    summary,
    open(context) {
      const on = graphDevice(context)
      const graph = buildGradientGraph(on.network, { input: true, rectifier, form: on.form })
      const output = { name: inputGradientName, count: baseCount * on.network.inputLength }
      return openGraphMethod(context, on, graph, output, attribute)
    },
  }
}

/** @returns of [4, L] the number at the base that is there, 0 where none is */
export function atBases(numbers: Float32Array, codes: Uint8Array): Float32Array {
  const { length } = codes
  return Float32Array.from(codes, (code, i) => (code < baseCount ? numbers[code * length + i]! : 0))
}

/** @returns [L, 4] of [4, L] */
export function byPosition(numbers: Float32Array): Float32Array {
  const length = numbers.length / baseCount
  return Float32Array.from(
    numbers,
    (_, at) => numbers[(at % baseCount) * length + Math.floor(at / baseCount)]!,
  )
}

/**
 * What a position's numbers have in common is taken from them: a one-hot input never moves that way, so that the network was
 * free to learn anything there (Majdandzic et al., Genome Biology 24:109, 2023).
 * @param contributions [L, 4]
 */
export function onSimplex(contributions: Float32Array): Float32Array {
  const corrected = new Float32Array(contributions.length)
  for (let from = 0; from < contributions.length; from += baseCount) {
    let sum = 0
    for (let base = 0; base < baseCount; base++) sum += contributions[from + base]!
    for (let base = 0; base < baseCount; base++) {
      corrected[from + base] = contributions[from + base]! - sum / baseCount
    }
  }
  return corrected
}
