/** Chains of layers that grow from one input as a graph is followed; chains that part share their beginning. */
import type { Layer } from './network.ts'

/** The end of a chain. */
export interface Link<Self> {
  /** Undefined at the input. */
  readonly parent: Self | undefined
  readonly layer: Layer | undefined
  /** Layers from the input on. */
  readonly depth: number
}

/** @returns the last link that all chains share; undefined where they begin at different inputs */
export function commonLink<Self extends Link<Self>>(ends: readonly [Self, ...Self[]]): Self | undefined {
  const [first, ...others] = ends
  return others.reduce<Self | undefined>((shared, end) => {
    let [one, other]: [Self | undefined, Self | undefined] = [shared, end]
    while (one !== other && one !== undefined && other !== undefined) {
      if (one.depth >= other.depth) one = one.parent
      else other = other.parent
    }
    return one === other ? one : undefined
  }, first)
}

/** @returns the layers after `begin`, in order */
export function layersBetween<Self extends Link<Self>>(begin: Self, end: Self): Layer[] {
  const layers: Layer[] = []
  for (let link = end; link !== begin; link = link.parent!) layers.push(link.layer!)
  return layers.reverse()
}
