/** A short version of the loop that kills runs at random moments; `npx tsx test/batch/killLoop.ts` is the long one. */
import { expect, it } from 'vitest'
import { killLoop } from './killLoop.ts'

it('loses, doubles and leaves nothing in 20 kills', async () => {
  const report = await killLoop(20, 7)
  expect(report.kills).toBeGreaterThanOrEqual(20)
  expect(report.finished).toBeGreaterThan(0)
  expect(report).toMatchObject({ different: [], leftBehind: [], failures: [] })
})
