/** What can run a model: one predictor, whatever the model is and whatever runs it. */
import { BackendError, ConfigError } from '../base/errors.ts'
import type { BlackBox, Executable, OutputForm } from '../model/foreign/importedModel.ts'
import type { Network } from '../model/network/network.ts'
import { uniformBackground } from '../sequence/alphabet.ts'
import type { BatchRunner } from './batchRunner.ts'
import type { GradientPredictor } from './gradientPredictor.ts'
import { createOnnxGradientPredictor } from './onnx/onnxGradients.ts'
import { createOnnxPredictor } from './onnx/onnxPredictor.ts'
import { type OnnxDevice, openOnnxRunner } from './onnx/onnxRunner.ts'
import type { Predictor } from './predictor.ts'
import { createSequencePredictor } from './sequencePredictor.ts'
import { openTfjsBlackBox } from './tfjs/tfjsBlackBox.ts'
import { createTfjsGradientPredictor } from './tfjs/tfjsGradients.ts'
import { createTfjsPredictor } from './tfjs/tfjsPredictor.ts'
import { loadTensorFlow } from './tfjs/tfjsRuntime.ts'

export const devices = ['auto', 'cpu', 'webgpu', 'cuda', 'tfjs-node', 'tfjs-node-gpu', 'tfjs-wasm'] as const
/** What scores sequences; `auto` takes the processor. */
export type Device = (typeof devices)[number]
/** A device that was named, or that `auto` came to. */
export type NamedDevice = Exclude<Device, 'auto'>

export interface DeviceSettings {
  /** What a masked base becomes: numbers for A, C, G, T; uniform unless given. */
  readonly background?: readonly number[] | undefined // [4]
  /** Rows scored at once. */
  readonly batchSize?: number | undefined
  /** Threads of ONNX Runtime on the processor; TensorFlow.js takes what it likes. */
  readonly threads?: number | undefined
}

/** What is to be run; a network can be made into anything. */
export type Runnable = 'network' | Executable['kind']

/** For people, in the singular. */
const namesOf: Readonly<Record<Runnable, string>> = {
  network: 'a network',
  onnx: 'an ONNX model',
  'tfjs-layers': 'a Keras or TensorFlow.js layers model',
  'tfjs-graph': 'a TensorFlow.js graph model',
  'saved-model': 'a TensorFlow SavedModel',
}

const tfjsDevices = ['tfjs-node-gpu', 'tfjs-node', 'tfjs-wasm'] as const

/** The devices that can run each, whether or not they are there. */
export const devicesOf: Readonly<Record<Runnable, readonly NamedDevice[]>> = {
  network: ['cpu', 'webgpu', 'cuda', ...tfjsDevices],
  onnx: ['cpu', 'webgpu', 'cuda'],
  'tfjs-layers': tfjsDevices,
  'tfjs-graph': tfjsDevices,
  'saved-model': ['tfjs-node-gpu', 'tfjs-node'],
}

/**
 * What `auto` tries, in this order. No graphics card among them where ONNX Runtime can compute: a card's last bits are
 * its own, so the same run would not be the same on the next machine; whoever wants one names it.
 */
const automatic: Readonly<Record<Runnable, readonly NamedDevice[]>> = {
  network: ['cpu', 'tfjs-node', 'tfjs-wasm'],
  onnx: ['cpu'],
  'tfjs-layers': ['tfjs-node', 'tfjs-wasm'],
  'tfjs-graph': ['tfjs-node', 'tfjs-wasm'],
  'saved-model': ['tfjs-node', 'tfjs-node-gpu'],
}

/**
 * A predictor over codes.
 * @throws BackendError with what would install it, where a device that was named is not there
 */
export function openNetwork(
  network: Network,
  device: Device,
  settings: DeviceSettings = {},
): Promise<Predictor> {
  return open('network', device, async (named) => {
    const { background = uniformBackground, batchSize, threads } = settings
    if (!isOnnxDevice(named)) {
      return createTfjsPredictor(await loadTensorFlow(named), network, { background, batchSize })
    }
    return createOnnxPredictor(network, { background, batchSize, threads, device: named })
  })
}

/**
 * What gives the gradients of a network, on the device that scores it.
 * @throws BackendError with what would install it, where a device that was named is not there
 */
export function openGradients(
  network: Network,
  device: Device,
  settings: Pick<DeviceSettings, 'background' | 'threads'> = {},
): Promise<GradientPredictor> {
  return onDevice('network', device, async (named) => {
    const { background = uniformBackground, threads } = settings
    if (!isOnnxDevice(named)) {
      return createTfjsGradientPredictor(await loadTensorFlow(named), network, { background })
    }
    return createOnnxGradientPredictor(network, { background, threads, device: named })
  })
}

