/** Threads that stay: every question its own answer, in any number of threads; failures reach who asked, and later questions are answered. */
import { afterEach, describe, expect, it } from 'vitest'
import { mapInOrder } from '../../src/base/concurrently.ts'
import { DataError } from '../../src/base/errors.ts'
import { StayingThreads } from '../../src/base/stayingThreads.ts'

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield await Promise.resolve(100 + i)
}

describe('StayingThreads', () => {
  let threads: StayingThreads<number, number>
  const open = (most: number): void => {
    threads = new StayingThreads(most, ['./threadWork', import.meta.url], 'adder', [1000])
  }
  afterEach(() => threads.end())

  it('answers many questions at once, each asker its own', async () => {
    open(2)
    const answers: number[] = []
    for await (const answer of mapInOrder(numbers(50), 7, (value) => threads.ask(value))) answers.push(answer)
    expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => 1100 + i))
  })

  it('passes errors on, and answers what else is asked', async () => {
    open(1)
    const [failed, answered] = await Promise.allSettled([threads.ask(7), threads.ask(1)])
    expect(failed).toMatchObject({ status: 'rejected', reason: new DataError('seven') })
    expect(answered).toEqual({ status: 'fulfilled', value: 1001 })
  })

  it('says so where a thread ends, or is ended', async () => {
    open(1)
    const outcomes = await Promise.allSettled([threads.ask(8), threads.ask(1)])
    expect(outcomes).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }])
    expect((outcomes[0] as PromiseRejectedResult).reason).toMatchObject({
      message: 'a thread ended with exit code 7',
    })
    open(1)
    const asked = threads.ask(1)
    const ended = expect(asked).rejects.toThrow('a thread ended')
    await threads.end()
    await ended
  })
})
