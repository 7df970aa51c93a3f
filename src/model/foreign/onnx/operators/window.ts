/** The windows that convolutions and pools slide, one for each axis after batch and channels. */
import type { ParsedNode } from '../../../formats/onnx/onnxParse.ts'
import { paddingOf, windowCount } from '../../../network/shapes.ts'
import { Refusal } from '../onnxPoint.ts'

export interface Window {
  readonly size: number
  /** Positions from the first to the last that it reads. */
  readonly span: number
  readonly stride: number
  readonly dilation: number
  readonly before: number
  readonly after: number
}

/** One window an axis after the first two; automatic padding worked out. */
export function windowsOf(node: ParsedNode, dims: readonly number[], sizes: readonly number[]): Window[] {
  const list = (name: string, otherwise: number) =>
    node.attributes.get(name)?.ints ?? sizes.map(() => otherwise)
  const [strides, dilations] = [list('strides', 1), list('dilations', 1)]
  const pads = node.attributes.get('pads')?.ints ?? sizes.flatMap(() => [0, 0])
  const auto = node.attributes.get('auto_pad')?.s ?? 'NOTSET'
  return sizes.map((size, i) => {
    const [stride, dilation] = [strides[i] ?? 1, dilations[i] ?? 1]
    const span = (size - 1) * dilation + 1
    let [before, after] = [pads[i] ?? 0, pads[i + sizes.length] ?? 0]
    if (auto === 'VALID') [before, after] = [0, 0]
    else if (auto.startsWith('SAME')) {
      const [less, more] = paddingOf(dims[i + 2]!, span, stride, 'same')
      ;[before, after] = auto === 'SAME_LOWER' ? [more, less] : [less, more]
    }
    const sound = [size, stride, dilation].every((value) => Number.isSafeInteger(value) && value > 0)
    if (!sound || !(before >= 0) || !(after >= 0))
      throw new Refusal('has a negative padding, or a size that is none')
    return { size, span, stride, dilation, before, after }
  })
}

/** How many of them there are. */
export function countWindows(length: number, { span, stride, before, after }: Window): number {
  return windowCount(length, span, stride, [before, after])
}
