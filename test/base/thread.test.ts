/** Functions in threads of their own: results, progress, errors as they were, and the end at once where it is asked for. */
import { describe, expect, it } from 'vitest'
import { BackendError, ConfigError, DataError, SisError } from '../../src/base/errors.ts'
import { mapConcurrently } from '../../src/base/concurrently.ts'
import { runInThread, type ThreadOptions } from '../../src/base/thread.ts'
import type { fail, goOnForEver, notCloneable, sumOf } from './threadWork.ts'

const place = ['./threadWork', import.meta.url] as const
const failing = (how: string): Promise<unknown> =>
  runInThread<typeof fail>(place, 'fail', [how]).catch((error: unknown) => error)

describe('runInThread', () => {
  it('gives what the function gives, and tells its progress', async () => {
    const shares: number[] = []
    const values = Float64Array.from({ length: 100 }, (_, i) => i)
    const progress = (share: number): void => {
      shares.push(share)
    }
    expect(await runInThread<typeof sumOf>(place, 'sumOf', [values, 30], { progress })).toBe(4950)
    expect(shares).toEqual([0.3, 0.6, 0.9, 1])
  })

  it('passes errors on with class, message, exit code and place', async () => {
    const data = await failing('data')
    expect(data).toBeInstanceOf(DataError)
    expect(data).toMatchObject({
      name: 'DataError',
      message: "a.fa:3: sequence 'chr1': no sequence",
      exitCode: 3,
      location: { file: 'a.fa', line: 3, sequence: 'chr1' },
    })
    expect((data as Error).stack).toContain('threadWork')
    const config = await failing('config')
    expect(config).toBeInstanceOf(ConfigError)
    expect(config).toMatchObject({ message: 'unknown key', exitCode: 2, cause: new RangeError('too many') })
    const range = await failing('range')
    expect(range).toBeInstanceOf(RangeError)
    expect(range).not.toBeInstanceOf(SisError)
    expect(range).toMatchObject({ message: 'out of range' })
    expect(range).not.toBeInstanceOf(BackendError)
  })

  it('says what happened where nothing can be passed on', async () => {
    expect(await failing('cause')).toMatchObject({ message: 'held' })
    expect(await failing('text')).toMatchObject({ message: 'text' })
    expect(await failing('exit')).toMatchObject({ message: 'the thread of fail ended with exit code 7' })
    await expect(runInThread<typeof notCloneable>(place, 'notCloneable', [])).rejects.toThrow(
      /could not be cloned/,
    )
    await expect(runInThread<typeof fail>(['./nowhere', import.meta.url], 'fail', ['data'])).rejects.toThrow(
      /nowhere/,
    )
  })

  it('ends a thread that goes on for ever as soon as it is aborted, with the reason given', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const options: ThreadOptions = { signal: controller.signal }
    let aborted = Infinity
    const ended = runInThread<typeof goOnForEver>(place, 'goOnForEver', [] as never, {
      ...options,
      progress() {
        aborted = performance.now()
        controller.abort(reason)
      },
    })
    await expect(ended).rejects.toBe(reason)
    expect(performance.now() - aborted).toBeLessThan(1000)
    await expect(runInThread<typeof sumOf>(place, 'sumOf', [new Float64Array(1), 1], options)).rejects.toBe(
      reason,
    )
  })
})

describe('mapConcurrently', () => {
  const { signal } = new AbortController()
  const later = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, milliseconds))

  it('keeps the order of the items, and never has more at work than may be', async () => {
    for (const most of [1, 2, 5]) {
      let atWork = 0
      let peak = 0
      const squares = await mapConcurrently([5, 1, 4, 2, 3], most, signal, async (item, index) => {
        peak = Math.max(peak, ++atWork)
        await later(item * 3)
        atWork--
        return item * 10 + index
      })
      expect(squares).toEqual([50, 11, 42, 23, 34])
      expect(peak).toBe(most)
    }
    expect(await mapConcurrently([], 2, signal, () => later(1))).toEqual([])
  })

  it('ends the others where one fails, begins no more, and throws what that one threw', async () => {
    const began: number[] = []
    let ended = 0
    const failing = mapConcurrently([0, 1, 2, 3], 2, signal, async (item, _, either) => {
      began.push(item)
      if (item === 1) throw new RangeError('one')
      await new Promise<void>((resolve) => either.addEventListener('abort', () => resolve()))
      ended++
      either.throwIfAborted()
    })
    await expect(failing).rejects.toThrow(new RangeError('one'))
    expect({ began, ended }).toEqual({ began: [0, 1], ended: 1 })
  })

  it('throws the reason of its signal, even where the work takes no notice', async () => {
    const controller = new AbortController()
    const work = mapConcurrently([1, 2, 3], 1, controller.signal, async () => {
      await later(2)
      controller.abort(new Error('enough'))
    })
    await expect(work).rejects.toThrow('enough')
  })
})
