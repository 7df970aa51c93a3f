/** Activation functions, whether they are operators of their own or written out in several. */
import type { Constant } from '../../../formats/onnx/onnxTensor.ts'
import { functionsOfOneValue, isIncreasing } from '../../../network/activationFunctions.ts'
import type { ActivationFunction } from '../../../network/network.ts'
import { type Activation, flattenAt, nameOf, settled, type Value, withLayer } from '../onnxActivation.ts'
import { axisOf, intAttribute } from '../onnxConstants.ts'
import { addLayer, Refusal } from '../onnxPoint.ts'
import { unary, withMade } from '../onnxPointwise.ts'
import { addActivations, affine } from '../onnxSteps.ts'
import { perChannel } from './channelwise.ts'
import { constantAt, type Context, gateOf, onlyValue } from './operator.ts'

/** 1 where a comparison with a constant holds, else 0. */
export function compared(
  context: Context,
  x: Activation,
  holds: (value: number, bound: number) => boolean,
): Value {
  const bound = onlyValue(context.inputs[1])
  if (bound === undefined) throw new Refusal('compares with what is another for every number')
  return unary(gateOf(context) ?? x, (value) => (holds(value, bound) ? 1 : 0))
}

/** x above 0, slope × x below: the sum of two rectifiers. */
export function leaky(given: Activation, slope: Constant): Activation {
  const { activation: x, values } = perChannel(settled(given), slope)
  const zeros = new Float64Array(values.length)
  const rectified = (y: Activation) => withLayer(y, { kind: 'activation', function: 'relu' })
  const below = rectified(
    affine(
      x,
      zeros.map(() => -1),
      zeros,
      false,
    ),
  )
  return addActivations(
    rectified(x),
    affine(
      below,
      values.map((value) => -value),
      zeros,
      false,
    ),
  )
}

export function activation(name: ActivationFunction): (context: Context, x: Activation) => Value {
  return (context, x) => {
    const f = name === 'softmax' ? undefined : functionsOfOneValue[name]
    const gate = gateOf(context)
    if (gate !== undefined && f !== undefined) return unary(gate, f)
    // Where it grows with its input, the larger strand stays the larger one.
    if (x.join === 'maximum' && isIncreasing(name)) {
      return { ...x, point: addLayer(x.point, { kind: 'activation', function: name }), made: undefined }
    }
    const result = withLayer(x, { kind: 'activation', function: name })
    return f === undefined ? result : withMade(result, x, f)
  }
}

export function clip(context: Context, x: Activation): Value {
  const { node, inputs } = context
  const lowest = constantAt(inputs, 1)?.values[0] ?? node.attributes.get('min')?.f ?? -Infinity
  const highest = constantAt(inputs, 2)?.values[0] ?? node.attributes.get('max')?.f ?? Infinity
  if (highest < 3.4e38 || (lowest !== 0 && lowest > -3.4e38))
    throw new Refusal(`cuts values to ${lowest} … ${highest}`)
  return lowest === 0 ? activation('relu')(context, x) : x
}

export function softmax({ node, opset }: Context, given: Activation): Activation {
  const rank = given.dims.length
  const axis = axisOf(intAttribute(node, 'axis', opset < 13 ? 1 : -1), rank)
  const axes = opset < 13 ? given.dims.map((_, i) => i).slice(axis) : [axis]
  const over = axes.flatMap((i) => given.factors[i] ?? [])
  const x = over.includes('position') && over.includes('channel') ? flattenAt(given, axis) : given
  const found = axes.flatMap((i) => x.factors[i] ?? [])
  if (found.some((factor) => factor !== 'channel'))
    throw new Refusal(`is over the ${nameOf(found.find((factor) => factor !== 'channel')!)}`, true)
  if (found.length === 0 && x.point.shape.at(-1)! > 1) throw new Refusal('is over no channels', true)
  return withLayer(x, { kind: 'activation', function: 'softmax' })
}
