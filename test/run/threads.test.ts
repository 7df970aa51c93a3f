import { availableParallelism } from 'node:os'
import { afterEach, expect, it, vi } from 'vitest'
import { chooseThreads } from '../../src/run/config/threads.ts'
import { runSis, temporaryDirectory } from '../cli/runSis.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

it('takes what was asked for, then what Slurm gave, then what the process may use', () => {
  expect(chooseThreads(3, { SLURM_CPUS_PER_TASK: '8' }).threads).toBe(3)
  expect(chooseThreads(undefined, { SLURM_CPUS_PER_TASK: '8' })).toEqual({
    threads: 8,
    source: 'SLURM_CPUS_PER_TASK',
  })
  expect(chooseThreads(undefined, {}).threads).toBe(availableParallelism())
  expect(chooseThreads(undefined, { SLURM_CPUS_PER_TASK: '' }).threads).toBe(availableParallelism())
})

it.each(['0', '-1', '2.5', '4(x2)', 'many', '1e3', ' 4'])('refuses SLURM_CPUS_PER_TASK=%s', (value) => {
  expect(() => chooseThreads(undefined, { SLURM_CPUS_PER_TASK: value })).toThrow(
    `SLURM_CPUS_PER_TASK is '${value}', not a number of processors`,
  )
  expect(chooseThreads(2, { SLURM_CPUS_PER_TASK: value }).threads).toBe(2)
})

it('is told before any work is done, with exit code 2', async () => {
  vi.stubEnv('SLURM_CPUS_PER_TASK', 'all')
  const { code, stderr } = await runSis(['demo', temporaryDirectory()])
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      "sis: the environment variable SLURM_CPUS_PER_TASK is 'all', not a number of processors; correct or unset it, or give --threads\n",
  })
})
