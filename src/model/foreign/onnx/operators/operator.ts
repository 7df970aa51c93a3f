/** What a rule for an operator is given, and how it reads its inputs. */
import type { ParsedNode } from '../../../formats/onnx/onnxParse.ts'
import type { Constant } from '../../../formats/onnx/onnxTensor.ts'
import type { StrandJoin } from '../../../network/network.ts'
import type { Activation, Gate, Value } from '../onnxActivation.ts'
import { type Point, Refusal } from '../onnxPoint.ts'

export interface Context {
  readonly node: ParsedNode
  /** Undefined where an optional input is left out. */
  readonly inputs: readonly (Value | undefined)[]
  readonly opset: number
  /** Nothing else reads input `i`. */
  readonly alone: (i: number) => boolean
  /** The beginnings of the chains of the two strands. */
  readonly roots: { readonly forward: Point; readonly reverse: Point }
}

/** @param x the first input that is no constant */
export type Operator = (context: Context, x: Activation) => Value | readonly Value[]

/** How an operator is read, and what besides plain activations may go through it. */
export interface OperatorRule {
  readonly apply: Operator
  /** What Pad put before and after goes on through it: the next convolution takes it as its padding. */
  readonly takesPadding?: true
  /** A function that is written out goes on through it, as it is (`pass`) or with more done to it (`take`). */
  readonly gates?: 'pass' | 'take'
  /** Reads both strands side by side. */
  readonly joinsStrands?: true
  /** Its first input may be a constant and another one the activation. */
  readonly takesAnyOrder?: true
  /**
   * What a mean of both strands becomes where it is done to one strand instead: the mean of what is linear in what it reads
   * (the other inputs are constants), what is bent after the mean, or undefined where it cannot be.
   */
  readonly afterMean?: Extract<StrandJoin, 'mean' | 'mean-of-logits'>
}

/** The input, where it is in the middle of a function that is written out. */
export function gateOf({ inputs }: Context): Gate | undefined {
  return inputs[0]?.kind === 'gate' ? inputs[0] : undefined
}

export function asActivation(value: Value | undefined): Activation {
  if (value?.kind !== 'activation') throw new Refusal('joins what the network computes with constants')
  return value
}

/** Integer inputs that say how: shapes, axes, indices. */
export function constantAt(inputs: readonly (Value | undefined)[], i: number): Constant | undefined {
  const value = inputs[i]
  if (value !== undefined && value.kind !== 'constant') {
    throw new Refusal('is told how by what the network computes')
  }
  return value
}

/** Weights of an operator, of a rank, in float32. */
export function weightsAt(
  inputs: readonly (Value | undefined)[],
  i: number,
): { dims: readonly number[]; values: Float32Array } | undefined {
  const value = inputs[i]
  if (value === undefined) return undefined
  if (value.kind !== 'constant') throw new Refusal('multiplies two things that the network computes')
  const { dims, values } = value
  return { dims, values: values instanceof Float32Array ? values : Float32Array.from(values) }
}

export function scalar(value: number): Constant {
  return { kind: 'constant', dims: [], values: Float64Array.of(value) }
}

/** @returns the number that all of a constant is, or undefined */
export function onlyValue(value: Value | undefined): number | undefined {
  if (value?.kind !== 'constant') return undefined
  const [first] = value.values
  return first !== undefined && value.values.every((other) => other === first) ? first : undefined
}
