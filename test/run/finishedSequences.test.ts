import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { silentReporter } from '../../src/base/reporter.ts'
import { openFinishedSequences } from '../../src/run/stages/finishedSequences.ts'
import { attemptOf, attemptsOf } from './attemptsOf.ts'
import type { ExtractedCollection } from '../../src/sis/extractCollections.ts'
import { selections } from '../../src/sis/types.ts'
import { toyInput } from '../sis/toyPredictors.ts'
import { temporaryDirectory } from '../cli/runSis.ts'

const score = fc.float({ noNaN: true })
const subset = fc.record({
  features: fc.uniqueArray(fc.nat(5000), { maxLength: 30 }).map((list) => Int32Array.from(list).sort()),
  certificate: fc.record({
    scoreFull: score,
    scoreSis: score,
    scoreResidual: score,
    scoreMasked: score,
    minimal: fc.boolean(),
    certified: fc.boolean(),
  }),
  vacuous: fc.boolean(),
  recomputed: fc.boolean(),
})

/** Any collections at all, of inputs 0, 1, …; some have no SIS. */
const results: fc.Arbitrary<ExtractedCollection[]> = fc
  .array(
    fc.record({
      scoreFull: score,
      selection: fc.constantFrom(...selections),
      evaluations: fc.nat(),
      subsets: fc.array(subset, { maxLength: 4 }),
    }),
    {
      minLength: 1,
      maxLength: 20,
    },
  )
  .map((collections) =>
    collections.map((collection, id) => ({
      id,
      collection: {
        name: `chr1:${id}`,
        ...collection,
        subsets: collection.subsets.map((found, rank) => ({ rank, ...found })),
      },
    })),
  )
const [some] = fc.sample(
  results.filter((list) => list.length > 5),
  { numRuns: 1, seed: 1 },
)

function inputOf(id: number) {
  return { id, ...toyInput([], `chr1:${id}`) }
}

function place(): string {
  return join(temporaryDirectory(), 'tables', 'net.partial')
}

function open(path: string, { key = 'key', signal = new AbortController().signal } = {}) {
  const messages: string[] = []
  const reporter = {
    ...silentReporter,
    info: (message: string) => messages.push(message),
    warn: (message: string) => messages.push(`warning: ${message}`),
  }
  return { finished: openFinishedSequences(path, { key, signal, reporter }), messages }
}

/** Leaves these results as an interrupted extraction does. */
function leave(path: string, list: readonly ExtractedCollection[], key?: string): void {
  const { finished } = open(path, { key })
  for (const result of list) finished.add(result)
  finished.close(false)
}

