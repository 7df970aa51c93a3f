#!/usr/bin/env bash
# ONNX Runtime (onnxruntime-node 1.30.0, CPU): a MaxPool behind a Pad of zeros loses the zeros.
# Guess before: the maximum of [0, 0, -1, -2] is 0, whatever the level of optimisation.
# Seen: 0 with graphOptimizationLevel 'disabled', -1 with 'basic', 'extended' and 'all' (the default): the two are fused into a
# MaxPool with padding, which takes no part in the maximum. Whoever pads before pooling numbers that may be negative
# (ZeroPadding1D, ConstantPad1d, then max pooling) gets other scores. A Reshape in between keeps them right.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
ONNXRUNTIME_NODE_INSTALL=skip npm install --silent --no-audit --no-fund onnxruntime-node@1.30.0 protobufjs@8.8.1
cat >pool.mjs <<'JS'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import protobuf from 'protobufjs'

// Two nodes: y = MaxPool(Pad(x)) of [1, 1, 6], two zeros before, windows of four.
const { root } = protobuf.parse(`syntax = "proto3";
message Model { int64 ir = 1; Graph graph = 7; repeated Opset opset = 8; }
message Opset { string domain = 1; int64 version = 2; }
message Graph { repeated Node node = 1; string name = 2; repeated Init init = 5; repeated Value input = 11; repeated Value output = 12; }
message Init { repeated int64 dims = 1; int32 type = 2; repeated int64 numbers = 7; string name = 8; }
message Node { repeated string input = 1; repeated string output = 2; string op = 4; repeated Attribute attribute = 5; }
message Attribute { string name = 1; repeated int64 ints = 8; int32 type = 20; }
message Value { string name = 1; Type type = 2; }
message Type { TensorType tensor = 1; }
message TensorType { int32 elem = 1; Shape shape = 2; }
message Shape { repeated Dim dim = 1; }
message Dim { int64 size = 1; }`)
const value = (name, dims) => ({ name, type: { tensor: { elem: 1, shape: { dim: dims.map((size) => ({ size })) } } } })
const ints = (name, numbers) => ({ name, ints: numbers, type: 7 })
const model = root.lookupType('Model').encode({
  ir: 8,
  opset: [{ version: 17 }],
  graph: {
    name: 'g',
    init: [{ name: 'pads', dims: [6], type: 7, numbers: [0, 0, 2, 0, 0, 0] }],
    node: [
      { input: ['x', 'pads'], output: ['p'], op: 'Pad' },
      { input: ['p'], output: ['y'], op: 'MaxPool', attribute: [ints('kernel_shape', [4]), ints('strides', [4])] },
    ],
    input: [value('x', [1, 1, 6])],
    output: [value('y', [1, 1, 2])],
  },
})
const first = {}
for (const graphOptimizationLevel of ['disabled', 'basic', 'extended', 'all']) {
  const session = await InferenceSession.create(model.finish(), { graphOptimizationLevel })
  const x = new Tensor('float32', Float32Array.from([-1, -2, -3, -4, -5, -6]), [1, 1, 6])
  const { y } = await session.run({ x })
  first[graphOptimizationLevel] = y.data[0]
  console.log(`${graphOptimizationLevel}: the maximum of [0, 0, -1, -2] is ${y.data[0]}`)
}
if (first.disabled !== 0 || first.basic !== -1 || first.all !== -1) {
  console.log('CHANGED: zeros before a MaxPool count at every level, or at none')
  process.exit(1)
}
JS
node pool.mjs
