/** An ONNX graph as a network, where all of its operators are layers that we know. */
import { baseCount, baseLetters } from '../../../sequence/alphabet.ts'
import type { ParsedGraph, ParsedNode } from '../../formats/onnx/onnxParse.ts'
import { type Constant, readTensor, type StoredTensor } from '../../formats/onnx/onnxTensor.ts'
import type { Layer, Network, StrandJoin } from '../../network/network.ts'
import { product } from '../../network/shapes.ts'
import type { InputForm, OutputTransform } from '../importedModel.ts'
import {
  type Activation,
  type Factor,
  flattenAt,
  type Gate,
  rowSize,
  type StrandPair,
  type Value,
  zerosAsPositions,
} from './onnxActivation.ts'
import { foldConstants } from './onnxConstants.ts'
import { describeNode } from './onnxOrder.ts'
import { addLayer, type Budget, type Point, Refusal, rootPoint, spend } from './onnxPoint.ts'
import { layersBetween } from '../../network/chains.ts'
import type { Context, OperatorRule } from './operators/operator.ts'
import { knownOperator } from './operators/rules.ts'

/**
 * Numbers that layers and folded constants may have together: a few times those of the file (decoded, put in order, scaled
 * by a normalisation), and some that exporters compute.
 */
const numbersOfComputed = 2 ** 24
const copiesOfStored = 6

/** Where a model takes any number of rows, its batch is one that no other size of a graph is: a large prime. */
const anyBatch = 1_000_003

export interface Trace {
  readonly network: Omit<Network, 'outputs'> | { readonly refusal: string }
  /** Numbers that the output has a row; undefined where the graph was not followed to its end. */
  readonly outputCount: number | undefined
  /** Operators that were understood. */
  readonly reached: number
  /** What stopped it was the order of the dimensions, which may have been read wrongly. */
  readonly ofLayout: boolean
}

/**
 * @param nodes of the graph, each after those that it reads
 * @param output name of the tensor whose numbers are scores; what only others need is not looked at
 */
