/** Every flag that names an input file is read from the working directory; a file of the wrong kind is called by its name. */
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { flagsOf, overridesOf } from '../../src/cli/flags.ts'
import { readBed } from '../../src/io/regions/bed.ts'
import { readFasta } from '../../src/io/sequences/fasta.ts'
import { openGenome } from '../../src/io/regions/genome.ts'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'
import { clusterSchema, importSchema, sourceSchema } from '../../src/run/config/configSchema.ts'
import { messageOf, temporaryFiles } from '../io/support.ts'

const sections = { source: sourceSchema, import: importSchema, cluster: clusterSchema }
const names = Object.entries(sections).flatMap(([section, schema]) =>
  Object.entries(flagsOf(schema))
    .filter(([, { type, choices, description }]) => {
      return (
        type === 'string' &&
        choices === undefined &&
        /\b(?:file|FASTA|BED|BAM|labels of)\b/.test(description ?? '')
      )
    })
    .map(([flag]) => [section as keyof typeof sections, flag] as const),
)

describe('flags that name files', () => {
  it('are all of these', () => {
    expect(names.map(([, flag]) => flag)).toEqual([
      'fasta',
      'target',
      'positives',
      'negatives',
      'table',
      'bed',
      'bam',
      'peaks',
      'genome',
      'simulate',
      'weights',
      'known-motifs',
    ])
  })

  it.each(names)('%s: --%s is relative to the working directory', (section, flag) => {
    const flags = flagsOf(sections[section])
    expect(overridesOf({ [flag]: 'sub/x' }, flags, 'a')).toEqual({ [`a.${flag}`]: resolve('sub/x') })
  })
})

const write = temporaryFiles()
const readers = {
  fasta: (path: string) => messageOf(readFasta(path)),
  bed: (path: string) => messageOf(readBed(path)),
  genome: (path: string) => messageOf(openGenome(path)),
  motifs: (path: string) => messageOf(readKnownMotifs(path)),
}
const kinds: readonly (readonly [string, string, RegExp])[] = [
  ['2bit', '\x43\x27\x41\x1a\0\0\0\0', /2bit.*twoBitToFa/],
  ['CRAM', 'CRAM\x03\0', /CRAM.*samtools view/],
  ['bigWig', '\x26\xfc\x8f\x88\0\0', /bigWig/],
  ['bigBed', '\xeb\xf2\x89\x87\0\0', /bigBed/],
  ['zip', 'PK\x03\x04\0\0', /zip/],
]

describe.each(Object.keys(readers) as (keyof typeof readers)[])('a wrong file for %s', (reader) => {
  it.each(kinds)('%s', async (name, head, message) => {
    const path = write(`${reader}-${name}`, Buffer.from(head.padEnd(64, '\0'), 'latin1'))
    const text = await readers[reader](path)
    expect(text).toMatch(/^DataError: /)
    expect(text).toMatch(message)
  })
})

it('a file of motifs with the line ends of an old Mac', async () => {
  expect(await readers.motifs(write('mac.meme', 'MEME version 4\rMOTIF a\r'))).toContain(
    'carriage returns alone',
  )
})

it('BED in place of a genome', async () => {
  expect(await readers.genome(write('g.bed', 'chr1\t1\t9\n'))).toContain("is no FASTA: it begins with 'chr1'")
})
