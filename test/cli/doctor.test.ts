import { afterEach, expect, it, vi } from 'vitest'
import { runSis } from './runSis.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

it('tries every part for real, the engine against ONNX Runtime, with the threads of the job', async () => {
  vi.stubEnv('SLURM_CPUS_PER_TASK', '1')
  const { code, stdout, stderr } = await runSis(['doctor'])
  expect(code, stderr).toBe(0)
  const lines = stdout.trimEnd().split('\n')
  const told = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length).trim())
  expect(told('threads')).toEqual([expect.stringMatching(/^ok +1 \(SLURM_CPUS_PER_TASK;/)])
  expect(told('engine')).toEqual([
    expect.stringMatching(
      /^ok +scanner \(WebAssembly SIMD\), one selection verified; .*: [1-9][\d,]* orderings\/s$/,
    ),
  ])
  expect(told('cpu')).toEqual([
    expect.stringMatching(
      /^ok +onnxruntime-node .*, 1 thread; scores as cpu's; .* [1-9][\d,]* sequences\/s$/,
    ),
  ])
  expect(told('tfjs-wasm')).toEqual([expect.stringMatching(/^ok .*, wasm SIMD; scores as cpu's; /)])
  // What is missing comes with its remedy.
  for (const [name, remedy] of [
    ['tfjs-node', 'npm install @tensorflow/tfjs-node'],
    ['tfjs-node-gpu', 'npm install @tensorflow/tfjs-node-gpu'],
    ['webgpu', '--device cpu'],
    ['cuda', 'onnxruntime-node|--device'],
  ] as const) {
    expect(told(name)).toEqual([
      expect.stringMatching(new RegExp(`^(ok +.*; scores as cpu's; |absent +.*(${remedy}))`)),
    ])
  }
})
