/** Runs a model in ONNX Runtime, on the device that it is given. */
import type * as OnnxRuntime from 'onnxruntime-node'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { BackendError, DataError, oneLine } from '../../base/errors.ts'
import { fromFloat16, toFloat16 } from '../../base/float16.ts'
import type { MaximumForm } from '../../model/gradient/graphWriter.ts'
import type { BatchRunner } from '../batchRunner.ts'
import { proveOnnxDevice } from './onnxDevices.ts'

export type OnnxDevice = 'cpu' | 'webgpu' | 'cuda'

/** The operators that a device has for the gradient of a maximum. */
export function maximumFormOf(device: OnnxDevice = 'cpu'): MaximumForm {
  return device === 'cpu' ? 'unpool' : 'scatter'
}

export interface OnnxRunnerSettings {
  readonly device?: OnnxDevice | undefined
  /** Threads of ONNX Runtime; all cores unless given. */
  readonly threads?: number | undefined
}

/** What a model reads and gives, as ONNX Runtime tells it; sizes that it leaves open are names. */
export interface OnnxRunner extends BatchRunner {
  readonly inputs: readonly InferenceSession.ValueMetadata[]
  readonly outputs: readonly InferenceSession.ValueMetadata[]
  /**
   * Of a model that reads and gives several tensors, all of float32. Tensors of the runtime, made by `tensor`, are written
   * in place where they are given for an output.
   * @throws DataError where ONNX Runtime cannot run the model
   */
  runAll<Name extends string>(
    feeds: Readonly<Record<string, Tensor>>,
    outputs: readonly Name[] | Readonly<Record<Name, Tensor>>,
  ): Promise<Readonly<Record<Name, Tensor>>>
  /** The numbers are not copied. */
  tensor(values: Float32Array, dims: readonly number[]): Tensor
}

/**
 * @param modelBytes an ONNX file, its weights inside
 * @throws BackendError where ONNX Runtime or the device is missing, DataError where it cannot load the model
 */
export async function openOnnxRunner(
  modelBytes: Uint8Array,
  { device = 'cpu', threads = availableParallelism() }: OnnxRunnerSettings = {},
): Promise<OnnxRunner> {
  const runtime = loadOnnxRuntime()
  if (device !== 'cpu') await proveOnnxDevice(device)
  let session: InferenceSession
  try {
    session = await runtime.InferenceSession.create(modelBytes, {
      executionProviders: [device],
      executionMode: 'sequential',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      // Threads that do not spin while they wait: as fast on idle cores (within 5 %), 1.1 to 1.9 times as fast on busy ones.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
  } catch (error) {
    throw new DataError(`ONNX Runtime cannot load the model: ${oneLine(error)}`, {}, { cause: error })
  }
  return runnerOf(runtime.Tensor, session, onnxBackend({ device, threads }))
}

/**
 * @returns what runs a model, as it is recorded
 * @throws BackendError where ONNX Runtime is missing
 */
export function onnxBackend({
  device = 'cpu',
  threads = availableParallelism(),
}: OnnxRunnerSettings = {}): string {
  const { versions } = loadOnnxRuntime().env
  const cores = device === 'cpu' ? `, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : ''
  return `onnxruntime-node ${versions.node ?? versions.common}, ${device}${cores}`
}

type OnnxRuntimeModule = typeof OnnxRuntime

/** @throws BackendError where it is not installed or there is none for this machine */
function loadOnnxRuntime(): OnnxRuntimeModule {
  try {
    // Required, not imported: the package is CommonJS, and loaders differ on where an import puts its names.
    return createRequire(import.meta.url)('onnxruntime-node') as OnnxRuntimeModule
  } catch (error) {
    throw new BackendError(
      `ONNX Runtime cannot be loaded on ${process.platform}-${process.arch} (${oneLine(error)}); run 'npm install onnxruntime-node', or use --device tfjs-wasm`,
      { cause: error },
    )
  }
}

function runnerOf(tensor: typeof Tensor, session: InferenceSession, backend: string): OnnxRunner {
  // Callers keep few buffers and fill them again and again; so do their tensors.
  const tensors = new WeakMap<Float32Array, { readonly dims: readonly number[]; readonly tensor: Tensor }>()
  const tensorOf = (values: Float32Array, dims: readonly number[]): Tensor => {
    const known = tensors.get(values)
    if (known?.dims === dims) return known.tensor
    const made = new tensor('float32', values, dims)
    tensors.set(values, { dims, tensor: made })
    return made
  }
  const feedOf = (type: FloatType, values: Float32Array, dims: readonly number[]): Tensor => {
    if (type === 'float32') return tensorOf(values, dims)
    if (type === 'float64') return new tensor(type, Float64Array.from(values), dims)
    // Where Node has a Float16Array the package makes one of the bits, and its native part then reads no byte of it.
    return Object.assign(new tensor('uint16', Uint16Array.from(values, toFloat16), dims), { type })
  }
  return {
    backend,
    inputs: session.inputMetadata,
    outputs: session.outputMetadata,
    async run(values, dims, input, output) {
      const type = floatTypeOf(session.inputMetadata, input, 'input')
      floatTypeOf(session.outputMetadata, output, 'output')
      const feeds = { [input]: feedOf(type, values, dims) }
      let results
      try {
        results = await session.run(feeds, [output])
      } catch (error) {
        throw cannotRun(error)
      }
      return floatsOf(results[output]!)
    },
    tensor: (values, dims) => new tensor('float32', values, dims),
    async runAll<Name extends string>(
      feeds: Readonly<Record<string, Tensor>>,
      outputs: readonly Name[] | Readonly<Record<Name, Tensor>>,
    ) {
      try {
        return (await session.run(feeds, outputs)) as Readonly<Record<Name, Tensor>>
      } catch (error) {
        throw cannotRun(error)
      }
    },
    close: () => session.release(),
  }
}

function cannotRun(error: unknown): DataError {
  return new DataError(`ONNX Runtime cannot run the model: ${oneLine(error)}`, {}, { cause: error })
}

const floatTypes = ['float32', 'float64', 'float16'] as const
type FloatType = (typeof floatTypes)[number]

/** @throws DataError where the model has no such tensor of floating-point numbers */
function floatTypeOf(
  values: readonly InferenceSession.ValueMetadata[],
  name: string,
  side: 'input' | 'output',
): FloatType {
  const value = values.find((candidate) => candidate.name === name)
  if (value === undefined) {
    throw new DataError(
      `the model has no ${side} '${name}', only ${values.map((known) => known.name).join(', ')}`,
    )
  }
  const found = value.isTensor ? value.type : 'no tensor'
  const type = floatTypes.find((known) => known === found)
  if (type === undefined) throw new DataError(`the model's ${side} '${name}' is ${found}, not floating-point`)
  return type
}

function floatsOf({ type, data }: Tensor): Float32Array {
  if (type === 'float32') return data as Float32Array
  if (type === 'float64') return Float32Array.from(data as Float64Array)
  // Newer versions of Node give the numbers themselves.
  return data instanceof Uint16Array
    ? Float32Array.from(data, fromFloat16)
    : Float32Array.from(data as unknown as ArrayLike<number>)
}
