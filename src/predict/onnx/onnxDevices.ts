/** Whether a graphics card can be had through ONNX Runtime, tried in another process before this one relies on it. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeEnding } from '../../base/ending.ts'
import { BackendError } from '../../base/errors.ts'
import type { Network } from '../../model/network/network.ts'
import { inputName, logitsName } from '../../model/formats/ownOnnx/ownOnnxGraph.ts'
import { writeLogitsOnnx } from '../../model/formats/ownOnnx/ownOnnxWriter.ts'
import { baseCount } from '../../sequence/alphabet.ts'
import { finishOfNetwork, finishScores } from '../finishScores.ts'

export type GraphicsDevice = 'webgpu' | 'cuda'

/** A driver that has not answered by then hangs: the first start of a card takes a second or two. */
const patience = 20_000

export interface DeviceTrial {
  readonly network: Network
  readonly values: Float32Array // [rows, 4, L]
  readonly rows: number
  /** How long to go on, for the rate. */
  readonly milliseconds: number
}

export interface DeviceFindings {
  /** As a predictor's. */
  readonly backend: string
  readonly scores: readonly number[] // [rows, outputs]
  /** Inputs a second; 0 where no time was given. */
  readonly rate: number
}

const proofs = new Map<GraphicsDevice, Promise<unknown>>()

/**
 * Once a process.
 * @throws BackendError with what would install the device, where it does not run the smallest network
 */
export async function proveOnnxDevice(device: GraphicsDevice): Promise<void> {
  const proof = proofs.get(device) ?? tryOnnxDevice(device, smallestTrial)
  proofs.set(device, proof)
  await proof
}

/** score = 1 A + 2 C + 3 G + 4 T */
const smallestTrial: DeviceTrial = {
  network: {
    inputLength: 1,
    strands: 'forward',
    outputs: ['letter'],
    layers: [
      { kind: 'flatten' },
      { kind: 'dense', units: 1, kernel: Float32Array.of(1, 2, 3, 4), bias: Float32Array.of(0) },
    ],
  },
  values: Float32Array.of(0, 0, 1, 0),
  rows: 1,
  milliseconds: 0,
}

/** @throws BackendError with what would install the device, where it does not run the network */
export async function tryOnnxDevice(device: GraphicsDevice, trial: DeviceTrial): Promise<DeviceFindings> {
  const { network, values, rows, milliseconds } = trial
  const answer = await askProbe(device, {
    device,
    model: Buffer.from(writeLogitsOnnx(network)).toString('base64'),
    input: inputName,
    dims: [rows, baseCount, network.inputLength],
    values: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
    output: logitsName,
    milliseconds,
  })
  if ('fault' in answer)
    throw new BackendError(`${absences[device]} (${shorten(answer.fault)}); ${remedies[device]}`)
  const logits = Float32Array.from(answer.scores)
  return { ...answer, scores: [...finishScores(logits, network.outputs.length, finishOfNetwork(network))] }
}

const absences = {
  webgpu: 'ONNX Runtime cannot use WebGPU here',
  cuda: 'ONNX Runtime cannot use CUDA here',
} as const

/** What to do, in the order of how likely it helps. */
const remedies = {
  webgpu:
    process.platform === 'linux'
      ? "run 'apt-get install libvulkan1 mesa-vulkan-drivers' (an NVIDIA card has Vulkan in its own driver), or use --device cpu"
      : 'update the driver of the graphics card, or use --device cpu',
  cuda:
    process.platform === 'linux' && process.arch === 'x64'
      ? "run 'ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js' (it needs an NVIDIA card, CUDA 12 and cuDNN 9), or use --device cpu"
      : 'its CUDA exists for Linux on x64 only; use --device webgpu or cpu',
} as const

/** The reason without the place in the source that found it, on one line. */
function shorten(fault: string): string {
  const line = fault.replace(/\s+/g, ' ').trim()
  const reason = /was false\. (.*)$/.exec(line)?.[1] ?? line
  return reason.replace(/^Failed to get a WebGPU adapter: /, '').replace(/[.;]$/, '')
}

type Answer = DeviceFindings | { readonly fault: string }

function askProbe(device: GraphicsDevice, question: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const probe = spawn(process.execPath, [fileURLToPath(new URL('./onnxProbe.js', import.meta.url))], {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: patience,
      killSignal: 'SIGKILL',
    })
    // One that hangs would outlive this process.
    const ended = beforeEnding(() => probe.kill('SIGKILL'))
    let stdout = ''
    let stderr = ''
    probe.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    probe.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)))
    probe.on('error', reject)
    probe.on('close', (code, signal) => {
      ended()
      if (code === 0) {
        resolve(JSON.parse(stdout) as Answer)
        return
      }
      const end =
        signal === 'SIGKILL'
          ? `no answer within ${patience / 1000} s`
          : `its process ended with ${signal ?? `exit code ${code}`}`
      const said = stderr.trim().split('\n').at(-1)
      resolve({ fault: said === undefined || said === '' ? end : `${end}: ${said}` })
    })
    // A probe that dies early closes its stdin; how it ended tells why.
    probe.stdin.on('error', () => undefined)
    probe.stdin.end(JSON.stringify(question))
  })
}
