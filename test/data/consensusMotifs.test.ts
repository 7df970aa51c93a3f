/** The shipped motif file is what its script makes of the table, and is proper MEME format. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { consensusMotifs } from '../../data/motifs/makeConsensusMotifs.ts'
import { readKnownMotifs } from '../../src/io/motifs/knownMotifs.ts'

const motifs = join(import.meta.dirname, '../../data/motifs')
const table = readFileSync(join(motifs, 'consensus.tsv'), 'utf8')
const lines = table.trimEnd().split('\n')

describe('consensus motifs', () => {
  it('are what the script makes of the table', () => {
    expect(readFileSync(join(motifs, 'consensus.meme'), 'utf8')).toBe(consensusMotifs(table))
  })

  it('read back: names, widths, rows that sum to 1 and favour the letters of the consensus', async () => {
    const read = await readKnownMotifs(join(motifs, 'consensus.meme'))
    expect(read.map(({ id }) => id)).toEqual(lines.slice(1).map((line) => line.split('\t')[0]))
    for (const [i, { ppm }] of read.entries()) {
      const consensus = lines[i + 1]!.split('\t')[2]!
      expect(ppm).toHaveLength(consensus.length)
      for (const [column, row] of ppm.entries()) {
        expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4)
        const letter = 'ACGT'.indexOf(consensus[column]!)
        if (letter >= 0) expect(row[letter]).toBeGreaterThan(0.9)
      }
    }
  })

  it('have names that are unique and consensus sequences that differ, on both strands', () => {
    const rows = lines.slice(1).map((line) => line.split('\t') as [string, string, string])
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length)
    const complements: Record<string, string> = {}
    for (const pair of 'AT CG RY SS WW KM BV DH NN'.split(' ')) {
      complements[pair[0]!] = pair[1]!
      complements[pair[1]!] = pair[0]!
    }
    const canonical = rows.map(([, , consensus]) => {
      const reversed = Array.from(consensus).reverse().map((letter) => complements[letter]!)
      return [consensus, reversed.join('')].sort()[0]
    })
    expect(new Set(canonical).size).toBe(rows.length)
  })
})
