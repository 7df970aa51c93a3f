/** What thread.test.ts has done in a thread. */
import { ConfigError, DataError } from '../../src/base/errors.ts'

export function sumOf(values: Float64Array, step: number, progress?: (share: number) => void): number {
  let sum = 0
  for (let i = 0; i < values.length; i += step) {
    for (let j = i; j < Math.min(values.length, i + step); j++) sum += values[j]!
    progress?.(Math.min(1, (i + step) / values.length))
  }
  return sum
}

export function goOnForEver(progress: (share: number) => void): never {
  progress(0)
  for (;;);
}

export async function fail(how: string): Promise<never> {
  await Promise.resolve()
  if (how === 'data') throw new DataError('no sequence', { file: 'a.fa', line: 3, sequence: 'chr1' })
  if (how === 'config') throw new ConfigError('unknown key', { cause: new RangeError('too many') })
  if (how === 'range') throw new RangeError('out of range')
  if (how === 'cause') throw new Error('held', { cause: () => 1 })
  if (how === 'exit') process.exit(7)
  // eslint-disable-next-line @typescript-eslint/only-throw-error
  throw 'text'
}

export function notCloneable(): () => number {
  return () => 1
}

/** @returns what StayingThreads ask */
export function adder(summand: number): (value: number) => number {
  return (value) => {
    if (value === 7) throw new DataError('seven')
    if (value === 8) process.exit(7)
    return summand + value
  }
}
