/** Where a TensorFlow.js graph model ends in an activation: any node of it can be asked for, so also the one before. */
import type { JsonObject } from '../../formats/json.ts'
import { activationNear, cutOperators, found } from '../cutActivation.ts'
import type { CutActivation } from '../importedModel.ts'

/** Their numbers are those of their first input, in the same order. */
const sameNumbers = new Set(['Identity', 'Squeeze', 'ExpandDims', 'Reshape'])

/** What an activation's results may go through, its rounding with them. */
const passesOn = new Set([
  ...sameNumbers,
  ...[
    'Add',
    'AddV2',
    'AddN',
    'ConcatV2',
    'Max',
    'Maximum',
    'Mean',
    'Min',
    'Minimum',
    'Mul',
    'Pack',
    'RealDiv',
  ],
  ...['StridedSlice', 'Sub', 'Sum', 'Transpose', 'Unpack'],
])

/** Nodes between an activation and the end, at most; farther away its rounding is one among many. */
const nearEnd = 16

/**
 * @param nodes of the graph: name, op, input
 * @param output name of the node whose numbers are scores
 * @param nameOf of a node, from how an input writes it
 */
export function cutLastNode(
  nodes: readonly JsonObject[],
  output: string,
  nameOf: (written: unknown) => string,
): { readonly cut: CutActivation | undefined; readonly leftInside: string | undefined } {
  const byName = new Map(nodes.map((node) => [nameOf(node['name']), node] as const))
  const inputsOf = ({ input }: JsonObject): string[] =>
    Array.isArray(input) ? (input as unknown[]).map(nameOf) : []
  let last = byName.get(nameOf(output))
  while (last !== undefined && sameNumbers.has(String(last['op']))) last = byName.get(inputsOf(last)[0] ?? '')
  if (last === undefined) return { cut: undefined, leftInside: undefined }
  const name = cutOperators[String(last['op'])]
  const [tensor] = inputsOf(last)
  if (name !== undefined && tensor !== undefined) {
    return { cut: { function: name, tensor, width: undefined }, leftInside: undefined }
  }
  const inside = activationNear(last, {
    most: nearEnd,
    isActivation: (node) => String(node['op']) in cutOperators || fusedActivation(node),
    passesOn: ({ op }) => passesOn.has(String(op)),
    before: (node) => found(inputsOf(node), byName),
  })
  const leftInside = inside && `node '${nameOf(inside['name'])}' (${String(inside['op'])})`
  return { cut: undefined, leftInside }
}

/** `_FusedMatMul` and the like name what they do after their product, in base64. */
function fusedActivation(node: JsonObject): boolean {
  if (!String(node['op']).startsWith('_Fused')) return false
  return Object.keys(cutOperators).some((operator) =>
    JSON.stringify(node['attr'] ?? {}).includes(Buffer.from(operator, 'latin1').toString('base64')),
  )
}