/**
 * A predictor over codes. Where the model's outputs have no names yet, they are counted, and named after the tensor.
 * @throws BackendError with what would install it, where a device that was named is not there
 * @throws ConfigError naming the devices that can run the model, where this one cannot
 */
export function openBlackBox(
  { executable, input, output }: BlackBox,
  device: Device,
  settings: DeviceSettings = {},
): Promise<Predictor> {
  return open(executable.kind, device, async (named) =>
    createSequencePredictor(await openRunner(executable, named, settings), { input, output }, settings),
  )
}

/**
 * As `openBlackBox`, where several predictors read its outputs in several ways: they share one session of its runtime,
 * which ends with \`use\`.
 * @param use makes its predictors by \`read\`, and closes none of them
 */
export function useBlackBox<Result>(
  { executable, input }: Pick<BlackBox, 'executable' | 'input'>,
  device: Device,
  settings: DeviceSettings,
  use: (read: (output: OutputForm) => Promise<Predictor>) => Promise<Result>,
): Promise<Result> {
  return onDevice(executable.kind, device, async (named) => {
    const runner = await openRunner(executable, named, settings)
    const shared: BatchRunner = {
      backend: runner.backend,
      run: (values, dims, from, to) => runner.run(values, dims, from, to),
      close: () => Promise.resolve(),
    }
    try {
      return await use((output) => createSequencePredictor(shared, { input, output }, settings))
    } finally {
      await runner.close()
    }
  })
}

async function openRunner(
  executable: Executable,
  device: NamedDevice,
  { threads }: DeviceSettings,
): Promise<BatchRunner> {
  if (executable.kind !== 'onnx') {
    if (isOnnxDevice(device)) throw cannotRun(executable.kind, device)
    return openTfjsBlackBox(await loadTensorFlow(device), executable)
  }
  if (!isOnnxDevice(device)) throw cannotRun(executable.kind, device)
  return openOnnxRunner(executable.bytes, { device, threads })
}

function isOnnxDevice(device: NamedDevice): device is OnnxDevice {
  return device === 'cpu' || device === 'webgpu' || device === 'cuda'
}

/**
 * The device for graphs that ONNX Runtime alone runs.
 * @param what for the error, in the plural
 * @throws ConfigError where the device that was named is another runtime's
 */
export function onnxDeviceFor(device: Device, what: string): OnnxDevice {
  if (device === 'auto') return 'cpu'
  if (isOnnxDevice(device)) return device
  throw new ConfigError(`--device ${device} gives no ${what}; use auto, cpu, webgpu or cuda`)
}

function cannotRun(runnable: Runnable, device: NamedDevice): ConfigError {
  const able = devicesOf[runnable].join(', ')
  return new ConfigError(`--device ${device} cannot run ${namesOf[runnable]}; use auto or one of ${able}`)
}

/** Only `auto` falls back, and the predictor's `backend` says from what and why. */
function open(
  runnable: Runnable,
  device: Device,
  openOn: (device: NamedDevice) => Promise<Predictor>,
): Promise<Predictor> {
  return onDevice(runnable, device, openOn, withNote)
}

/** @param noted says of a result what was tried before it */
async function onDevice<Result>(
  runnable: Runnable,
  device: Device,
  openOn: (device: NamedDevice) => Promise<Result>,
  noted: (result: Result, faults: readonly BackendError[]) => Result = (result) => result,
): Promise<Result> {
  if (device !== 'auto') {
    if (!devicesOf[runnable].includes(device)) throw cannotRun(runnable, device)
    return openOn(device)
  }
  const faults: BackendError[] = []
  for (const candidate of automatic[runnable]) {
    try {
      return noted(await openOn(candidate), faults)
    } catch (error) {
      if (!(error instanceof BackendError)) throw error
      faults.push(error)
    }
  }
  throw new BackendError(faults.map((fault) => fault.message).join('; '), { cause: faults[0] })
}

function withNote(predictor: Predictor, faults: readonly BackendError[]): Predictor {
  if (faults.length === 0) return predictor
  const { width, outputs, batchSize, backend } = predictor
  const reasons = faults.map((fault) => fault.message).join('; ')
  return {
    width,
    outputs,
    batchSize,
    backend: `${backend} (fallback: ${reasons})`,
    predict: (cells, rows) => predictor.predict(cells, rows),
    close: () => predictor.close(),
  }
}
