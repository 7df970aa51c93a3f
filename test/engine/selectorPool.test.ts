/** The threads of an engine end whenever they are told to, with answers under way and jobs still waiting. */
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { planScanner } from '../../src/engine/planScanner.ts'
import { createSelectorPool, type SelectorPool } from '../../src/engine/selectorPool.ts'
import { sequenceInput } from '../../src/sis/sequenceInput.ts'
import { randomNetwork } from '../model/randomNetworks.ts'

const length = 30
const network = randomNetwork(
  [
    { kind: 'conv1d', filters: 4, kernelSize: 6, padding: 'valid', dilation: 1 },
    { kind: 'activation', function: 'relu' },
    { kind: 'globalMaxPool' },
    { kind: 'dense', units: 1 },
  ],
  length,
  1,
)
const planned = planScanner(network, { output: 0, direction: '>=', background: [0.25, 0.25, 0.25, 0.25] })
if ('refusal' in planned) throw new Error(planned.refusal)
const { plan } = planned

const present = new Uint8Array(length).fill(1)
const random = new Random(1, 'codes')
const codes = (): Uint8Array => Uint8Array.from({ length }, () => random.below(4))

const warnings: string[] = []
const onWarning = ({ message }: Error): void => void warnings.push(message)
beforeEach(() => {
  warnings.length = 0
  process.on('warning', onWarning)
})
afterEach(() => process.off('warning', onWarning))

/** Lets the threads answer what they have at hand, and keeps the answers from being read. */
function deafen(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

describe('an engine for few candidates', () => {
  it('refuses more', async () => {
    const engine = openEngine(network, {
      preference: 'auto',
      decision: { output: 0, direction: '>=' },
      background: [0.25, 0.25, 0.25, 0.25],
      threads: 1,
      candidates: length - 1,
    })
    const input = sequenceInput('toy', codes())
    // It is refused at once: a thread would write beyond its memory.
    expect(() => engine.selector!.select(input, present)).toThrow(
      '30 features are present; the engine was opened for 29',
    )
    const { features } = await engine.selector!.select(input, present.with(7, 0))
    expect(features.toSorted()).toEqual(Int32Array.from(present.keys()).filter((base) => base !== 7))
    await engine.close()
  })
})

async function startedPool(signal?: AbortSignal): Promise<SelectorPool> {
  const pool = createSelectorPool(plan, { threads: 2, signal })
  // The first answers come when the threads have started.
  await Promise.all(Array.from({ length: 4 }, () => pool.select(codes(), present)))
  return pool
}

describe('the threads of an engine', () => {
  it('end when aborted, and answers that are then read are answers to nobody', async () => {
    const abort = new AbortController()
    const pool = await startedPool(abort.signal)
    const asked = Array.from({ length: 40 }, () => pool.select(codes(), present))
    const settled = Promise.allSettled(asked)
    deafen(300)
    abort.abort(new Error('enough'))
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
    }
    await setTimeout(50) // for the answers under way
    await pool.close()
  })

  it('give the same reason to whoever asks later, without ending them again', async () => {
    const abort = new AbortController()
    const pool = await startedPool(abort.signal)
    abort.abort(new Error('enough'))
    for (let i = 0; i < 30; i++) await expect(pool.select(codes(), present)).rejects.toThrow('enough')
    await pool.close()
    await pool.close()
    await setTimeout(10) // warnings are told later
    expect(warnings).toEqual([])
  })

  it('are given nothing where the signal has aborted before', async () => {
    const pool = createSelectorPool(plan, { threads: 1, signal: AbortSignal.abort(new Error('before')) })
    await expect(pool.select(codes(), present)).rejects.toThrow('before')
    await pool.close()
  })

  it('leave no listener behind, however many engines one signal sees', async () => {
    const { signal } = new AbortController()
    for (let i = 0; i < 20; i++) await createSelectorPool(plan, { threads: 1, signal }).close()
    await setTimeout(10)
    expect(warnings).toEqual([])
  })

  it('reject what was asked when one of them fails', async () => {
    const pool = await startedPool()
    // The feature array of a kernel is as long as its plan says: more codes do not fit.
    await expect(pool.select(new Uint8Array(length + 1), present)).rejects.toThrow(/offset is out of bounds/)
    await expect(pool.select(codes(), present)).rejects.toThrow(/offset is out of bounds/)
    await pool.close()
  })
})
