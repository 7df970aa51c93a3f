/** What is packed is what is unpacked, of every kind, at the ends of its range. */
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnKind, ColumnValues } from '../../../src/report/columns/blockFormat.ts'
import { NumberColumn, packBlock, TextColumn } from '../../../src/report/columns/packBlock.ts'
import { Block } from '../../../src/report/columns/unpackBlock.ts'

function through<K extends Exclude<ColumnKind, 'text'>>(kind: K, values: readonly number[]): ColumnValues[K] {
  const column = new NumberColumn(kind)
  for (const value of values) column.push(value)
  // Neighbours, so that where a column begins matters.
  const before = new NumberColumn('count')
  for (let i = 0; i < values.length % 7; i++) before.push(i * 1000)
  const { header, text } = packBlock({ before, column, after: new TextColumn() })
  return new Block(header, gunzipSync(Buffer.from(text, 'base64'))).column('column', kind)
}

const integer = fc.integer({ min: -(2 ** 30), max: 2 ** 30 })

describe('a column of', () => {
  it.each<[Exclude<ColumnKind, 'text'>, fc.Arbitrary<number>]>([
    ['bytes', fc.integer({ min: 0, max: 255 })],
    ['count', fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }))],
    ['signed', fc.oneof(integer, fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))],
    ['rising', integer],
    ['real', fc.float()],
  ])('%s comes back as it was', (kind, arbitrary) => {
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 50 }), (values) => {
        expect([...through(kind, values)]).toEqual(values)
      }),
    )
  })

  it('text comes back, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
        const column = new TextColumn()
        for (const text of texts) column.push(text)
        const { header, text } = packBlock({ column })
        const block = new Block(header, gunzipSync(Buffer.from(text, 'base64')))
        expect(block.column('column', 'text')).toEqual(texts.map((t) => t.replaceAll('\0', '\ufffd')))
      }),
    )
  })
})

it.each<[Exclude<ColumnKind, 'text'>, number]>([
  ['bytes', 256],
  ['bytes', 0.5],
  ['count', -1],
  ['count', 2 ** 32],
  ['signed', 2 ** 31],
  ['signed', NaN],
])('%s cannot hold %d, and says so', (kind, value) => {
  expect(() => new NumberColumn(kind).push(value)).toThrow(RangeError)
})

it('a block that is cut, and a column that is not there, are told', () => {
  const column = new NumberColumn('count')
  column.push(1)
  const { header, text } = packBlock({ column })
  const bytes = gunzipSync(Buffer.from(text, 'base64'))
  expect(() => new Block(header, bytes.subarray(1))).toThrow('0 bytes instead of 1')
  expect(() => new Block(header, bytes).column('column', 'real')).toThrow("no column 'column' of real")
})