describe('finished sequences', () => {
  it('are read back to the bit, whatever their scores, over several interruptions', () => {
    fc.assert(
      fc.property(results, fc.nat(20), (list, half) => {
        const path = place()
        leave(path, list.slice(0, half))
        leave(path, list.slice(half))
        const { finished, messages } = open(path)
        expect(finished.size).toBe(list.length)
        for (const { id, collection } of list) expect(finished.get(inputOf(id))).toEqual(collection)
        expect(finished.get(inputOf(list.length))).toBeUndefined()
        expect(messages).toEqual([])
        finished.close(true)
        expect(attemptsOf(path)).toEqual([])
      }),
      { numRuns: 30 },
    )
  })

  it('are written as soon as the signal comes', () => {
    const path = place()
    const stop = new AbortController()
    const { finished } = open(path, { signal: stop.signal })
    for (const result of some!) finished.add(result)
    expect(attemptsOf(path)).toEqual([])
    stop.abort()
    expect(readFileSync(attemptOf(path), 'utf8').trimEnd().split('\n')).toHaveLength(1 + some!.length)
    finished.close(false)
  })

  it('leave nothing behind where nothing was finished', () => {
    const path = place()
    leave(path, [])
    expect(attemptsOf(path)).toEqual([])
  })

  it('do not count, and go, under another key', () => {
    const path = place()
    leave(path, some!, 'before')
    const { finished, messages } = open(path, { key: 'after' })
    expect(finished.size).toBe(0)
    expect(messages).toEqual([expect.stringContaining('does not count')])
    expect(attemptsOf(path)).toEqual([])
    finished.close(true)
  })

  it.each(['', 'something else', '{"format":"sis finished sequences 1","key":"key"}', '\n\n'])(
    'do without a file that has none: %j',
    (text) => {
      const path = place()
      mkdirSync(join(path, '..'))
      writeFileSync(path, text)
      const { finished } = open(path)
      expect(finished.size).toBe(0)
      for (const result of some!) finished.add(result)
      finished.close(false)
      expect(open(path).finished.size).toBe(some!.length)
    },
  )

  it('lose only the last where a killed process cut it short, and can be added to', () => {
    const path = place()
    leave(path, some!)
    const file = attemptOf(path)
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -3))
    const { finished, messages } = open(path)
    expect([finished.size, messages]).toEqual([some!.length - 1, []])
    finished.add(some!.at(-1)!)
    finished.close(false)
    const again = open(path)
    for (const { id, collection } of some!) expect(again.finished.get(inputOf(id))).toEqual(collection)
  })

  it('leave out, and tell, a line that is not as it was written; a bit of a score is enough', () => {
    const path = place()
    leave(path, some!)
    const file = attemptOf(path)
    const lines = readFileSync(file, 'utf8').split('\n')
    const at = lines[3]!.indexOf('"scoreFull":"') + '"scoreFull":"'.length
    const letter = lines[3]![at] === 'A' ? 'B' : 'A'
    lines[3] = lines[3]!.slice(0, at) + letter + lines[3]!.slice(at + 1)
    lines[5] = lines[5]!.split('\t')[0]!
    writeFileSync(file, lines.join('\n'))
    const { finished, messages } = open(path)
    expect(finished.size).toBe(some!.length - 2)
    for (const { id, collection } of some!) {
      expect(finished.get(inputOf(id))).toEqual(id === 2 || id === 4 ? undefined : collection)
    }
    const all = some!.length
    expect(messages).toEqual([
      expect.stringMatching(
        `^warning: .*net~[0-9a-f]{8}\\.partial: 2 of its ${all} lines are damaged; their sequences`,
      ),
    ])
    for (const id of [2, 4]) finished.add(some![id]!)
    finished.close(false)
    expect(open(path).finished.size).toBe(all)
  })

  it('never come back other than they were, whatever bit is flipped', () => {
    const path = place()
    leave(path, some!)
    const whole = readFileSync(attemptOf(path))
    for (let bit = 5; bit < whole.length * 8; bit += 397) {
      const damaged = Buffer.from(whole)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      writeFileSync(path, damaged)
      const { finished } = open(path)
      for (const { id, collection } of some!) {
        const found = finished.get(inputOf(id))
        if (found !== undefined) expect(found).toEqual(collection)
      }
      finished.close(true)
    }
  })

  it('of two attempts at once are kept apart, and one that ends later writes nothing that stays', () => {
    const path = place()
    const [lost, retry] = [open(path).finished, open(path).finished]
    const half = Math.floor(some!.length / 2)
    for (const result of some!.slice(0, half)) lost.add(result)
    for (const result of some!.slice(half)) retry.add(result)
    lost.close(false)
    retry.close(false)
    expect(attemptsOf(path)).toHaveLength(2)

    const stop = new AbortController()
    const zombie = open(path, { signal: stop.signal }).finished
    zombie.add(some![0]!)
    stop.abort()
    const last = open(path)
    expect(last.finished.size).toBe(some!.length)
    last.finished.close(true)
    zombie.add(some![1]!)
    for (const { id, collection } of some!.slice(half)) expect(zombie.get(inputOf(id))).toEqual(collection)
    zombie.close(false)
    expect(attemptsOf(path)).toEqual([])
  })

  it('say so where they cannot be written', () => {
    const path = place()
    writeFileSync(join(path, '..'), 'a file where the directory should be')
    const { finished, messages } = open(path)
    finished.add(some![0]!)
    finished.close(false)
    expect(messages).toEqual([
      expect.stringMatching(/^warning: the last 1 finished sequences could not be kept: /),
    ])
  })
})
