/**
 * Loads the WebAssembly kernels that the build compiled from assembly/. A kernel keeps no state between calls but its
 * memory, which belongs to the instance; what lies where is for its caller to lay out from `memoryBase` on.
 */
import { readFileSync } from 'node:fs'
import { BackendError } from '../base/errors.ts'
import { webAssembly, type KernelExports, type KernelModule } from './webAssembly.ts'

export type KernelName = 'scanner' | 'dense' | 'differences' | 'scanTraining' | 'tomtom'

/** Bytes at the beginning of a kernel's memory that its own constants may take. */
export const memoryBase = 65_536
export const pageBytes = 65_536

const modules = new Map<KernelName, KernelModule>()

/** @throws BackendError where the kernels have not been built, or this machine's WebAssembly has no SIMD */
export function loadKernelModule(name: KernelName): KernelModule {
  const loaded = modules.get(name)
  if (loaded !== undefined) return loaded
  // Two levels up from this room are the same place for src/ and for dist/.
  const url = new URL(`../../dist/kernels/${name}.wasm`, import.meta.url)
  let module: KernelModule
  try {
    module = new webAssembly.Module(readFileSync(url))
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new BackendError(
      missing
        ? `the WebAssembly kernel '${name}' has not been built; run: npm run build`
        : `the WebAssembly kernel '${name}' does not start here (${cause instanceof Error ? cause.message : String(cause)}); WebAssembly SIMD is needed`,
      { cause },
    )
  }
  modules.set(name, module)
  return module
}

/**
 * An instance of a kernel in this thread, with an image in its memory.
 * @param bytes of memory from `memoryBase` on, the image included
 */
export function startKernel(name: KernelName, image: Uint8Array, bytes: number): KernelExports {
  const { exports } = new webAssembly.Instance(loadKernelModule(name))
  const missing = memoryBase + bytes - exports.memory.buffer.byteLength
  if (missing > 0) exports.memory.grow(Math.ceil(missing / pageBytes))
  new Uint8Array(exports.memory.buffer).set(image, memoryBase)
  return exports
}
