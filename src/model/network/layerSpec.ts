/** Layers without their weights: what an architecture is made of. */
import type {
  ActivationLayer,
  BatchNormLayer,
  Conv1dLayer,
  CropLayer,
  DenseLayer,
  DropoutLayer,
  FlattenLayer,
  GlobalPoolLayer,
  PoolLayer,
  SplitChannelsLayer,
  ZeroPadLayer,
} from './network.ts'

/** A layer without its weights; every `Layer` of a network is one too. */
export type LayerSpec =
  | Omit<Conv1dLayer, 'kernel' | 'bias'>
  | Omit<DenseLayer, 'kernel' | 'bias'>
  | Omit<BatchNormLayer, 'gamma' | 'beta' | 'mean' | 'variance'>
  | ActivationLayer
  | PoolLayer
  | CropLayer
  | ZeroPadLayer
  | GlobalPoolLayer
  | DropoutLayer
  | FlattenLayer
  | SplitChannelsLayer
  | ResidualSpec
  | ConcatSpec

interface ResidualSpec {
  readonly kind: 'residual'
  readonly layers: readonly LayerSpec[]
  readonly shortcut?: readonly LayerSpec[] | undefined
}

interface ConcatSpec {
  readonly kind: 'concat'
  readonly branches: readonly (readonly LayerSpec[])[]
}
