/** Where branches join: sums, differences, means and concatenations. */
import type { Layer } from '../../../network/network.ts'
import { product } from '../../../network/shapes.ts'
import { joinedOrder } from '../../channelOrder.ts'
import type { KerasNode } from '../kerasGraph.ts'
import { type Form, none, type Part, sameArrangement, sameAxes } from './form.ts'
import { scaled } from './normalise.ts'

function add(node: KerasNode, parts: readonly Part[]): Part {
  const forms = parts.map(({ form }) => form)
  const [first] = forms as [Form, ...Form[]]
  for (const form of forms) {
    if (form.kind !== first.kind || form.dims.join() !== first.dims.join() || !sameArrangement(form, first)) {
      throw none(node, 'joins numbers of different shapes')
    }
  }
  const [head, ...rest] = parts.map(({ layers }) => layers) as [readonly Layer[], ...(readonly Layer[])[]]
  let sum = head
  for (const layers of rest) {
    // The input itself goes on as it is where one of the two is that.
    const [inner, shortcut] = layers.length === 0 ? [sum, layers] : [layers, sum]
    // Twice the input: a residual layer has layers.
    if (inner.length === 0) sum = scaled(first, 2)
    else
      sum =
        shortcut.length === 0
          ? [{ kind: 'residual', layers: inner }]
          : [{ kind: 'residual', layers: inner, shortcut }]
  }
  return { layers: sum, form: first }
}

function concatenate(node: KerasNode, parts: readonly Part[]): Part {
  const forms = parts.map(({ form }) => form)
  const [first] = forms as [Form, ...Form[]]
  const rank = first.dims.length
  const written: unknown = node.layer.config['axis'] ?? -1
  if (typeof written !== 'number') throw none(node, `concatenates along ${JSON.stringify(written)}`)
  const axis = written < 0 ? rank + written : written - 1
  for (const form of forms) {
    const fits =
      form.kind === first.kind &&
      form.dims.length === rank &&
      form.dims.every((size, i) => i === axis || size === first.dims[i])
    if (!fits) throw none(node, 'concatenates numbers of different shapes')
  }
  const inOneRow = forms.every((form) =>
    form.kind === 'along'
      ? first.kind === 'along' && sameAxes(form, first) && axis === form.channel
      : product(form.dims) === form.dims[axis],
  )
  if (!inOneRow) throw none(node, 'concatenates along another dimension than the channels')
  const branches = parts.map(({ layers }) => layers)
  const dims = first.dims.map((size, i) =>
    i === axis ? forms.reduce((sum, form) => sum + form.dims[axis]!, 0) : size,
  )
  return {
    layers: [{ kind: 'concat', branches }],
    form: {
      ...first,
      dims,
      order: joinedOrder(forms.map(({ dims, order }) => ({ size: dims[axis]!, order }))),
    },
  }
}

/** What joins branches, given what each of them makes. */
export type JoinRule = (node: KerasNode, parts: readonly Part[]) => Part

export const joinRules: ReadonlyMap<string, JoinRule> = new Map([
  ['Add', add],
  ['Subtract', subtract],
  ['Average', average],
  ['Concatenate', concatenate],
])

function subtract(node: KerasNode, [first, second]: readonly Part[]): Part {
  return add(node, [first!, { ...second!, layers: [...second!.layers, ...scaled(second!.form, -1)] }])
}

function average(node: KerasNode, parts: readonly Part[]): Part {
  const sum = add(node, parts)
  return { ...sum, layers: [...sum.layers, ...scaled(sum.form, 1 / parts.length)] }
}
