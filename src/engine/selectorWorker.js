/**
 * One thread of an engine: holds an instance of a kernel and orders the features of one input after another. Plain
 * JavaScript, so that it runs the same from src/ and from dist/.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { startThreadKernel } from './threadKernel.js'

/** @typedef {{ job: number, question: { codes: Uint8Array, present: Uint8Array } }} SelectionJob */

const { memoryBase, plan } = workerData
const { exports, buffer, codes, present } = startThreadKernel(workerData)

parentPort.on('message', (/** @type {SelectionJob} */ { job, question }) => {
  codes.set(question.codes)
  present.set(question.present)
  const count = exports.select(memoryBase)
  const features = new Int32Array(buffer, memoryBase + plan.features, count).slice()
  const scores = new Float32Array(buffer, memoryBase + plan.scores, count).slice()
  parentPort.postMessage({ job, answer: { features, scores } })
})
