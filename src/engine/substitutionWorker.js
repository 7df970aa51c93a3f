/** One thread that scores the substitutions of one sequence after another. Plain JavaScript, as selectorWorker.js is. */
import { parentPort, workerData } from 'node:worker_threads'
import { createSubstitutionKernel } from './substitutionKernel.js'

const score = createSubstitutionKernel(workerData)

parentPort.on('message', (/** @type {{ job: number, question: Uint8Array }} */ { job, question }) => {
  const answer = score(question)
  parentPort.postMessage({ job, answer }, [answer.buffer])
})
