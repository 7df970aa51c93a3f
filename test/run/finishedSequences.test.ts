import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { silentReporter } from '../../src/base/reporter.ts'
import { openFinishedSequences } from '../../src/run/stages/finishedSequences.ts'
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

async function open(path: string, { key = 'key', signal = new AbortController().signal } = {}) {
  const messages: string[] = []
  const reporter = {
    ...silentReporter,
    info: (message: string) => messages.push(message),
    warn: (message: string) => messages.push(`warning: ${message}`),
  }
  return { finished: await openFinishedSequences(path, { key, signal, reporter }), messages }
}

/** Leaves these results as an interrupted extraction does. */
async function leave(path: string, list: readonly ExtractedCollection[], key?: string): Promise<void> {
  const { finished } = await open(path, { key })
  for (const result of list) finished.add(result)
  finished.close(false)
}

describe('finished sequences', () => {
  it('are read back to the bit, whatever their scores, over several interruptions', async () => {
    await fc.assert(
      fc.asyncProperty(results, fc.nat(20), async (list, half) => {
        const path = place()
        await leave(path, list.slice(0, half))
        await leave(path, list.slice(half))
        const { finished, messages } = await open(path)
        expect(finished.size).toBe(list.length)
        for (const { id, collection } of list) expect(finished.get(inputOf(id))).toEqual(collection)
        expect(finished.get(inputOf(list.length))).toBeUndefined()
        expect(messages).toEqual([])
        finished.close(true)
        expect(existsSync(path)).toBe(false)
      }),
      { numRuns: 30 },
    )
  })

  it('are written as soon as the signal comes', async () => {
    const path = place()
    const stop = new AbortController()
    const { finished } = await open(path, { signal: stop.signal })
    for (const result of some!) finished.add(result)
    expect(existsSync(path)).toBe(false)
    stop.abort()
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(1 + some!.length)
    finished.close(false)
  })

  it('leave nothing behind where nothing was finished', async () => {
    const path = place()
    await leave(path, [])
    expect(existsSync(path)).toBe(false)
  })

  it('do not count, and go, under another key', async () => {
    const path = place()
    await leave(path, some!, 'before')
    const { finished, messages } = await open(path, { key: 'after' })
    expect(finished.size).toBe(0)
    expect(messages).toEqual([expect.stringContaining('does not count')])
    expect(existsSync(path)).toBe(false)
    finished.close(true)
  })

  it.each(['', 'something else', '{"format":"sis finished sequences 1","key":"key"}', '\n\n'])(
    'do without a file that has none: %j',
    async (text) => {
      const path = place()
      mkdirSync(join(path, '..'))
      writeFileSync(path, text)
      const { finished } = await open(path)
      expect(finished.size).toBe(0)
      for (const result of some!) finished.add(result)
      finished.close(false)
      expect((await open(path)).finished.size).toBe(some!.length)
    },
  )

  it('lose only the last where a killed process cut it short, and can be added to', async () => {
    const path = place()
    await leave(path, some!)
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -3))
    const { finished, messages } = await open(path)
    expect([finished.size, messages]).toEqual([some!.length - 1, []])
    finished.add(some!.at(-1)!)
    finished.close(false)
    const again = await open(path)
    for (const { id, collection } of some!) expect(again.finished.get(inputOf(id))).toEqual(collection)
  })

  it('leave out, and tell, a line that is not as it was written; a bit of a score is enough', async () => {
    const path = place()
    await leave(path, some!)
    const lines = readFileSync(path, 'utf8').split('\n')
    const at = lines[3]!.indexOf('"scoreFull":"') + '"scoreFull":"'.length
    const letter = lines[3]![at] === 'A' ? 'B' : 'A'
    lines[3] = lines[3]!.slice(0, at) + letter + lines[3]!.slice(at + 1)
    lines[5] = lines[5]!.split('\t')[0]!
    writeFileSync(path, lines.join('\n'))
    const { finished, messages } = await open(path)
    expect(finished.size).toBe(some!.length - 2)
    for (const { id, collection } of some!) {
      expect(finished.get(inputOf(id))).toEqual(id === 2 || id === 4 ? undefined : collection)
    }
    const all = some!.length
    expect(messages).toEqual([
      expect.stringMatching(`^warning: .*net\\.partial: 2 of its ${all} lines are damaged; their sequences`),
    ])
    for (const id of [2, 4]) finished.add(some![id]!)
    finished.close(false)
    expect((await open(path)).finished.size).toBe(all)
  })

  it('never come back other than they were, whatever bit is flipped', async () => {
    const path = place()
    await leave(path, some!)
    const whole = readFileSync(path)
    for (let bit = 5; bit < whole.length * 8; bit += 397) {
      const damaged = Buffer.from(whole)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      writeFileSync(path, damaged)
      const { finished } = await open(path)
      for (const { id, collection } of some!) {
        const found = finished.get(inputOf(id))
        if (found !== undefined) expect(found).toEqual(collection)
      }
      finished.close(true)
    }
  })

  it('say so where they cannot be written', async () => {
    const path = place()
    writeFileSync(join(path, '..'), 'a file where the directory should be')
    const { finished, messages } = await open(path)
    finished.add(some![0]!)
    finished.close(false)
    expect(messages).toEqual([
      expect.stringMatching(/^warning: the last 1 finished sequences could not be kept: /),
    ])
  })
})
