/**
 * A thread that runs one function of a module and answers with what it gives. Plain JavaScript, so that it runs the same from
 * src/ and from dist/.
 */
import { types } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'

const { module, name, args } = workerData
try {
  if (module.endsWith('.ts')) {
    const { register } = await import('tsx/esm/api')
    register()
  }
  const { [name]: work } = await import(module)
  const progress = (/** @type {number} */ share) => parentPort.postMessage({ share })
  parentPort.postMessage({ result: await work(...args, progress) })
} catch (thrown) {
  const { message = String(thrown), name = 'Error', stack, location } = thrown ?? {}
  const plain = Object.assign(new Error(message), { stack })
  // A DOMException is no error that can be cloned.
  const error = types.isNativeError(thrown) ? thrown : plain
  try {
    parentPort.postMessage({ error, name, location })
  } catch {
    // Its cause, or what else it holds, cannot be cloned.
    parentPort.postMessage({ error: plain, name })
  }
}
