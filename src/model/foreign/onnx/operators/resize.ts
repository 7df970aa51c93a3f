/** Resize, where it repeats each position. */
import { repeatLayers } from '../../madeLayers.ts'
import { type Activation, factorSize, isFactor, settled } from '../onnxActivation.ts'
import { axisOf } from '../onnxDims.ts'
import { addLayer, Refusal } from '../onnxPoint.ts'
import { constantAt, type Context } from './operator.ts'

/** Each position so many times: as many copies of its channels, then split. */
export function resize({ node, inputs }: Context, given: Activation): Activation {
  const x = settled(given)
  const [scales, sizes] = [constantAt(inputs, 2)?.values, constantAt(inputs, 3)?.values]
  const axes = node.attributes.get('axes')?.ints ?? x.dims.map((_, i) => i)
  const factors = x.dims.map((dim, axis) => {
    const i = axes.map((one) => axisOf(one, x.dims.length)).indexOf(axis)
    if (i < 0) return 1
    return scales?.length ? (scales[i] ?? 1) : (sizes?.[i] ?? dim) / dim
  })
  const text = (name: string, otherwise: string) => node.attributes.get(name)?.s ?? otherwise
  const place = text('coordinate_transformation_mode', 'half_pixel')
  const nearest = text('nearest_mode', 'round_prefer_floor')
  const repeats =
    text('mode', 'nearest') === 'nearest' &&
    ((place === 'asymmetric' && nearest === 'floor') ||
      (place === 'half_pixel' && nearest.startsWith('round_')))
  if (!repeats) throw new Refusal('makes numbers between others')
  const axis = factors.findIndex((factor) => factor !== 1)
  if (axis < 0) return x
  const times = factors[axis]!
  if (!Number.isSafeInteger(times) || times < 1 || factors.some((factor, i) => i !== axis && factor !== 1))
    throw new Refusal('resizes otherwise than by a whole number of times along the positions')
  if (!isFactor(x, axis, 'position') || factorSize(x, 'position') === 1)
    throw new Refusal('resizes other dimensions than the positions', true)
  const point = repeatLayers(times).reduce(addLayer, x.point)
  return { ...x, point, dims: x.dims.with(axis, x.dims[axis]! * times), made: undefined }
}
