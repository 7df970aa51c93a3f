/** What planners write and kernels read has one place each: the tables of src/kernels/layout. */
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { floatBits, recordBytes, recordOf } from '../../src/engine/kernelRecords.ts'
import * as recordSizes from '../../src/kernels/layout/recordSizes.ts'

const folder = resolve(import.meta.dirname, '../../src/kernels/layout')
const tables = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'recordSizes.ts')

async function tableOf(file: string): Promise<Record<string, number>> {
  return { ...((await import(`${folder}/${file}`)) as Record<string, number>) }
}

describe('layouts', () => {
  it.each(tables)('%s gives each field a place of its own, one behind the other', async (file) => {
    const places = Object.values(await tableOf(file)).sort((a, b) => a - b)
    expect(places.length).toBeGreaterThan(0)
    expect(places).toEqual(places.map((_, i) => i))
  })

  it.each([
    ['VALUE_BYTES', 'differencesValue.ts'],
    ['OPERATION_BYTES', 'differencesOperation.ts'],
    ['HEAD_BYTES', 'head.ts'],
    ['LAYER_BYTES', 'headLayer.ts'],
  ] as const)('%s holds the fields of %s', async (size, file) => {
    expect(recordBytes(await tableOf(file))).toBeLessThanOrEqual(recordSizes[size])
    expect(recordSizes[size] % 4).toBe(0)
  })

  it('of records without room between them are as long as their fields', async () => {
    // The head's layers follow it at once.
    expect(recordSizes.HEAD_BYTES).toBe(recordBytes(await tableOf('head.ts')))
    expect(recordSizes.LAYER_BYTES).toBe(recordBytes(await tableOf('headLayer.ts')))
  })
})

describe('records', () => {
  const fields = { FIRST: 0, THIRD: 2, SECOND: 1 }

  it('have each number at the place of its name, and 0 where none is given', () => {
    expect([...recordOf(fields, { THIRD: 30, FIRST: 10 })]).toEqual([10, 0, 30])
    expect(recordBytes(fields)).toBe(12)
  })

  it('hold a float32 by its bits', () => {
    const [word] = recordOf(fields, { FIRST: floatBits(-1.5) })
    expect(new Float32Array(Int32Array.of(word!).buffer)[0]).toBe(-1.5)
  })
})
