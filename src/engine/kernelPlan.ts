/**
 * What a kernel needs to order the features of inputs: its memory image (weights and where everything lies) and the
 * places of its arguments. Made once for a network and a decision, then copied to every thread.
 */
import { memoryBase, startKernel, type KernelName } from '../kernels/kernelModule.ts'
import type { Decision } from '../sis/decision.ts'

export interface KernelPlan {
  readonly kernel: KernelName
  /** L */
  readonly length: number
  /** The first bytes of the kernel's memory from `memoryBase` on. */
  readonly image: Uint8Array
  /** Memory that the kernel uses from `memoryBase` on: the image and what it computes with. */
  readonly bytes: number
  /** Uint8Array [L]: codes of the input. Like all places, an offset from `memoryBase`. */
  readonly codes: number
  /** Uint8Array [L]: 1 where the base may be masked; the others are masked already. */
  readonly present: number
  /** Int32Array [L]: the features in the order masked. */
  readonly features: number
  /** Float32Array [L]: the score after each. */
  readonly scores: number
}

/** What an engine is told of a network; a refusal says what it cannot do. */
export interface PlanOptions {
  readonly output: number
  readonly direction: Decision['direction']
  readonly background: readonly number[] // [4]
  /** Bases that a selection may mask, at most; all unless given. An engine may keep less then. */
  readonly candidates?: number | undefined
}

export type Planned = { readonly plan: KernelPlan; readonly reason: string } | { readonly refusal: string }

/** Memory that a thread may take; a network that needs more is left to other engines. */
export const maxBytes = 2 ** 30

/** The refusal of a network that needs more. */
export function tooLarge(bytes: number): Planned {
  return { refusal: `it would take ${mebibytes(bytes)} MiB a thread, more than ${mebibytes(maxBytes)}` }
}

export function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20)
}

type Values = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array

/** Lays arrays out one after another, each at a multiple of 64 bytes (a cache line). */
export class MemoryLayout {
  #end = 0
  readonly #contents: { readonly at: number; readonly bytes: Uint8Array }[] = []

  get bytes(): number {
    return this.#end
  }

  /** @returns the offset of so many bytes, zero at first */
  reserve(bytes: number): number {
    const at = this.#end
    this.#end += Math.ceil(bytes / 64) * 64
    return at
  }

  /** @returns the offset of a copy of the values */
  place(values: Values): number {
    const at = this.reserve(values.byteLength)
    this.write(at, values)
    return at
  }

  /** Sets what lies at an offset; the last write counts. */
  write(at: number, values: Values): void {
    this.#contents.push({ at, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) })
  }

  /** Everything up to the last byte written. */
  image(): Uint8Array {
    const end = Math.max(0, ...this.#contents.map(({ at, bytes }) => at + bytes.length))
    const image = new Uint8Array(end)
    for (const { at, bytes } of this.#contents) image.set(bytes, at)
    return image
  }
}

/** Asks the kernel itself, so that what it uses stands in one place. */
export function workBytes(kernel: KernelName, image: Uint8Array): number {
  const exports = startKernel(kernel, image, image.length)
  return (exports['workBytes'] as (plan: number) => number)(memoryBase)
}