export function traceNetwork(
  graph: ParsedGraph,
  nodes: readonly ParsedNode[],
  opset: number,
  input: InputForm,
  output: string,
  transform: OutputTransform,
): Trace {
  const tracer = new Tracer(graph, nodes, opset, input, output)
  let outputCount: number | undefined
  try {
    const result = tracer.follow()
    outputCount = rowSize(result)
    return {
      network: tracer.network(result, transform),
      outputCount,
      reached: tracer.reached,
      ofLayout: false,
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return {
      network: { refusal: error.message },
      outputCount,
      reached: tracer.reached,
      ofLayout: error.ofLayout,
    }
  }
}

class Tracer {
  readonly #nodes: readonly ParsedNode[]
  readonly #opset: number
  readonly #input: InputForm
  readonly #output: string
  readonly #initializers: ReadonlyMap<string, StoredTensor>
  readonly #values = new Map<string, Value>()
  /** Constants that are computed in ways that we do not know; they matter only to what reads them. */
  readonly #unknown = new Map<string, string>()
  readonly #uses = new Map<string, number>()
  readonly #budget: Budget
  readonly #roots: { readonly forward: Point; readonly reverse: Point }
  #tooLarge = 0
  reached = 0

  constructor(
    graph: ParsedGraph,
    nodes: readonly ParsedNode[],
    opset: number,
    input: InputForm,
    output: string,
  ) {
    this.#opset = opset
    this.#input = input
    this.#output = output
    this.#initializers = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]))
    this.#nodes = neededNodes(nodes, output)
    const constants = this.#nodes.flatMap(({ attributes }) => attributes.get('value')?.t ?? [])
    const stored = [...graph.initializers, ...constants].reduce((total, { dims }) => total + product(dims), 0)
    this.#budget = { left: numbersOfComputed + copiesOfStored * stored }
    this.#roots = {
      forward: rootPoint([input.length, baseCount], this.#budget),
      reverse: rootPoint([input.length, baseCount], this.#budget),
    }
    for (const name of [
      ...this.#nodes.flatMap(({ inputs }) => inputs),
      ...graph.outputs.map(({ name }) => name),
    ]) {
      this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1)
    }
  }

  follow(): Activation {
    this.#values.set(this.#input.name, inputActivation(this.#input, this.#roots.forward))
    for (const node of this.#nodes) {
      try {
        this.#run(node)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        throw new Refusal(`${describeNode(node)} ${error.message}`, error.ofLayout)
      }
      this.reached++
    }
    const result = this.#valueOf(this.#output)
    if (result?.kind !== 'activation')
      throw new Refusal(
        this.#unknown.get(this.#output) ?? `its output '${this.#output}' is not computed from the sequence`,
      )
    return result
  }

  network(result: Activation, transform: OutputTransform): Omit<Network, 'outputs'> {
    const base = { ...zerosAsPositions(result), logarithm: false, join: undefined }
    const { point, logarithm, join } = transformed(flattenOutput(base), result, transform)
    if (logarithm) throw new Refusal('its scores are logarithms, which no layer of a network gives')
    if (result.pad !== undefined && result.pad.value !== 0) throw new Refusal('it ends with Pad')
    return {
      inputLength: this.#input.length,
      layers: layersBetween(this.#rootOf(point), point),
      strands: join === undefined ? 'forward' : 'both',
      ...(join !== undefined && join !== 'maximum' && { strandJoin: join }),
    }
  }

  /** A model of the reverse complement alone is one of the sequence with its kernels turned; rare, and not done. */
  #rootOf(point: Point): Point {
    let root = point
    while (root.parent !== undefined) root = root.parent
    if (root === this.#roots.reverse) throw new Refusal('it reads the reverse complement only')
    return root
  }

  #run(node: ParsedNode): void {
    const inputs = node.inputs.map((name) => (name === '' ? undefined : this.#valueOf(name)))
    const first = inputs.find((input) => input !== undefined && input.kind !== 'constant')
    const unread = node.inputs.findIndex((name, i) => name !== '' && inputs[i] === undefined)
    if (first === undefined) {
      const folded =
        unread < 0 ? foldConstants(node, inputs as (Constant | undefined)[], this.#opset) : undefined
      if (folded === undefined) {
        const why =
          unread < 0 ? `${describeNode(node)} is not known` : this.#unknown.get(node.inputs[unread]!)
        for (const name of node.outputs) this.#unknown.set(name, why ?? `${describeNode(node)} is not known`)
        return
      }
      for (const [i, value] of folded.entries()) {
        if (value.values.length > this.#budget.left && this.#tooLarge++ < mostTooLarge) {
          // As the first state of a recurrent layer, one a row: what reads it tells more than its size does.
          this.#unknown.set(node.outputs[i] ?? '', `the result of ${describeNode(node)}, which is too large`)
          continue
        }
        if (!inputs.some((input) => (input as Constant | undefined)?.values === value.values)) {
          spend(this.#budget, value.values.length)
        }
        this.#values.set(node.outputs[i] ?? '', value)
      }
      return
    }
    const rule = knownOperator(node)
    const x = rule?.takesPadding ? first : zeroed(first)
    if (!rule?.takesPadding) {
      for (const [i, input] of inputs.entries()) {
        if (input?.kind !== 'activation' || input.pad === undefined) continue
        inputs[i] = zeroed(input)
        this.#values.set(node.inputs[i]!, inputs[i])
      }
    }
    if (rule === undefined) throw new Refusal('is not one that a network has as a layer')
    if (unread >= 0)
      throw new Refusal(`reads what is not understood: ${this.#unknown.get(node.inputs[unread]!) ?? ''}`)
    if (x.kind === 'gate' && rule.gates === undefined) {
      throw new Refusal('reads what is no activation function that we know, but written out in operators')
    }
    if (x.kind === 'strands' && !rule.joinsStrands) throw new Refusal('reads both strands side by side')
    if (!rule.takesAnyOrder && inputs[0]?.kind === 'constant') {
      throw new Refusal('has weights where its input should be')
    }
    const context: Context = {
      node,
      inputs,
      opset: this.#opset,
      alone: (i) => this.#uses.get(node.inputs[i]!) === 1,
      roots: this.#roots,
    }
    const results = x.kind === 'gate' && rule.gates === 'pass' ? [x] : joined(context, x, rule)
    for (const [i, name] of node.outputs.entries()) {
      const result = results[i]
      if (result !== undefined) this.#values.set(name, result)
      else this.#unknown.set(name, `output ${i + 1} of ${describeNode(node)}`)
    }
  }

  /** Weights are decoded when something reads them. */
  #valueOf(name: string): Value | undefined {
    const known = this.#values.get(name)
    if (known !== undefined) return known
    const stored = this.#initializers.get(name)
    const read = stored && readTensor(stored)
    if (read === undefined) {
      this.#unknown.set(name, this.#unknown.get(name) ?? `the tensor '${name}' holds no numbers of a network`)
      return undefined
    }
    spend(this.#budget, read.values.length)
    this.#values.set(name, read)
    return read
  }
}

/** Constants that are too large to be kept, of which a graph may have so many. */
const mostTooLarge = 8

function zeroed<V extends Value>(value: V): V | Activation {
  return value.kind === 'activation' ? zerosAsPositions(value) : value
}

/** The operator, also where its input is a mean of both strands: then of one strand, joined after it. */
function joined(
  context: Context,
  x: Activation | Gate | StrandPair,
  { apply, afterMean: join }: OperatorRule,
): readonly Value[] {
  const run = (one: Context, first: Activation): readonly Value[] => {
    const result = apply(one, first)
    return isList(result) ? result : [result]
  }
  const { inputs } = context
  if (x.kind !== 'activation' || x.join !== 'mean') return run(context, x as Activation)
  const alone = inputs.every((input) => input === undefined || input.kind === 'constant' || input === x)
  if (join === undefined || !alone || inputs.filter((input) => input === x).length > 1) return run(context, x)
  const strand: Activation = { ...x, join: undefined }
  const results = run({ ...context, inputs: inputs.map((input) => (input === x ? strand : input)) }, strand)
  return results.map((result) =>
    result.kind !== 'activation'
      ? result
      : { ...result, join, ...(join === 'mean-of-logits' && { made: undefined }) },
  )
}

function isList(result: Value | readonly Value[]): result is readonly Value[] {
  return Array.isArray(result)
}

/** Those that the output is made by, in the same order. */
function neededNodes(nodes: readonly ParsedNode[], output: string): ParsedNode[] {
  const needed = new Set([output])
  const result: ParsedNode[] = []
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue
    result.push(node)
    for (const name of node.inputs) needed.add(name)
  }
  return result.reverse()
}

function inputActivation(
  { dims, order, alphabet, length, batch: fixed }: InputForm,
  point: Point,
): Activation {
  const batch = fixed ?? anyBatch
  const along: Factor[] = order === 'NCW' ? ['channel', 'position'] : ['position', 'channel']
  const factors = along.filter((factor) => factor === 'channel' || length > 1)
  let next = 0
  const places = Int32Array.from(alphabet, (letter) => baseLetters.indexOf(letter))
  return {
    kind: 'activation',
    point,
    dims: [batch, ...dims],
    factors: [
      batch === 1 ? [] : ['batch'],
      ...dims.map((dim) => (dims.length === 1 ? factors : dim === 1 ? [] : factors.slice(next, ++next))),
    ],
    order: alphabet === baseLetters ? undefined : places,
    batch,
    pad: undefined,
    made: undefined,
    logarithm: false,
    join: undefined,
  }
}

/** One row of numbers, in the order in which the graph has them. */
function flattenOutput(result: Activation): Activation {
  const rest = result.factors.flat().filter((factor) => factor !== 'batch')
  const whole: Activation = {
    ...result,
    dims: [result.batch, rowSize(result)],
    factors: [result.factors.flat().filter((factor) => factor === 'batch'), rest],
  }
  if (result.batch > 1 && result.factors.flat()[0] !== 'batch')
    throw new Refusal('its output does not begin with the batch')
  const flat = flattenAt(whole, 1)
  if (flat.order !== undefined)
    throw new Refusal('its scores lie channel by channel, those of a network position by position')
  return flat
}

/** @returns the point after the transform, or the logarithm that it would need */
function transformed(
  flat: Activation,
  result: Activation,
  transform: OutputTransform,
): { point: Point; logarithm: boolean; join: StrandJoin | undefined } {
  const { point } = flat
  const last = point.layer
  const activated = (name: (Layer & { kind: 'activation' })['function']) =>
    last?.kind === 'activation' && last.function === name ? point.parent! : undefined
  const { join } = result
  if (transform === 'exp' && result.logarithm) return { point, logarithm: false, join }
  switch (transform) {
    case 'none':
      return { point, logarithm: result.logarithm, join }
    case 'sigmoid':
    case 'exp':
    case 'softmax':
      if (transform === 'softmax' && join === 'maximum')
        throw new Refusal('softmax of the maximum of both strands')
      if (join === 'mean-of-logits')
        throw new Refusal(`${transform} of an activation of the mean of both strands`)
      return {
        point: addLayer(point, { kind: 'activation', function: transform }),
        logarithm: result.logarithm,
        join: join === 'mean' ? 'mean-of-logits' : join,
      }
    case 'logit':
    case 'log': {
      const before = activated(transform === 'logit' ? 'sigmoid' : 'exp')
      if (before === undefined || result.logarithm) {
        throw new Refusal(
          `the ${transform} of its scores is no layer of a network, since it does not end with ${transform === 'logit' ? 'a sigmoid' : 'an exponential'}`,
        )
      }
      if (join === 'mean') throw new Refusal(`the ${transform} of a mean of both strands is no layer`)
      return { point: before, logarithm: false, join: join === 'mean-of-logits' ? 'mean' : join }
    }
  }
}
