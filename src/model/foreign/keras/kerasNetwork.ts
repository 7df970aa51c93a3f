/**
 * The layers of a Keras model in our own form, where each has a counterpart; else which layer has none. 2-D convolutions
 * over sequences one position high or one base wide are what they mean: 1-D ones. Here its graph is walked; what each layer
 * becomes is told in layers/.
 */
import { baseLetters } from '../../../sequence/alphabet.ts'
import type { Layer, Network } from '../../network/network.ts'
import { product } from '../../network/shapes.ts'
import type { InputForm } from '../importedModel.ts'
import type { KerasGraph, KerasNode } from './kerasGraph.ts'
import {
  type AlongForm,
  flushed,
  type Form,
  inUnits,
  NoCounterpart,
  none,
  noPad,
  type Part,
} from './layers/form.ts'
import { joinRules } from './layers/join.ts'
import { layerRules } from './layers/rules.ts'

/** Branches that share layers would be written out again and again. */
const mostLayers = 2000

/**
 * @param outputs a name for each number of the output; undefined: named by the caller's function of how many there are
 * @returns the network, or why there is none
 * @throws DataError naming the file and the layer whose weights do not fit its configuration
 */
export function kerasNetwork(
  graph: KerasGraph,
  input: InputForm,
  nameOutputs: (count: number) => readonly string[],
  file: string,
): Network | { readonly refusal: string } {
  try {
    const { layers, form } = flushed(new NetworkBuilder(graph, input.length, file).build(formOfInput(input)))
    const end = closed(form)
    const outputs = nameOutputs(product(form.dims))
    return {
      inputLength: input.length,
      layers: [...layers, ...end],
      strands: 'forward',
      outputs,
    }
  } catch (error) {
    if (error instanceof NoCounterpart) return { refusal: error.message }
    throw error
  }
}

function formOfInput({ dims, order, alphabet, length }: InputForm): Form {
  const channels = Array.from(alphabet, (letter) => baseLetters.indexOf(letter))
  const channelOrder = alphabet === baseLetters ? undefined : Int32Array.from(channels)
  if (dims.length === 1) {
    return { kind: 'packed', dims, length, channels: 4, byPosition: order === 'NWC', order: channelOrder }
  }
  const places = dims.length === 2 ? [0, 1] : placesOfThree(dims, length, order === 'NWC')
  const [first, second] = places as [number, number]
  const [position, channel] = order === 'NWC' ? [first, second] : [second, first]
  return { kind: 'along', dims, position, channel, order: channelOrder, pad: noPad }
}

/** Which two of three dimensions are not the extra one. */
function placesOfThree(dims: readonly number[], length: number, byPosition: boolean): number[] {
  const wanted = byPosition ? [length, 4] : [4, length]
  const extra = [2, 0, 1].find(
    (place) => dims[place] === 1 && dims.filter((_, i) => i !== place).every((size, i) => size === wanted[i]),
  )
  return [0, 1, 2].filter((place) => place !== extra)
}

/** Layers that end the sequence where the output still lies along it. */
function closed(form: Form): Layer[] {
  if (form.kind === 'flat') {
    if (form.order !== undefined) throw new NoCounterpart('its outputs are in another order than their layer')
    return []
  }
  const byPosition = form.kind === 'packed' ? form.byPosition : form.position < form.channel || isSingle(form)
  if (form.order !== undefined || !byPosition) {
    throw new NoCounterpart('its outputs are numbers along the sequence, channel by channel')
  }
  return [{ kind: 'flatten' }]
}

function isSingle({ dims, position, channel }: AlongForm): boolean {
  return dims[position] === 1 || dims[channel] === 1
}

class NetworkBuilder {
  readonly #graph: KerasGraph
  readonly #file: string
  /** The last node that every way from the input to a node goes through, itself left out. */
  readonly #gates = new Map<KerasNode, KerasNode>()
  readonly #depths = new Map<KerasNode, number>()
  #layers = 0

  constructor(graph: KerasGraph, length: number, file: string) {
    this.#graph = graph
    this.#file = file
    if (length < 1) throw new RangeError(`a sequence of ${length} bases`)
    this.#depths.set(graph.input, 0)
    for (const node of graph.nodes) {
      if (node === graph.input) continue
      const gate = node.inputs.reduce((a, b) => this.#commonGate(a, b))
      this.#gates.set(node, gate)
      this.#depths.set(node, this.#depths.get(gate)! + 1)
    }
  }

  build(form: Form): Part {
    return this.#between(this.#graph.input, form, this.#graph.output)
  }

  #commonGate(a: KerasNode, b: KerasNode): KerasNode {
    while (a !== b) {
      if (this.#depths.get(a)! < this.#depths.get(b)!) b = this.#gates.get(b)!
      else a = this.#gates.get(a)!
    }
    return a
  }

  /** What makes a node's output of another's. */
  #between(from: KerasNode, form: Form, to: KerasNode): Part {
    const way: KerasNode[] = []
    for (let node = to; node !== from; node = this.#gates.get(node)!) way.push(node)
    const layers: Layer[] = []
    let gate = from
    for (const node of way.reverse()) {
      const part = this.#node(gate, form, node)
      layers.push(...part.layers)
      this.#layers += part.layers.length
      if (this.#layers > mostLayers) throw new NoCounterpart('its branches share layers')
      form = part.form
      gate = node
    }
    return { layers, form }
  }

  #node(gate: KerasNode, form: Form, node: KerasNode): Part {
    const { className } = node.layer
    if (node.inputs.length === 1 && node.inputs[0] === gate) {
      const known = layerRules.get(className)
      if (known === undefined) {
        throw none(node, 'has no counterpart among the layers that the fast engines know')
      }
      if (known.takesZeros?.(node, form) === true) return known.apply(node, form, this.#file)
      const before = flushed({ layers: [], form })
      const { layers, form: made } = known.apply(node, before.form, this.#file)
      return { layers: [...before.layers, ...layers], form: made }
    }
    const join = joinRules.get(className)
    if (join === undefined) {
      throw none(node, 'joins branches otherwise than by sums, differences, means and concatenation')
    }
    return join(
      node,
      node.inputs.map((input) => inUnits(this.#between(gate, form, input))),
    )
  }
}
