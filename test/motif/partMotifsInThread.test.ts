/** What a thread of its own finds is what is found without one. */
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

it('is not begun where it is aborted already', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(findPartMotifsInThread(parts, options, { signal })).rejects.toThrow('enough')
})
