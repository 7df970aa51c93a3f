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
  expect(told('onnxruntime-node')).toContainEqual(expect.stringMatching(/1 thread; .* sequences\/s$/))
  // What is missing comes with its remedy.
  for (const line of told('tfjs-node')) expect(line).toMatch(/^(ok|absent +.*npm install)/)
})
