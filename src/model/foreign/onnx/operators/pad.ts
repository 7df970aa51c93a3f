/** Pad: zeros (or other numbers) before and after, which wait for the operator that takes them up. */
import { type Activation, isFactor, settled, type Value } from '../onnxActivation.ts'
import { axisOf, floatAttribute } from '../onnxDims.ts'
import { Refusal } from '../onnxPoint.ts'
import { cropAlong } from '../onnxSteps.ts'
import { constantAt, type Context } from './operator.ts'

export function pad({ node, inputs, opset }: Context, x: Activation): Value {
  const mode = node.attributes.get('mode')?.s ?? 'constant'
  if (mode !== 'constant') throw new Refusal(`pads with ${mode}`)
  const amounts =
    opset < 11
      ? (node.attributes.get('pads')?.ints ?? node.attributes.get('paddings')?.ints)
      : constantAt(inputs, 1)?.values
  if (amounts === undefined) throw new Refusal('pads by what is not known before it runs')
  const value = opset < 11 ? floatAttribute(node, 'value', 0) : (constantAt(inputs, 2)?.values[0] ?? 0)
  const axes = [...(constantAt(inputs, 3)?.values ?? x.dims.map((_, i) => i))].map((axis) =>
    axisOf(axis, x.dims.length),
  )
  let dims = x.dims
  let waiting = x.pad
  let { factors } = x
  for (const [i, axis] of axes.entries()) {
    const [before, after] = [amounts[i] ?? 0, amounts[i + axes.length] ?? 0]
    if (before === 0 && after === 0) continue
    // Where there is one position, whichever dimension of 1 is padded becomes that of the positions.
    const others = factors.some((list, i) => i !== axis && list.includes('position'))
    if (x.point.shape.length === 1 || !isFactor(x, axis, 'position') || others)
      throw new Refusal('pads other dimensions than the positions', true)
    if (before < 0 || after < 0) {
      if (waiting !== undefined || axes.length !== new Set(axes).size)
        throw new Refusal('cuts off what it pads')
      const kept = x.dims[axis]! + Math.min(before, 0) + Math.min(after, 0)
      if (kept < 1) throw new Refusal('cuts all positions off')
      const cut = cropAlong(x, axis, { start: Math.max(-before, 0), step: 1, count: kept })
      const [more, behind] = [Math.max(before, 0), Math.max(after, 0)]
      if (more + behind === 0) return cut
      return {
        ...cut,
        dims: cut.dims.with(axis, kept + more + behind),
        factors: cut.factors.with(axis, ['position']),
        pad: { before: more, after: behind, value },
      }
    }
    if (waiting !== undefined && waiting.value !== value) throw new Refusal('pads with two values')
    waiting = { before: before + (waiting?.before ?? 0), after: after + (waiting?.after ?? 0), value }
    dims = dims.with(axis, dims[axis]! + before + after)
    factors = factors.with(axis, ['position'])
  }
  if (waiting !== x.pad) settled({ ...x, pad: undefined })
  return { ...x, dims, factors, pad: waiting, made: undefined }
}
