/** Threads change nothing of what is found, and end when they are told to. */
import { expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { tomtom } from '../../src/motif/tomtom.ts'
import { tomtomInThreads } from '../../src/motif/tomtomThreads.ts'

const random = new Random(3, 'tomtomThreads.test')
const motifs = Array.from({ length: 130 }, (_, i) => ({
  id: `M${i}`,
  name: `motif ${i}`,
  ppm: Array.from({ length: 5 + random.below(14) }, () => {
    const row = Array.from({ length: 4 }, () => random.uniform() ** 3)
    const sum = row.reduce((total, value) => total + value, 0)
    return row.map((value) => value / sum)
  }),
}))
const signal = new AbortController().signal

it('gives the same matches on any number of threads, in the order of the queries', async () => {
  const expected = tomtom(motifs, motifs)
  expect(expected).toHaveLength(130 * 130)
  for (const threads of [1, 2, 3]) {
    const told: number[] = []
    const progress = (compared: number): void => void told.push(compared)
    const options = threads === 3 ? { threads, signal } : { threads, signal, progress }
    const found = await tomtomInThreads(motifs, motifs, (ranked) => ranked.all(), options)
    expect(found.flat()).toEqual(expected)
    if (threads < 3) expect(told.at(-1)).toBe(130)
  }
})

it('needs no progress told, and no targets', async () => {
  const found = await tomtomInThreads(motifs.slice(0, 2), motifs, (ranked) => ranked.query.id, {
    threads: 1,
    signal,
  })
  expect(found).toEqual(['M0', 'M1'])
  expect(await tomtomInThreads(motifs, [], () => 1, { threads: 2, signal })).toEqual([])
})

it('stops when it is told to, for the reason given', async () => {
  for (const threads of [1, 2]) {
    const stopping = new AbortController()
    const progress = (): void => {
      stopping.abort(new Error('enough'))
    }
    const options = { threads, signal: stopping.signal, progress }
    await expect(tomtomInThreads(motifs, motifs, () => 1, options)).rejects.toThrow('enough')
  }
})

it('throws what a query that is no motif makes it throw', async () => {
  const bad = [...motifs.slice(0, 110), { id: 'bad', name: 'bad', ppm: [[2, 0, 0, 0]] }]
  for (const threads of [1, 2]) {
    await expect(tomtomInThreads(bad, motifs, () => 1, { threads, signal })).rejects.toThrow(
      'query bad, column 1',
    )
  }
})
