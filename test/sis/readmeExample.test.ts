/** The example that src/sis/README.md works by hand, with the numbers that stand there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createReferenceSelector } from '../../src/sis/backwardSelect.ts'
import { sisCollection } from '../../src/sis/sisCollection.ts'
import { atLeast, sum, toyInput, toyQueue } from './toyPredictors.ts'

const readme = readFileSync(join(import.meta.dirname, '../../src/sis/README.md'), 'utf8')
/** Index masked and score after, for each table of the example. */
const tables = [...readme.matchAll(/\| masked \| left of f \|\n\|---\|---\|\n((?:\|.*\n)+)/g)].map(
  ([, rows]) => [...rows!.matchAll(/\| (\d+) \| (\d+) \|/g)].map((row) => row.slice(1).map(Number)),
)
const [, counts] = /count ([\d, ]+) while/.exec(readme)!
const input = toyInput(counts!.split(',').map(Number))

it('orders as the tables have it, and finds the two subsets in so many scores', async () => {
  expect(tables.map(({ length }) => length)).toEqual([6, 5])
  const selector = createReferenceSelector(toyQueue(6, sum), '>=')
  const present = new Uint8Array(6).fill(1)
  const subsets = [...readme.matchAll(/S[₁₂] = \{([\d, ]+)\}/g)].map(([, list]) =>
    list!.split(',').map(Number),
  )
  for (const [round, table] of tables.entries()) {
    const { features, scores } = await selector.select(input, present)
    expect([...features].map((feature, i) => [feature, scores[i]])).toEqual(table)
    for (const member of subsets[round]!) present[member] = 0
  }
  const collection = await sisCollection(input, { scorer: toyQueue(6, sum), decision: atLeast(3) })
  expect(collection.subsets.map(({ features }) => [...features])).toEqual(subsets)
  expect(collection.scoreFull).toBe(8)
  const [, evaluations] = /It took ([\d +]+) scores/.exec(readme)!
  const told = evaluations!.split('+').reduce((total, part) => total + Number(part), 0)
  expect(collection.evaluations).toBe(told)
})
