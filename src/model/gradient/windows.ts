/**
 * Windows along a sequence [n, channels, 1, length], as [n, channels, positions, size]: how pools read them, and where what
 * is owed to their places goes back to.
 */
import type { GraphWriter } from './graphWriter.ts'

export interface Windows {
  readonly size: number
  readonly stride: number
  readonly before: number
  readonly length: number
  readonly positions: number
}

/** @param outside what a window reads beyond the sequence */
export function gatherWindows(g: GraphWriter, x: string, windows: Windows, outside: number): string {
  const { size, stride, before, length, positions } = windows
  const blocks = Math.ceil(size / stride)
  const covered = (positions + blocks - 1) * stride
  const padded = fit(g, x, before, covered - length - before, outside)
  const parts = Array.from({ length: blocks }, (_, block) => {
    const part = blocks === 1 ? padded : g.slice(padded, 3, block * stride, (block + positions) * stride)
    return g.reshape(part, [0, 0, positions, stride])
  })
  const joined = g.concat(parts, 3)
  return blocks * stride === size ? joined : g.slice(joined, 3, 0, size)
}

/** The sum, at each position of the sequence, of what the windows hold for it: the transpose of `gatherWindows`. */
export function scatterWindows(g: GraphWriter, ofWindows: string, windows: Windows): string {
  const { size, stride, before, length, positions } = windows
  const blocks = Math.ceil(size / stride)
  const whole = g.pad(ofWindows, 4, 3, [0, blocks * stride - size])
  const parts = Array.from({ length: blocks }, (_, block) => {
    const part = blocks === 1 ? whole : g.slice(whole, 3, block * stride, (block + 1) * stride)
    const flat = g.reshape(part, [0, 0, 1, positions * stride])
    return g.pad(flat, 4, 3, [block * stride, (blocks - 1 - block) * stride])
  })
  const sum = parts.reduce((all, part) => g.op('Add', [all, part]))
  const covered = (positions + blocks - 1) * stride
  return fit(g, sum, -before, length + before - covered, 0)
}

/** Adds positions with this value in front and behind, or, where negative, cuts them off. */
export function fit(g: GraphWriter, x: string, before: number, after: number, value: number): string {
  let cut = x
  if (before < 0) cut = g.slice(cut, 3, -before, 2 ** 40)
  if (after < 0) cut = g.slice(cut, 3, 0, after)
  return g.pad(cut, 4, 3, [Math.max(0, before), Math.max(0, after)], value)
}
