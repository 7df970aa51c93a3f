/** The one place that loads TensorFlow.js: native where it is installed, else WebAssembly, else plain JavaScript. */
import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import util from 'node:util'
import type * as converter from '@tensorflow/tfjs-converter'
import type * as core from '@tensorflow/tfjs-core'
import type * as layers from '@tensorflow/tfjs-layers'
import { BackendError } from '../../base/errors.ts'

/** Tensors, gradients and optimisers; layers models; graph models. */
export type TensorFlow = typeof core.default & typeof layers.default & typeof converter.default

export const tensorFlowPreferences = ['auto', 'tfjs-node-gpu', 'tfjs-node', 'tfjs-wasm', 'tfjs-cpu'] as const
export type TensorFlowPreference = (typeof tensorFlowPreferences)[number]

export interface TensorFlowRuntime {
  readonly tf: TensorFlow
  /** What runs it, e.g. `@tensorflow/tfjs-core 4.22.0, wasm`, and why where `auto` had to fall back. */
  readonly backend: string
  /** Makes it the one that computes, at once: TensorFlow.js has one backend a process, and another may be loaded since. */
  use(): void
}

const nativePackages = {
  'tfjs-node-gpu': '@tensorflow/tfjs-node-gpu',
  'tfjs-node': '@tensorflow/tfjs-node',
} as const

const require = createRequire(import.meta.url)

/**
 * TensorFlow.js has one backend a process: loading another preference changes it for everyone who does not `use` theirs.
 * @throws BackendError where a backend that was asked for by name is not installed or does not start
 */
export async function loadTensorFlow(preference: TensorFlowPreference): Promise<TensorFlowRuntime> {
  switch (preference) {
    case 'tfjs-node-gpu':
    case 'tfjs-node':
      return loadNative(nativePackages[preference])
    case 'tfjs-wasm':
      return loadWasm()
    case 'tfjs-cpu':
      return loadPlain()
    case 'auto':
      return loadBest()
  }
}

/** Whether `auto` has a package with TensorFlow's own library to try. */
export function isNativeInstalled(): boolean {
  return Object.values(nativePackages).some(isInstalled)
}

async function loadBest(): Promise<TensorFlowRuntime> {
  const faults: string[] = []
  for (const load of [
    ...Object.values(nativePackages)
      .filter(isInstalled)
      .map((name) => () => loadNative(name)),
    loadWasm,
  ]) {
    try {
      return withNote(await load(), faults)
    } catch (error) {
      if (!(error instanceof BackendError)) throw error
      faults.push(error.message)
    }
  }
  return withNote(await loadPlain(), faults)
}

function withNote(runtime: TensorFlowRuntime, faults: readonly string[]): TensorFlowRuntime {
  if (faults.length === 0) return runtime
  return { ...runtime, backend: `${runtime.backend} (fallback: ${faults.join('; ')})` }
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return false
    throw error
  }
}

async function loadNative(name: string): Promise<TensorFlowRuntime> {
  if (!isInstalled(name)) {
    throw new BackendError(
      `${name} is not installed; run: npm install ${name} (docs/devices.md: where it fails)`,
    )
  }
  restoreRemovedUtilities()
  // TensorFlow greets stderr with what the processor could do; errors it still tells.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  let tf: TensorFlow
  try {
    // Required, not imported: so NODE_PATH tells where it is, where it is not installed beside sis.
    tf = require(name) as TensorFlow
    if (!(await tf.setBackend('tensorflow'))) throw new Error('its backend does not initialise')
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]! : String(error)
    throw new BackendError(
      `${name} does not start (${reason}); run: npm rebuild ${name} (docs/devices.md: where it fails), or use tfjs-wasm`,
      {
        cause: error,
      },
    )
  }
  return runtimeOf(tf, 'tensorflow', `${name} ${tf.version_core}, tensorflow`)
}

function runtimeOf(tf: TensorFlow, name: string, backend: string): TensorFlowRuntime {
  return {
    tf,
    backend,
    use() {
      // A backend that is initialised is set before this returns; the promise is about those that are not.
      if (tf.getBackend() !== name) void tf.setBackend(name)
    },
  }
}

/** Node 23 removed one helper that tfjs-node 4.22 still calls, and another one now warns. */
function restoreRemovedUtilities(): void {
  const utilities = util as unknown as Record<string, unknown>
  utilities['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined
  utilities['isArray'] = Array.isArray
}

let parts: TensorFlow | undefined

/**
 * What `@tensorflow/tfjs` puts together, without its WebGL backend, its datasets and its polyfills, which Node has no use for.
 * The layers register the gradients. Tensors have no chained methods: `tf.add(a, b)`, not `a.add(b)`.
 */
async function loadParts(): Promise<TensorFlow> {
  const [{ default: core }, { default: layers }, { default: converter }] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('@tensorflow/tfjs-layers'),
    import('@tensorflow/tfjs-converter'),
    import('@tensorflow/tfjs-backend-cpu'),
  ])
  parts ??= { ...core, ...layers, ...converter }
  return parts
}

async function loadWasm(): Promise<TensorFlowRuntime> {
  const tf = await loadParts()
  const wasm = await import('@tensorflow/tfjs-backend-wasm')
  if (!('wasm' in tf.engine().registry)) {
    wasm.setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep)
  }
  if (!(await tf.setBackend('wasm'))) {
    throw new BackendError(
      'the WebAssembly backend of TensorFlow.js does not start; run: npm install @tensorflow/tfjs-backend-wasm',
    )
  }
  const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true
  return runtimeOf(
    tf,
    'wasm',
    `@tensorflow/tfjs-core ${tf.version_core}, wasm${simd ? ' SIMD' : ' without SIMD'}`,
  )
}

async function loadPlain(): Promise<TensorFlowRuntime> {
  const tf = await loadParts()
  await tf.setBackend('cpu')
  // The backend greets the console at its first tensor where the flag IS_NODE is set.
  const inNode = tf.env().getBool('IS_NODE')
  tf.env().set('IS_NODE', false)
  tf.scalar(0).dispose()
  tf.env().set('IS_NODE', inNode)
  return runtimeOf(tf, 'cpu', `@tensorflow/tfjs-core ${tf.version_core}, cpu (plain JavaScript)`)
}
