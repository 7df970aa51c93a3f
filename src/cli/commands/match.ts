/** `sis match FIRST SECOND`: which motifs of two sets are alike, in both directions. */
import { z } from 'zod'
import { matchMotifSets } from '../../run/match/matchMotifSets.ts'
import type { Command } from '../command.ts'
import { flagsOf, parseFlags } from '../flags.ts'

const matchSchema = z.strictObject({
  q: z
    .number()
    .gt(0)
    .max(1)
    .default(0.05)
    .describe("highest q-value of a match; a motif's best one is always written"),
  out: z.string().optional().describe('file to write; stdout unless given, or -'),
})

const flags = flagsOf(matchSchema)
const motifs = "run directory (its motifs' site matrices) or motif file, modisco-lite's .h5 among them"

export const matchCommand: Command = {
  usage: 'match <first> <second>',
  summary: "which motifs of two sets are alike: a table with Tomtom's columns, in both directions",
  positionals: {
    first: { type: 'string', description: motifs },
    second: { type: 'string', description: motifs },
  },
  flags,
  examples: [
    ['sis match run modisco_results.h5', 'which patterns of modisco-lite a run has too, and which not'],
    ['sis match run JASPAR.meme --q 0.01 --out matches.tsv', 'motifs of a run and a collection'],
  ],
  async run(argv, environment) {
    const given = Object.fromEntries(Object.keys(flags).map((flag) => [flag, argv[flag]]))
    const { q, out } = parseFlags(matchSchema, given)
    const output = out === undefined || out === '-' ? environment.stdout : out
    const sets = { first: argv['first'] as string, second: argv['second'] as string }
    await matchMotifSets({ ...sets, q, output }, environment)
  },
}
