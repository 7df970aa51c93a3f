/**
 * A thread that runs one function of a module and answers with what it gives; or, where it `stays`, answers each message with
 * what the function that it was given makes of it. Plain JavaScript, so that it runs the same from src/ and from dist/.
 */
import { types } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'

const { module, name, args, stays } = workerData

/** @param {() => unknown} work */
async function tell(work) {
  try {
    parentPort.postMessage({ result: await work() })
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
}

async function load() {
  if (module.endsWith('.ts')) {
    const { register } = await import('tsx/esm/api')
    register()
  }
  return (await import(module))[name]
}

if (stays) {
  const made = load().then((make) => make(...args))
  parentPort.on('message', (item) => void tell(async () => (await made)(item)))
} else {
  const progress = (/** @type {number} */ share) => parentPort.postMessage({ share })
  await tell(async () => (await load())(...args, progress))
}
