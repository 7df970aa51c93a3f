/** Which runtime trains: as named, or what is fastest for the network. */
import { BackendError } from '../base/errors.ts'
import { Random } from '../base/random.ts'
import type { LayerSpec } from '../model/network/layerSpec.ts'
import type { Network } from '../model/network/network.ts'
import type { OnnxDevice } from '../predict/onnx/onnxRunner.ts'
import {
  isNativeInstalled,
  loadTensorFlow,
  tensorFlowPreferences,
  type TensorFlowPreference,
} from '../predict/tfjs/tfjsRuntime.ts'
import { uniformBackground } from '../sequence/alphabet.ts'
import { onnxTraining } from './onnxTraining.ts'
import { tfjsTraining } from './tfjsTraining.ts'
import type { TrainingRuntime } from './training.ts'

const onnxBackends = ['cpu', 'webgpu', 'cuda'] as const satisfies readonly OnnxDevice[]

export const trainingBackends = [...tensorFlowPreferences, ...onnxBackends] as const
export type TrainingBackend = (typeof trainingBackends)[number]

/**
 * `auto` takes the user's native TensorFlow.js, where it is installed. Else a network with convolutions trains on ONNX
 * Runtime: a step takes a fifth to a tenth of the time. But where a global maximum follows the only one that reads the
 * sequence, the kernel that scans codes is faster, which TensorFlow.js calls; and without convolutions the two are alike.
 * @throws BackendError where a backend that was named is not installed or does not start
 */
export async function openTrainingRuntime(
  backend: TrainingBackend,
  { layers }: { readonly layers: readonly LayerSpec[] },
  threads: number,
): Promise<TrainingRuntime> {
  if (isOnnx(backend)) return onnxTraining({ device: backend, threads })
  if (backend !== 'auto' || isNativeInstalled() || isScanned(layers)) return tfjs(backend)
  try {
    return onnxTraining({ device: 'cpu', threads })
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    const runtime = await tfjs(backend)
    return { ...runtime, backend: `${runtime.backend} (fallback: ${error.message})` }
  }
}

/**
 * Opens the smallest network for training.
 * @throws BackendError where the backend is not installed or does not start
 */
export async function proveTrainingBackend(backend: TrainingBackend): Promise<void> {
  const dense = { kind: 'dense', units: 1, kernel: new Float32Array(4), bias: new Float32Array(1) } as const
  const layers: Network['layers'] = [{ kind: 'flatten' }, dense]
  const runtime = await openTrainingRuntime(backend, { layers }, 1)
  const training = await runtime.open(
    { inputLength: 1, strands: 'forward', outputs: ['a'], layers },
    { background: uniformBackground, weightDecay: 0, dropout: new Random(0) },
  )
  await training.close()
}

async function tfjs(preference: TensorFlowPreference): Promise<TrainingRuntime> {
  return tfjsTraining(await loadTensorFlow(preference))
}

function isOnnx(backend: TrainingBackend): backend is (typeof onnxBackends)[number] {
  return onnxBackends.some((name) => name === backend)
}

/** Whether there is no convolution, or a first one whose maximum over all positions is all that is read of it. */
function isScanned(layers: readonly LayerSpec[]): boolean {
  const convolutions = layers.reduce((count, layer) => count + convolutionsOf(layer), 0)
  const pool = layers.findIndex(({ kind }) => kind !== 'conv1d' && kind !== 'activation')
  const scans = layers[0]?.kind === 'conv1d' && layers[pool]?.kind === 'globalMaxPool'
  return convolutions === 0 || (scans && convolutions === 1)
}

function convolutionsOf(layer: LayerSpec): number {
  if (layer.kind === 'conv1d') return 1
  const inner =
    layer.kind === 'residual'
      ? [...layer.layers, ...(layer.shortcut ?? [])]
      : layer.kind === 'concat'
        ? layer.branches.flat()
        : []
  return inner.reduce((count, one) => count + convolutionsOf(one), 0)
}
