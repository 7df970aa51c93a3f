/** `sis match`: modisco-lite's patterns and a motif file, each compared with the other; who has no match is said. */
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentReporter } from '../../src/base/reporter.ts'
import { writeMemeMotifs } from '../../src/io/motifs/memeMotifs.ts'
import { comparisonOf } from '../../src/run/gather/comparisonConfig.ts'
import { matchMotifSets } from '../../src/run/match/matchMotifSets.ts'
import { lettersOf, modiscoBytes } from '../io/modiscoPatterns.ts'

describe('sis match', () => {
  let folder: string
  let known: string
  let patterns: string
  let said: string[]
  const environment = {
    reporter: {
      ...silentReporter,
      warnings: [],
      close: () => undefined,
      info(message: string) {
        said.push(message)
      },
    },
    signal: new AbortController().signal,
    stdout: process.stdout,
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sis-match-'))
    known = join(folder, 'known.meme')
    writeFileSync(
      known,
      writeMemeMotifs([
        { id: 'm1', alternateName: 'AP1', ppm: lettersOf('TGACTCAGCT'), nsites: 100 },
        { id: 'm2', ppm: lettersOf('CCGGAAGTGA'), nsites: 100 },
      ]),
    )
    const pattern = (i: number, word: string) => {
      const sequence = lettersOf(word)
      return { path: `pos_patterns/pattern_${i}`, sequence, contributions: sequence, seqlets: [50] }
    }
    patterns = join(folder, 'patterns.h5')
    writeFileSync(patterns, await modiscoBytes([pattern(0, 'AGCTGAGTCA'), pattern(1, 'TTTTTTTTTT')]))
  })

  afterAll(() => rm(folder, { recursive: true }))

  it('tells both directions in Tomtom’s columns, and which motifs are without a match', async () => {
    said = []
    const output = `${patterns}.tsv`
    await matchMotifSets({ first: known, second: patterns, q: 0.01, output }, environment)
    const [header, ...lines] = readFileSync(output, 'utf8').trimEnd().split('\n')
    expect(header).toMatch(/^Query_ID\tTarget_ID\tOptimal_offset\tp-value\tE-value\tq-value\tOverlap\t/)
    const rows = lines.map((line) => line.split('\t'))
    expect(rows.map(([query, , , , , q]) => [query, Number(q) <= 0.01])).toEqual([
      ['m1', true],
      ['m2', false],
      ['pos_patterns.pattern_0', true],
      ['pos_patterns.pattern_1', false],
    ])
    expect([0, 1, 2, 6, 7, 8, 9, 10, 11, 12, 13].map((column) => rows[0]![column])).toEqual([
      'm1',
      'pos_patterns.pattern_0',
      '0',
      '10',
      'TGACTCAGCT',
      'TGACTCAGCT',
      '-',
      'AP1',
      '',
      known,
      patterns,
    ])
    expect(rows[2]!.slice(11)).toEqual(['AP1', patterns, known])
    expect(said.filter((message) => message.includes(' match one of '))).toEqual([
      `1 of 2 motifs of ${known} match one of ${patterns} at q ≤ 0.01; none for m2`,
      `1 of 2 motifs of ${patterns} match one of ${known} at q ≤ 0.01; none for pos_patterns.pattern_1`,
    ])
  })

  it('is what sis compare names for a motif file', async () => {
    await expect(comparisonOf([known, patterns], undefined, environment)).rejects.toThrow(
      `${known} is a file, not a run; two sets of motifs are compared by 'sis match ${known} ${patterns}'`,
    )
  })
})
