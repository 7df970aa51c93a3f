/**
 * Functions of one value that a graph writes out in several operators (SiLU, Softplus, GELU in either form, a sigmoid by its
 * exponential): each value knows what it is a function of, and a composition is recognised by its values, which must be
 * those of a function that we know over its whole range, to what float32 constants leave of them.
 */
import { functionsOfOneValue, type OfOneValue } from '../../network/activationFunctions.ts'
import { sameOrder } from '../channelOrder.ts'
import { type Activation, type Gate, settled, type Value, withLayer } from './onnxActivation.ts'
import { Refusal } from './onnxPoint.ts'
import { scaledBy } from './onnxSteps.ts'

type Function1 = (x: number) => number

/** What a value is a function of, nearest first; steps back are few, since what is written out is short. */
interface Origin {
  readonly source: Activation
  readonly f: Function1
}
const mostSteps = 16

function originsOf(value: Activation | Gate): Origin[] {
  const origins: Origin[] = value.kind === 'gate' ? [] : [{ source: value, f: (x) => x }]
  let { made } = value
  let after: Function1 = (x) => x
  for (let i = 0; made !== undefined && i < mostSteps; i++) {
    const [own, outer] = [made.f, after]
    after = (x) => outer(own(x))
    origins.push({ source: made.from, f: after })
    made = made.from.made
  }
  return origins
}

function sameTensor(a: Activation, b: Activation): boolean {
  return (
    a.point === b.point &&
    String(a.dims) === String(b.dims) &&
    JSON.stringify(a.factors) === JSON.stringify(b.factors) &&
    sameOrder(a.order, b.order)
  )
}

/** f of a value: a layer where it is known what that makes of something before, else a value on the way to one. */
export function unary(value: Activation | Gate, f: Function1): Value {
  if (value.kind === 'activation') settled(value)
  return known(originsOf(value).map((origin) => ({ source: origin.source, f: (x) => f(origin.f(x)) })))
}

/** @returns undefined where the values are not all functions of one value */
export function combined(
  values: readonly (Activation | Gate)[],
  f: (...values: number[]) => number,
): Value | undefined {
  for (const value of values) if (value.kind === 'activation') settled(value)
  const [first, ...others] = values.map(originsOf)
  const shared = (first ?? []).flatMap((one) => {
    const rest = others.map((origins) => origins.find(({ source }) => sameTensor(source, one.source)))
    const all = [one, ...rest]
    if (!all.every((origin) => origin !== undefined)) return []
    return [{ source: one.source, f: (x: number) => f(...all.map((origin) => origin.f(x))) }]
  })
  return shared.length === 0 ? undefined : known(shared)
}

function known(origins: readonly Origin[]): Value {
  for (const { source, f } of origins) {
    const found = recognise(f)
    if (found === undefined) continue
    const { name, factor } = found
    const layer = withMade(withLayer(source, { kind: 'activation', function: name }), source, (x) =>
      functionsOfOneValue[name](x),
    )
    if (near(factor, 1)) return layer
    return { ...scaledBy(layer, factor), made: { from: layer, f: (x) => factor * x, factor } }
  }
  const nearest = origins[0]
  if (nearest === undefined) throw new Refusal('is a function of more than one value')
  return { kind: 'gate', made: { from: nearest.source, f: nearest.f } }
}

export function withMade(activation: Activation, from: Activation, f: Function1): Activation {
  return { ...activation, made: { from, f } }
}

/** Where compositions are compared: densely around 0, where they bend, and out to where their limits show. */
const points = Array.from({ length: 241 }, (_, i) => {
  const t = (i - 120) / 120
  return 40 * t ** 3 + 4 * t
})
const recognised: readonly OfOneValue[] = ['gelu', 'silu', 'softplus', 'gelu-tanh', 'sigmoid', 'tanh']
const tables = recognised.map((name) => ({ name, values: points.map((x) => functionsOfOneValue[name](x)) }))

/** @returns the function that f is a multiple of */
function recognise(f: Function1): { readonly name: OfOneValue; readonly factor: number } | undefined {
  const values = points.map((x) => f(x))
  if (!values.every(Number.isFinite)) return undefined
  for (const { name, values: others } of tables) {
    const last = others.length - 1
    const factor = values[last]! / others[last]!
    const same = others.every(
      (other, i) =>
        Math.abs(values[i]! - factor * other) <= 3e-7 * Math.abs(factor) * Math.max(1, Math.abs(other)),
    )
    if (factor !== 0 && Number.isFinite(factor) && same) {
      return { name, factor: near(factor, 1) ? 1 : factor }
    }
  }
  return undefined
}

/** Equal, as far as float32 tells. */
export function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 2e-7 * Math.abs(b)
}
