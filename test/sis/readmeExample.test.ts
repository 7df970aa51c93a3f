/** The example of src/sis/README.md, step by step: the numbers there are those that the functions give. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeSequence, encodeSequence, masked } from '../../src/sequence/alphabet.ts'
import { createReferenceSelector } from '../../src/sis/backwardSelect.ts'
import { findSis } from '../../src/sis/findSis.ts'
import { sequenceInput } from '../../src/sis/sequenceInput.ts'
import { sisCollection } from '../../src/sis/sisCollection.ts'
import { atLeast, toyQueue, type ToyFunction } from './toyPredictors.ts'

const readme = readFileSync(resolve(import.meta.dirname, '../../src/sis/README.md'), 'utf8')

const points: Readonly<Record<string, number>> = { G: 4, A: 2, C: 1, T: 0 }

/** Points of the bases that are not masked. */
const f: ToyFunction = (codes) =>
  codes
    .filter((code) => code !== masked)
    .reduce((sum, code) => sum + points[decodeSequence(Uint8Array.of(code))]!, 0)

const sequence = 'GATCAG'
const decision = atLeast(6)
const input = sequenceInput('example', encodeSequence(sequence))

/** Cells of the rows of a table that has a column of this name. */
function tableWith(column: string): string[][] {
  const lines = readme.split('\n')
  const head = lines.findIndex((line) => line.startsWith('|') && line.includes(`| ${column} |`))
  const rows = lines.slice(head + 2)
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
}

/** As the tables write it: the sequence with masked bases as `-`. */
function shown(present: Uint8Array): string {
  return decodeSequence(input.cells.map((code, i) => (present[i] === 1 ? code : masked)) as Uint8Array)
}

async function orderingTable(present: Uint8Array): Promise<string[][]> {
  const { features, scores } = await createReferenceSelector(toyQueue(6, f), '>=').select(input, present)
  const left = present.slice()
  return [...features].map((feature, step) => {
    left[feature] = 0
    return [`${step + 1}`, `${sequence[feature]!} at ${feature}`, shown(left), `${scores[step]!}`]
  })
}

describe('the example of the README', () => {
  it('orders as its table says', async () => {
    expect(tableWith('masked next')).toEqual(await orderingTable(new Uint8Array(6).fill(1)))
  })

  it('finds the subset that its text says, and the collection of its table', async () => {
    const all = new Uint8Array(6).fill(1)
    const ordering = await createReferenceSelector(toyQueue(6, f), '>=').select(input, all)
    expect([...findSis(ordering, f([...input.cells]), decision)!]).toEqual([5, 0])
    const { subsets, scoreFull, evaluations } = await sisCollection(input, {
      scorer: toyQueue(6, f),
      decision,
    })
    expect(readme).toContain(`f(x) = ${scoreFull}`)
    expect(readme).toContain(`${evaluations} evaluations`)
    expect(tableWith('f(x_S)')).toEqual(
      subsets.map(({ rank, features, certificate }) => [
        `${rank}`,
        `{${[...features].join(', ')}}`,
        `${certificate.scoreSis}`,
        `${certificate.scoreResidual}`,
        `${certificate.certified}`,
      ]),
    )
  })
})
