/** Concat: channels side by side, or both strands along a dimension of their own. */
import { type Activation, type Value } from '../onnxActivation.ts'
import { axisOf, intAttribute } from '../onnxDims.ts'
import { concatActivations } from '../onnxSteps.ts'
import { asActivation, type Context } from './operator.ts'
import { oneStrand } from './strands.ts'

export function concat(context: Context, x: Activation): Value {
  const parts = context.inputs.map(asActivation)
  const axis = axisOf(intAttribute(context.node, 'axis', 0), x.dims.length)
  const strand = parts.length === 2 && parts[0]!.dims[axis] === 1 ? oneStrand(context) : undefined
  if (strand !== undefined) return { kind: 'strands', strand, axis }
  return parts.length === 1 ? x : concatActivations(parts, axis)
}
