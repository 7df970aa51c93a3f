/** Lines of text files, plain and packed. */
import { chmodSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { readLines } from '../../src/io/files/textLines.ts'
import { bgzip } from './packing.ts'
import { collect, messageOf, temporaryFiles } from './support.ts'

const write = temporaryFiles()

async function texts(path: string): Promise<string[]> {
  return (await collect(readLines(path))).map(({ text }) => text)
}

describe('readLines', () => {
  it('numbers lines from 1, takes CRLF and LF, and a last line without its end', async () => {
    const path = write('mixed', 'one\r\ntwo\n\nfour')
    expect(await collect(readLines(path))).toEqual([
      { text: 'one', line: 1 },
      { text: 'two', line: 2 },
      { text: '', line: 3 },
      { text: 'four', line: 4 },
    ])
  })

  it('gives nothing for an empty file and no extra line for a final line end', async () => {
    expect(await texts(write('empty', ''))).toEqual([])
    expect(await texts(write('one', 'a\n'))).toEqual(['a'])
  })

  it('drops a byte order mark', async () => {
    expect(await texts(write('bom', '\uFEFFname,seq\n'))).toEqual(['name,seq'])
  })

  it('tells gzip, gzip of many members and bgzip by content, not by name', async () => {
    expect(await texts(write('a.txt', gzipSync('a\nb\n')))).toEqual(['a', 'b'])
    expect(await texts(write('b.txt', Buffer.concat([gzipSync('a\nb'), gzipSync('c\nd\n')])))).toEqual([
      'a',
      'bc',
      'd',
    ])
    expect(await texts(write('c.txt', bgzip('a\nb', 'c\nd\n')))).toEqual(['a', 'bc', 'd'])
    expect(await texts(write('plain.gz', 'not packed\n'))).toEqual(['not packed'])
  })

  it('unpacks files of many chunks without a warning of Node', async () => {
    const warnings: string[] = []
    const listen = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', listen)
    // Letters at random: they pack to about two bits each.
    const random = new Random(1, 'chunks')
    const lines = Array.from({ length: 60_000 }, () =>
      Array.from({ length: 100 }, () => 'ACGT'[random.below(4)]).join(''),
    )
    expect(await texts(write('chunks.gz', gzipSync(lines.join('\n'))))).toEqual(lines)
    await setImmediate() // warnings are told in the next turn
    process.off('warning', listen)
    expect(warnings).toEqual([])
  })

  it('joins lines and letters of several bytes across chunk borders', async () => {
    const long = 'ä'.repeat(400_000)
    const path = write('long', `short\n${long}\nlast`)
    expect(await texts(path)).toEqual(['short', long, 'last'])
    expect((await collect(readLines(path))).at(-1)!.line).toBe(3)
  })

  it('gives back any lines that were written, packed or not', async () => {
    const lines = fc.array(fc.string({ unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), async (expected, packed) => {
        const text = expected.map((line) => `${line}\n`).join('')
        expect(await texts(write('any', packed ? gzipSync(text) : text))).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })

  it('stops reading when its caller does', async () => {
    const path = write('packed', gzipSync('a\n'.repeat(1_000_000)))
    for await (const { text } of readLines(path)) {
      expect(text).toBe('a')
      break
    }
  })

  it('names the file that is missing, a directory or not readable', async () => {
    expect(await messageOf(readLines('/nowhere/x.fa'))).toBe(
      'DataError: /nowhere/x.fa: no such file; check the path',
    )
    expect(await messageOf(readLines(import.meta.dirname))).toBe(
      `DataError: ${import.meta.dirname}: is a directory, not a file`,
    )
  })

  it.skipIf(process.getuid?.() === 0)('names the file that it may not read', async () => {
    const path = write('locked', 'a')
    chmodSync(path, 0)
    expect(await messageOf(readLines(path))).toContain(`${path}: no permission to read it`)
  })

  it('fails on truncated gzip', async () => {
    const packed = gzipSync('ACGT\n'.repeat(1000))
    const path = write('cut.gz', packed.subarray(0, packed.length - 12))
    expect(await messageOf(readLines(path))).toBe(
      `DataError: ${path}: the gzip data end early: the file is truncated; copy or download it again`,
    )
  })

  it('fails on corrupt gzip', async () => {
    const packed = gzipSync('ACGT\n'.repeat(1000))
    packed[packed.length - 6]! ^= 255 // in the checksum
    const path = write('corrupt.gz', packed)
    expect(await messageOf(readLines(path))).toBe(
      `DataError: ${path}: the gzip data are corrupt; copy or download it again`,
    )
  })

  it.each([
    ['gzip', Buffer.concat(['a\n', 'b\n', 'c\n'].map((text) => gzipSync(text))), gzipSync('a\n').length],
    ['bgzip', bgzip('a\n', 'b\n', 'c\n'), bgzip('a\n').length - 28],
  ])(
    'fails on %s with a member that no longer begins, and does not take it for the end',
    async (_, whole, at) => {
      whole[at] = 0
      const path = write('hole', whole)
      expect(await messageOf(readLines(path))).toBe(
        `DataError: ${path}: the gzip data are corrupt at byte ${at}; copy or download it again`,
      )
    },
  )

  it('reads gzip that is padded with zeros', async () => {
    expect(await texts(write('padded', Buffer.concat([gzipSync('a\n'), Buffer.alloc(1000)])))).toEqual(['a'])
  })

  it('fails on bgzip cut between two blocks, which is valid gzip', async () => {
    const whole = bgzip('a\n', 'b\n')
    const path = write('cut.bgz', whole.subarray(0, bgzip('a\n').length - 28))
    expect(await messageOf(readLines(path))).toBe(
      `DataError: ${path}: the bgzip end-of-file marker is missing: the file is truncated; copy or download it again`,
    )
  })
})
