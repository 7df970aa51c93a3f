/** The nodes of an ONNX graph in an order in which each comes after those that it reads; what is no sound graph is refused. */
import { DataError } from '../../../base/errors.ts'
import type { ParsedGraph, ParsedNode } from '../../formats/onnx/onnxParse.ts'

/**
 * @param file named in errors
 * @throws DataError where two things make one tensor, a node reads what nobody makes, or nodes wait for each other
 */
export function orderNodes(graph: ParsedGraph, file: string): ParsedNode[] {
  const fault = (problem: string) => new DataError(`is not a sound ONNX graph: ${problem}`, { file })
  const makers = makersOf(graph, fault)
  const ready = new Set(initialNames(graph))
  const ordered: ParsedNode[] = []
  // Depth first without recursion: a chain may be longer than the stack.
  const state = new Map<ParsedNode, 'open' | 'done'>()
  for (const root of graph.nodes) {
    const stack = [root]
    while (stack.length > 0) {
      const node = stack.at(-1)!
      if (state.get(node) === 'done') {
        stack.pop()
        continue
      }
      const first = state.get(node) === undefined
      state.set(node, 'open')
      const waiting: ParsedNode[] = []
      for (const name of node.inputs) {
        if (name === '' || ready.has(name)) continue
        const maker = makers.get(name)
        if (maker === undefined) {
          throw fault(`${describeNode(node)} reads the tensor '${name}', which nothing makes`)
        }
        if (state.get(maker) === 'done') continue
        // Seen for the second time, all that it waited for is done, unless that waits for it.
        if (!first || state.get(maker) === 'open') {
          throw fault(`${describeNode(node)} and ${describeNode(maker)} wait for each other`)
        }
        waiting.push(maker)
      }
      if (waiting.length > 0) {
        stack.push(...waiting)
        continue
      }
      state.set(node, 'done')
      ordered.push(node)
      stack.pop()
    }
  }
  for (const { name } of graph.outputs) {
    if (!ready.has(name) && !makers.has(name)) throw fault(`nothing makes its output '${name}'`)
  }
  return ordered
}

export function describeNode({ opType, domain, name, outputs }: ParsedNode): string {
  return `operator ${domain === '' ? '' : `${domain}.`}${opType} ('${name === '' ? (outputs[0] ?? '') : name}')`
}

function initialNames(graph: ParsedGraph): string[] {
  return [...graph.inputs, ...graph.initializers].map(({ name }) => name)
}

function makersOf(graph: ParsedGraph, fault: (problem: string) => DataError): Map<string, ParsedNode> {
  const initializers = new Set<string>()
  for (const { name } of graph.initializers) {
    if (initializers.has(name)) throw fault(`two weights are named '${name}'`)
    initializers.add(name)
  }
  const inputs = new Set<string>()
  for (const { name } of graph.inputs) {
    if (inputs.has(name)) throw fault(`two inputs are named '${name}'`)
    inputs.add(name)
  }
  const makers = new Map<string, ParsedNode>()
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      if (name === '') continue
      const other = makers.get(name)
      if (other !== undefined)
        throw fault(`${describeNode(other)} and ${describeNode(node)} both make '${name}'`)
      if (inputs.has(name) || initializers.has(name)) {
        throw fault(`${describeNode(node)} makes '${name}', which is an input or a weight`)
      }
      makers.set(name, node)
    }
  }
  return makers
}
