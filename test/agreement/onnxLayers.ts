/** Models of makeOnnxLayers.py, one a layer, and what becomes of each. The table in docs/models.md says the same. */

/** Those that no network of ours computes, and the operator that says so; all others become networks. */
export const blackBoxes: Readonly<Record<string, string>> = {
  'torch-layer-norm': 'LayerNormalization',
  'torch-instance-norm': 'InstanceNormalization',
  'torch-group-norm': 'GroupNormalization|InstanceNormalization|Reshape',
  'torch-lstm': 'LSTM',
  'torch-gru': 'GRU',
  'torch-attention': 'MatMul|Slice|Split|Reshape|Transpose|Gather|Mul|Softmax|Attention|Gemm',
  'torch-conv-transpose': 'ConvTranspose',
  'torch-relu6': 'Clip|Min',
  'torch-selu': 'Selu',
  'torch-mish': 'Mish|Mul|Softplus|Tanh',
  'tf2onnx-layer-norm': 'ReduceMean',
  'tf2onnx-group-norm': 'Reshape',
  'tf2onnx-lstm': 'LSTM',
  'tf2onnx-gru': 'Loop',
  'tf2onnx-upsample': 'Tile',
  'tf2onnx-attention': 'MatMul',
  'tf2onnx-conv-transpose': 'ConvTranspose',
  'tf2onnx-relu6': 'Clip',
  'tf2onnx-selu': 'Selu',
  'tf2onnx-mish': 'Transpose',
}

/** What tf2onnx 1.17 cannot write: it leaves TensorFlow's own operators in the file. */
export const notWritten: readonly string[] = ['tf2onnx-conv1d-groups', 'tf2onnx-gelu']

/** The layers that README and docs promise as networks; a file of each exporter that has it. */
export const layersOfNetworks = [
  ...['conv1d', 'conv1d-same', 'conv1d-groups', 'conv1d-depthwise', 'linear-by-position', 'batch-norm'],
  ...['dropout', 'flatten', 'concat', 'cropped-residual', 'scale-and-shift', 'max-pool', 'average-pool'],
  ...[
    'global-max',
    'global-average',
    'crop',
    'zero-pad',
    'zero-pad-convolved',
    'upsample',
    'relu',
    'leaky-relu',
  ],
  ...['prelu', 'elu', 'gelu', 'gelu-tanh', 'silu', 'softplus', 'sigmoid', 'tanh', 'exp', 'softmax'],
  ...['strands-maximum', 'strands-mean', 'strands-sum'],
] as const
