/**
 * Runs a model on one device of ONNX Runtime in a process of its own, since a driver can crash the process or hang it.
 * Asked on stdin, answers on stdout, both JSON. Plain JavaScript, so that it runs the same from src/ and from dist/.
 */
import { Buffer } from 'node:buffer'
import { createRequire } from 'node:module'
import { performance } from 'node:perf_hooks'

/** @typedef {{ device: string, model: string, input: string, dims: number[], output: string, milliseconds: number }} Question */

let text = ''
for await (const part of process.stdin.setEncoding('utf8')) text += part
/** @type {Question & { values: string }} */
const { device, model, input, dims, values, output, milliseconds } = JSON.parse(text)

let answer
try {
  const runtime = createRequire(import.meta.url)('onnxruntime-node')
  const session = await runtime.InferenceSession.create(Buffer.from(model, 'base64'), {
    executionProviders: [device],
    logSeverityLevel: 3,
  })
  const bytes = new Uint8Array(Buffer.from(values, 'base64'))
  const feeds = { [input]: new runtime.Tensor('float32', new Float32Array(bytes.buffer), dims) }
  const first = await session.run(feeds, [output])
  const scores = Array.from(first[output].data)
  let runs = 0
  const began = performance.now()
  while (performance.now() - began < milliseconds) {
    await session.run(feeds, [output])
    runs++
  }
  const seconds = (performance.now() - began) / 1000
  const backend = `onnxruntime-node ${runtime.env.versions.node}, ${device}`
  answer = { backend, scores, rate: runs === 0 ? 0 : (runs * dims[0]) / seconds }
} catch (error) {
  answer = { fault: error instanceof Error ? error.message : String(error) }
}
process.stdout.write(JSON.stringify(answer), () => process.exit(0))
