/** FASTA with a target file. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readFastaWithTargets } from '../../src/io/sequences/targets.ts'
import { collect, messageOf, temporaryFiles } from './support.ts'

const write = temporaryFiles()
const fasta = write('three.fa', '>a\nAC\n>b\nGT\n>c\nTT\n')

async function labels(target: string) {
  const records = await collect(readFastaWithTargets(fasta, write('x.target', target)))
  return records.map((record) => record.labels)
}

describe('readFastaWithTargets', () => {
  it('gives one label for one column', async () => {
    expect(await labels('1\n0\n1.0\n')).toEqual([[1], [0], [1]])
  })

  it('gives the first of two one-hot columns', async () => {
    expect(await labels('1 0\n0\t1\n1 0')).toEqual([[1], [0], [1]])
  })

  it('gives every column where two are not one-hot in every line, or there are more', async () => {
    expect(await labels('1 0\n0 1\n1 1\n')).toEqual([
      [1, 0],
      [0, 1],
      [1, 1],
    ])
    expect(await labels('1 0 0\n0 1 0\n0 NA 1\n')).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, NaN, 1],
    ])
  })

  it('leaves the labels of a bad record out with it', async () => {
    const path = write('bad.fa', '>a\nAZ\n>b\nGT\n>c\n')
    const bad: string[] = []
    const records = await collect(
      readFastaWithTargets(path, write('y.target', '0\n1\n0\n'), {
        onBadRecord: (error) => bad.push(error.message),
      }),
    )
    expect(records.map(({ name, labels }) => [name, labels])).toEqual([['b', [1]]])
    expect(bad).toHaveLength(2)
  })

  it.each([
    ['1\n0\n', `has 2 lines of labels, but ${fasta} has 3 sequences; there must be one line for each`, ': '],
    [
      '1\n0\n1\n1\n',
      `has 4 lines of labels, but ${fasta} has 3 sequences; there must be one line for each`,
      ': ',
    ],
    ['', 'the file is empty: it has no labels', ': '],
    ['1\n2\n1\n', "the label '2' in column 1 is neither 0 nor 1", ':2: '],
    ['1 0\n0 x\n1 0\n', "the label 'x' in column 2 is neither 0 nor 1", ':2: '],
    ['1 0\n\n0\n1 0\n', 'has 1 columns where the lines above have 2', ':3: '],
  ])('refuses %j', async (target, message, place) => {
    const path = write('bad.target', target)
    expect(await messageOf(readFastaWithTargets(fasta, path))).toBe(`DataError: ${path}${place}${message}`)
  })
})

describe.skipIf(!process.env['SIS_REAL_DATA'])('readFastaWithTargets on real data', () => {
  it('reads the labelled CTCF peaks: positives are the records without _shuf', async () => {
    const folder = join(process.env['SIS_REAL_DATA']!, 'ctcf-labelled-101bp')
    let positives = 0
    let negatives = 0
    for await (const record of readFastaWithTargets(join(folder, 'test.fa'), join(folder, 'test.target'))) {
      if (record.labels![0] === 1) positives++
      else negatives++
      if (
        record.labels!.length !== 1 ||
        record.end! - record.start! !== 101 ||
        record.name.endsWith('_shuf') !== (record.labels![0] === 0)
      ) {
        expect.fail(record.name)
      }
    }
    expect([positives, negatives]).toEqual([9823, 9721])
  })
})
