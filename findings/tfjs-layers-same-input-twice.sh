#!/usr/bin/env bash
# TensorFlow.js (@tensorflow/tfjs 4.22.0): a layer that reads one tensor twice, as multiply([h, h]) or Keras' self-attention
# do, makes a model unusable when another layer reads the tensor afterwards.
# Guess before: the outputs of both layers, 9 and tanh(3), in whatever order they are joined.
# Seen: right with concatenate([twice, other]); with concatenate([other, twice]) predict throws "Cannot read properties of
# undefined (reading 'backend')": the two readings of one layer count as two readers, and the tensor is freed before the
# other layer reads it.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0
cat >twice.cjs <<'JS'
const tf = require('@tensorflow/tfjs')
function scores(order) {
  const input = tf.input({ shape: [3] })
  const h = tf.layers.dense({ units: 1, kernelInitializer: 'ones' }).apply(input)
  const twice = tf.layers.multiply().apply([h, h])
  const other = tf.layers.activation({ activation: 'tanh' }).apply(h)
  const joined = tf.layers.concatenate().apply(order === 'twice first' ? [twice, other] : [other, twice])
  const model = tf.model({ inputs: input, outputs: joined })
  try {
    return Array.from(model.predict(tf.ones([1, 3])).dataSync()).join(', ')
  } catch (error) {
    return error.message
  }
}
const seen = ['twice first', 'other first'].map((order) => [order, scores(order)])
for (const [order, result] of seen) console.log(`${order}: ${result}`)
const failing = seen.filter(([, result]) => result.includes("reading 'backend'"))
if (failing.length !== 1) {
  console.log('CHANGED: both orders give scores, or neither')
  process.exit(1)
}
JS
node twice.cjs 2>/dev/null
