/** What is found in a thread of its own, or without one where parts are few, is the same. */
import { expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { findPartMotifs, type PlacedPart } from '../../src/motif/partMotifs.ts'
import { findPartMotifsInThread } from '../../src/motif/partMotifsInThread.ts'
import { encodeSequence } from '../../src/sequence/alphabet.ts'

const random = new Random(6, 'parts in a thread')
const parts: PlacedPart[] = Array.from({ length: 200 }, () => {
  const site = random.below(2) === 0 ? 'TGACGTCATTGCA' : 'CCAGATAAGGCTT'
  const flank = Array.from({ length: 40 }, () => 'ACGT'[random.below(4)]!)
  flank.splice(12, site.length, ...Array.from(site))
  const positions = Array.from(site, (_, i) => 12 + i).filter(() => random.uniform() < 0.9)
  return { codes: encodeSequence(flank.join('')), positions }
})
const options = { method: 'dbscan', reverseComplements: true, seed: 1 } as const

it('finds the same motifs in a thread, and tells how far it is', async () => {
  const shares: number[] = []
  const search = await findPartMotifsInThread(parts, options, { progress: (share) => shares.push(share) })
  expect(search).toEqual(findPartMotifs(parts, options))
  expect(search.motifs).toHaveLength(2)
  for (const { stability } of search.motifs) expect(stability).toBeGreaterThan(0.8)
  expect(shares.length).toBeGreaterThan(20)
  expect(shares).toEqual(shares.toSorted((a, b) => a - b))
  expect(Math.max(...shares)).toBeLessThanOrEqual(1)
})

it('finds them without one where they are few', async () => {
  const few = parts.slice(0, 60)
  const shares: number[] = []
  const search = await findPartMotifsInThread(few, options, { progress: (share) => shares.push(share) })
  expect(search).toEqual(findPartMotifs(few, options))
  expect(shares.length).toBeGreaterThan(20)
})

it.each([60, 200])('is not begun where it is aborted already, with %i parts', async (count) => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(findPartMotifsInThread(parts.slice(0, count), options, { signal })).rejects.toThrow('enough')
})
