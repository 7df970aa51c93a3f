/** What is common to finding the last activation of a graph of operators or layers, so that it can be cut off. */
import type { CutFunction } from './importedModel.ts'

/** Operators of ONNX and of TensorFlow, which name them alike. */
export const cutOperators: Readonly<Record<string, CutFunction>> = {
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  Exp: 'exp',
  Softmax: 'softmax',
  LogSoftmax: 'log-softmax',
}

export interface Walk<Node> {
  /** Nodes looked at, at most: an activation farther from the end is one rounding among many. */
  readonly most: number
  readonly isActivation: (node: Node) => boolean
  /** Whether an activation's results go through it, their rounding with them. */
  readonly passesOn: (node: Node) => boolean
  /** What makes its inputs. */
  readonly before: (node: Node) => readonly Node[]
}

/** @returns the activation nearest to the end, breadth first */
export function activationNear<Node>(
  last: Node,
  { most, isActivation, passesOn, before }: Walk<Node>,
): Node | undefined {
  const waiting = [last]
  for (let seen = 0; seen < most; seen++) {
    const node = waiting.shift()
    if (node === undefined) return undefined
    if (isActivation(node)) return node
    if (passesOn(node)) waiting.push(...before(node))
  }
  return undefined
}

/** @returns those of the names that something is known by */
export function found<Node>(names: readonly string[], known: ReadonlyMap<string, Node>): Node[] {
  return names.map((name) => known.get(name)).filter((node) => node !== undefined)
}
