/**
 * What each operator of ONNX does to an activation. An operator, or a way of using it, that no layer of ours does exactly
 * is refused, never approximated. To teach another operator: a rule in the file of its subject, and a line here.
 */
import type { ParsedNode } from '../../../formats/onnx/onnxParse.ts'
import {
  activation,
  clip,
  compare,
  elu,
  erf,
  gelu,
  leakyRelu,
  log,
  logSoftmax,
  maximum,
  power,
  pRelu,
  reciprocal,
  softmax,
  where,
} from './activate.ts'
import { add, batchNormalization, divide, mean, multiply, negate, subtract, total } from './channelwise.ts'
import { concat } from './concat.ts'
import { convolution } from './convolution.ts'
import type { OperatorRule } from './operator.ts'
import { pad } from './pad.ts'
import { gather, reverseSequence, slice, split } from './pick.ts'
import { pool, poolAll, reduceMax, reduceMean, reduceSum } from './pool.ts'
import { gemm, matrixProduct } from './product.ts'
import { resize } from './resize.ts'
import {
  cast,
  dropout,
  expand,
  flatten,
  identity,
  reshape,
  shape,
  size,
  squeeze,
  transpose,
  unsqueeze,
} from './shape.ts'

export function knownOperator(node: ParsedNode): OperatorRule | undefined {
  if (node.domain !== '' && !(node.domain === 'com.microsoft' && node.opType === 'Gelu')) return undefined
  return Object.hasOwn(operators, node.opType) ? operators[node.opType] : undefined
}

const operators: Readonly<Record<string, OperatorRule>> = {
  // What only arranges numbers otherwise, or tells their arrangement
  Identity: { apply: identity, takesPadding: true, gates: 'pass', joinsStrands: true },
  Dropout: { apply: dropout },
  Cast: { apply: cast, takesPadding: true, gates: 'pass' },
  Shape: { apply: shape, takesPadding: true },
  Size: { apply: size },
  Reshape: { apply: reshape, afterMean: 'mean' },
  Flatten: { apply: flatten, afterMean: 'mean' },
  Squeeze: { apply: squeeze, takesPadding: true, afterMean: 'mean' },
  Unsqueeze: { apply: unsqueeze, takesPadding: true, afterMean: 'mean' },
  Transpose: { apply: transpose, takesPadding: true, afterMean: 'mean' },
  Expand: { apply: expand },

  // What takes a part, or puts parts together
  Slice: { apply: slice, afterMean: 'mean' },
  Gather: { apply: gather, afterMean: 'mean' },
  Split: { apply: split, afterMean: 'mean' },
  ReverseSequence: { apply: reverseSequence },
  Pad: { apply: pad, takesPadding: true },
  Concat: { apply: concat, takesAnyOrder: true },
  Resize: { apply: resize },

  // Windows along the sequence
  Conv: { apply: convolution, takesPadding: true, afterMean: 'mean' },
  MaxPool: { apply: pool, takesPadding: true },
  AveragePool: { apply: pool },
  GlobalMaxPool: { apply: poolAll('globalMaxPool') },
  GlobalAveragePool: { apply: poolAll('globalAveragePool') },
  ReduceMax: { apply: reduceMax, joinsStrands: true },
  ReduceMean: { apply: reduceMean, joinsStrands: true, afterMean: 'mean' },
  ReduceSum: { apply: reduceSum, joinsStrands: true, afterMean: 'mean' },

  // Products with weights, and arithmetic with one number a channel
  Gemm: { apply: gemm, takesAnyOrder: true, afterMean: 'mean' },
  MatMul: { apply: matrixProduct, takesAnyOrder: true, afterMean: 'mean' },
  BatchNormalization: { apply: batchNormalization, afterMean: 'mean' },
  Add: { apply: add, takesAnyOrder: true, gates: 'take', afterMean: 'mean' },
  Sub: { apply: subtract, takesAnyOrder: true, gates: 'take', afterMean: 'mean' },
  Mul: { apply: multiply, takesAnyOrder: true, gates: 'take', afterMean: 'mean' },
  Div: { apply: divide, takesAnyOrder: true, gates: 'take', afterMean: 'mean' },
  Neg: { apply: negate, gates: 'take', afterMean: 'mean' },
  Sum: { apply: total, takesAnyOrder: true },
  Mean: { apply: mean, takesAnyOrder: true },

  // Activation functions, and what exporters write them out in
  Relu: { apply: activation('relu'), gates: 'take', afterMean: 'mean-of-logits' },
  Sigmoid: { apply: activation('sigmoid'), gates: 'take', afterMean: 'mean-of-logits' },
  Tanh: { apply: activation('tanh'), gates: 'take', afterMean: 'mean-of-logits' },
  Exp: { apply: activation('exp'), gates: 'take', afterMean: 'mean-of-logits' },
  Softplus: { apply: activation('softplus'), gates: 'take', afterMean: 'mean-of-logits' },
  Elu: { apply: elu, afterMean: 'mean-of-logits' },
  LeakyRelu: { apply: leakyRelu },
  PRelu: { apply: pRelu },
  Gelu: { apply: gelu, afterMean: 'mean-of-logits' },
  Softmax: { apply: softmax, afterMean: 'mean-of-logits' },
  LogSoftmax: { apply: logSoftmax },
  Log: { apply: log, gates: 'take' },
  Clip: { apply: clip },
  Max: { apply: maximum, takesAnyOrder: true },
  Erf: { apply: erf, gates: 'take' },
  Reciprocal: { apply: reciprocal, gates: 'take' },
  Pow: { apply: power, gates: 'take' },
  Greater: { apply: compare((value, bound) => value > bound), gates: 'take' },
  Less: { apply: compare((value, bound) => value < bound), gates: 'take' },
  Where: { apply: where, takesAnyOrder: true, gates: 'take' },
}
