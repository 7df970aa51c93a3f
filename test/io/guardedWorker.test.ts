/** Limits of time and memory that hold for a thread, whatever it does; and that it goes on working for others. */
import { describe, expect, it } from 'vitest'
import { GuardedWorker, LimitError } from '../../src/io/files/guardedWorker.ts'

/** Does what it is asked: answers, works for ever, fills memory, fails, or ends. */
const script = `
import { parentPort } from 'node:worker_threads'
const held = []
let answers = 0
parentPort.on('message', (question) => {
  if (question === 'loop') for (;;);
  if (question === 'grow') for (;;) held.push(new Uint8Array(2 ** 24).fill(1))
  if (question === 'fail') throw new TypeError('no')
  if (question === 'end') process.exit(3)
  parentPort.postMessage([question, ++answers])
})`
const limits = { milliseconds: 30_000, mebibytes: 1000 }

function start(): GuardedWorker<string, [string, number]> {
  return new GuardedWorker(new URL(`data:text/javascript,${encodeURIComponent(script)}`))
}

describe('GuardedWorker', () => {
  it('answers one question after the other in one thread', async () => {
    const worker = start()
    const answers = await Promise.all(['a', 'b', 'c'].map((question) => worker.ask(question, limits)))
    expect(answers).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
  })

  it.each([
    ['loop', { ...limits, milliseconds: 300 }, /no answer within 0.3 s/],
    ['grow', { ...limits, mebibytes: 200 }, /it takes more than 200 MiB/],
  ])('ends a thread that goes on for ever (%s), and starts another', async (question, narrow, message) => {
    const worker = start()
    const began = Date.now()
    const failure: unknown = await worker.ask(question, narrow).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(LimitError)
    expect(String(failure)).toMatch(message)
    expect(Date.now() - began).toBeLessThan(20_000)
    expect(await worker.ask('again', limits)).toEqual(['again', 1])
  })

  it('tells how a thread ended that was not ended', async () => {
    const worker = start()
    await expect(worker.ask('fail', limits)).rejects.toThrow('no')
    await expect(worker.ask('end', limits)).rejects.toThrow('the thread ended with exit code 3')
    expect(await worker.ask('again', limits)).toEqual(['again', 1])
  })
})
