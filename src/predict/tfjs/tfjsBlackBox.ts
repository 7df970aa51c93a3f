/** Models that TensorFlow.js runs as they are: layers models (Keras), graph models, and SavedModels where it is native. */
import type { GraphModel } from '@tensorflow/tfjs-converter'
import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { BackendError, ConfigError, DataError, oneLine } from '../../base/errors.ts'
import type { Executable, TfjsWeights } from '../../model/foreign/importedModel.ts'
import type { BatchRunner } from '../batchRunner.ts'
import { registerOperations } from './keras/operationLayer.ts'
import type { TensorFlow, TensorFlowRuntime } from './tfjsRuntime.ts'

type TfjsExecutable = Exclude<Executable, { kind: 'onnx' }>

/**
 * Close it after use: its weights lie in the memory of the runtime.
 * @throws DataError where TensorFlow.js cannot load the model, BackendError where a SavedModel is given to one that is not
 * native
 */
export async function openTfjsBlackBox(
  runtime: TensorFlowRuntime,
  executable: TfjsExecutable,
): Promise<BatchRunner> {
  const { tf, backend } = runtime
  const model = await load(tf, executable)
  return {
    backend,
    async run(values, dims, input, output) {
      runtime.use()
      const batch = tf.tensor(values, [...dims], 'float32')
      let result: Tensor | undefined
      try {
        result = await model.run(batch, input, output)
        if (result.dtype !== 'float32') {
          throw new DataError(`the model's output '${output}' is ${result.dtype}; scores are float32`)
        }
        return (await result.data()) as Float32Array
      } catch (error) {
        throw explained(error)
      } finally {
        result?.dispose()
        batch.dispose()
      }
    },
    close() {
      model.dispose()
      return Promise.resolve()
    },
  }
}

interface LoadedModel {
  /** @returns a tensor that the caller disposes of */
  run(batch: Tensor, input: string, output: string): Promise<Tensor> | Tensor
  dispose(): void
}

async function load(tf: TensorFlow, executable: TfjsExecutable): Promise<LoadedModel> {
  try {
    switch (executable.kind) {
      case 'tfjs-layers':
        return await loadLayers(tf, executable)
      case 'tfjs-graph':
        return await loadGraph(tf, executable)
      case 'saved-model':
        return await loadSaved(tf, executable.directory)
    }
  } catch (error) {
    if (error instanceof BackendError) throw error
    throw new DataError(`TensorFlow.js cannot load the model: ${oneLine(error)}`, {}, { cause: error })
  }
}

/** In memory, so that nothing is fetched from anywhere. */
function artifacts({ topology, weights }: { readonly topology: unknown; readonly weights: TfjsWeights }) {
  const { specs, data } = weights
  return {
    modelTopology: topology as object,
    weightSpecs: specs.map((spec) => ({ ...spec, shape: [...spec.shape] })) as never,
    weightData: new Uint8Array(data).buffer, // a copy: a Buffer may lie within a larger one
  }
}

async function loadLayers(
  tf: TensorFlow,
  model: { readonly topology: unknown; readonly weights: TfjsWeights },
): Promise<LoadedModel> {
  registerOperations(tf)
  const layers: LayersModel = await tf.loadLayersModel({ load: () => Promise.resolve(artifacts(model)) })
  return {
    run(batch, _input, output) {
      const place = layers.outputs.length === 1 ? 0 : layers.outputNames.indexOf(output)
      if (place < 0) throw missing(output, layers.outputNames)
      return tf.tidy(() => {
        const result = layers.predict(batch, { batchSize: Math.max(batch.shape[0], 1) })
        return Array.isArray(result) ? result[place]! : result
      })
    },
    dispose: () => {
      layers.dispose()
    },
  }
}

/** Control flow and dynamic shapes need the slower way of running. */
const needsAsync = new Set([
  'Switch',
  'Merge',
  'Enter',
  'Exit',
  'NextIteration',
  'StatelessIf',
  'StatelessWhile',
  'If',
  'While',
  'TensorArrayV3',
  'NonMaxSuppressionV2',
  'NonMaxSuppressionV3',
  'NonMaxSuppressionV5',
  'Where',
])

async function loadGraph(
  tf: TensorFlow,
  model: { readonly topology: unknown; readonly weights: TfjsWeights },
): Promise<LoadedModel> {
  const graph: GraphModel = await tf.loadGraphModel({ load: () => Promise.resolve(artifacts(model)) })
  const asynchronous = operatorsOf(model.topology).some((operator) => needsAsync.has(operator))
  return {
    async run(batch, input, output) {
      const feeds: NamedTensorMap = { [input]: batch }
      const result = asynchronous
        ? await graph.executeAsync(feeds, output)
        : tf.tidy(() => graph.execute(feeds, output))
      if (!Array.isArray(result)) return result
      for (const other of result.slice(1)) other.dispose()
      return result[0]!
    },
    dispose: () => {
      graph.dispose()
    },
  }
}

function operatorsOf(topology: unknown): string[] {
  const { node = [], library } = topology as {
    node?: { op: string }[]
    library?: { function?: { nodeDef?: { op: string }[] }[] }
  }
  const inside = library?.function?.flatMap(({ nodeDef = [] }) => nodeDef) ?? []
  return [...node, ...inside].map(({ op }) => op)
}

/** What only @tensorflow/tfjs-node has. */
interface NativeTensorFlow {
  readonly node?: {
    loadSavedModel(directory: string): Promise<{
      predict(inputs: NamedTensorMap): Tensor | Tensor[] | NamedTensorMap
      dispose(): void
    }>
  }
}

async function loadSaved(tf: TensorFlow, directory: string): Promise<LoadedModel> {
  const { node } = tf as unknown as NativeTensorFlow
  if (node === undefined) {
    throw new BackendError(
      'a TensorFlow SavedModel runs in @tensorflow/tfjs-node only; run: npm install @tensorflow/tfjs-node, and use --device tfjs-node',
    )
  }
  const saved = await node.loadSavedModel(directory)
  return {
    run(batch, input, output) {
      return tf.tidy(() => {
        const result = saved.predict({ [input]: batch })
        if (!Array.isArray(result) && 'dataId' in result) return result as Tensor
        const named = new Map(Object.entries(result as NamedTensorMap))
        const tensor = named.get(output)
        if (tensor === undefined) throw missing(output, [...named.keys()])
        return tensor
      })
    },
    dispose: () => {
      saved.dispose()
    },
  }
}

function missing(output: string, outputs: readonly string[]): ConfigError {
  return new ConfigError(`the model has no output '${output}', only ${outputs.join(', ')}`)
}

/** An operator that a backend of TensorFlow.js lacks is the runtime's fault; anything else at this point is the model's. */
function explained(error: unknown): unknown {
  if (error instanceof DataError || error instanceof ConfigError) return error
  const message = oneLine(error)
  const kernel = /Kernel '(\w+)' not registered for backend '(\w+)'/.exec(message)
  if (kernel !== null) {
    return new BackendError(
      `the backend '${kernel[2]!}' of TensorFlow.js has no ${kernel[1]!}, which the model needs; use --device tfjs-node, or export the model to ONNX`,
      { cause: error },
    )
  }
  return new DataError(`TensorFlow.js cannot run the model: ${message}`, {}, { cause: error })
}
