/** One thread that compares queries, some at a time: it holds an instance of the kernel with the targets in its memory. */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { compareQuery } from './compareQuery.js'

const { module, memoryBase, pageBytes } = workerData
const { exports } = new WebAssembly.Instance(module)
const [plan] = await once(parentPort, 'message')
const missing = memoryBase + plan.work - exports.memory.buffer.byteLength
if (missing > 0) exports.memory.grow(Math.ceil(missing / pageBytes))
new Uint8Array(exports.memory.buffer).set(plan.image, memoryBase)

parentPort.on('message', (/** @type {{ ppm: Float64Array, silent: Uint8Array }[]} */ queries) => {
  const found = queries.map((query) => compareQuery(exports, memoryBase, pageBytes, plan, query))
  parentPort.postMessage(
    found,
    found.map(({ pValues }) => pValues.buffer),
  )
})
