/**
 * One thread of an engine: holds an instance of a kernel and orders the features of one input after another. Plain
 * JavaScript, so that it runs the same from src/ and from dist/.
 */
import { parentPort, workerData } from 'node:worker_threads'

/** @typedef {{ job: number, codes: Uint8Array, present: Uint8Array }} SelectionJob */

const { module, memoryBase, pageBytes, plan } = workerData
const { exports } = new WebAssembly.Instance(module)
const missing = memoryBase + plan.bytes - exports.memory.buffer.byteLength
if (missing > 0) exports.memory.grow(Math.ceil(missing / pageBytes))
const { buffer } = exports.memory
new Uint8Array(buffer).set(plan.image, memoryBase)
const codes = new Uint8Array(buffer, memoryBase + plan.codes, plan.length)
const present = new Uint8Array(buffer, memoryBase + plan.present, plan.length)

parentPort.on('message', (/** @type {SelectionJob} */ message) => {
  codes.set(message.codes)
  present.set(message.present)
  const count = exports.select(memoryBase)
  const features = new Int32Array(buffer, memoryBase + plan.features, count).slice()
  const scores = new Float32Array(buffer, memoryBase + plan.scores, count).slice()
  parentPort.postMessage({ job: message.job, features, scores })
})
