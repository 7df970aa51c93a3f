/**
 * Writes consensus.meme from consensus.tsv: `npx tsx data/motifs/makeConsensusMotifs.ts`.
 * A letter's bases share what 20 sites would give them, with a pseudocount of one site spread over all four.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { consensusToPpm } from '../../src/sequence/iupac.ts'

const sites = 20

/**
 * @param table text of consensus.tsv: name, family and IUPAC consensus, one motif a line, under a header
 * @returns text in the MEME minimal format
 */
export function consensusMotifs(table: string): string {
  const motifs = table
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [name, , consensus] = line.split('\t') as [string, string, string]
      const rows = consensusToPpm(consensus).map((row) =>
        row.map((p) => ((sites * p + 0.25) / (sites + 1)).toFixed(6)).join(' '),
      )
      return [
        `MOTIF ${name}`,
        '',
        `letter-probability matrix: alength= 4 w= ${rows.length} nsites= ${sites} E= 0`,
        ...rows,
        '',
      ].join('\n')
    })
  return [
    'MEME version 4',
    '',
    'ALPHABET= ACGT',
    '',
    'strands: + -',
    '',
    'Background letter frequencies',
    'A 0.25 C 0.25 G 0.25 T 0.25',
    '',
    ...motifs,
  ].join('\n')
}

if (process.argv[1] === import.meta.filename) {
  const table = readFileSync(join(import.meta.dirname, 'consensus.tsv'), 'utf8')
  writeFileSync(join(import.meta.dirname, 'consensus.meme'), consensusMotifs(table))
}
