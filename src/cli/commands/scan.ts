/** `sis scan MOTIFS SEQUENCES`: where motifs occur, with exact p-values, as BED. */
import { z } from 'zod'
import { uniformBackground } from '../../sequence/alphabet.ts'
import { withDefault } from '../../run/config/schemaParts.ts'
import { scanRun } from '../../run/scan/scanRun.ts'
import type { Command } from '../command.ts'
import { flagsOf, parseFlags } from '../flags.ts'

const scanSchema = z.strictObject({
  p: z.number().gt(0).max(1).default(1e-4).describe('highest p-value of a hit'),
  motif: z
    .array(z.string())
    .optional()
    .describe('only these: names of motifs, or of the factors that name them'),
  genome: z.string().optional().describe('of the intervals, where SEQUENCES is a BED file'),
  background: z
    .array(z.number().gt(0).max(1))
    .length(4)
    .refine((shares) => Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-3, 'must sum to 1')
    .default([...uniformBackground])
    .describe('shares of A C G T in the sequences, by which p-values are reckoned'),
  'q-values': z
    .boolean()
    .default(true)
    .describe('false discovery rates among all windows; an indexed genome is scanned twice for them'),
  threads: z
    .int()
    .positive()
    .optional()
    .describe(withDefault('threads that scan', 'SLURM_CPUS_PER_TASK where set, else all processors')),
  out: z.string().optional().describe('file to write; stdout unless given, or -'),
})

const flags = flagsOf(scanSchema)

export const scanCommand: Command = {
  usage: 'scan <motifs> <sequences>',
  summary: 'where motifs occur in sequences or a genome, both strands, with exact p-values, as sorted BED',
  positionals: {
    motifs: { type: 'string', description: "run directory (its motifs' site matrices) or motif file" },
    sequences: {
      type: 'string',
      description: 'FASTA (read piece by piece where samtools faidx has indexed it), or BED with --genome',
    },
  },
  flags,
  examples: [
    ['sis scan run genome.fa.gz --out hits.bed', 'all motifs of a run in a genome'],
    ['sis scan run peaks.bed --genome genome.fa --motif joint_1 --p 1e-5', 'one motif in some places'],
  ],
  async run(argv, environment) {
    const given = Object.fromEntries(Object.keys(flags).map((flag) => [flag, argv[flag]]))
    const { p, motif, genome, background, threads, out, ...rest } = parseFlags(scanSchema, given)
    const options = { motifs: argv['motifs'] as string, sequences: argv['sequences'] as string }
    await scanRun(
      {
        ...options,
        genome,
        p,
        names: motif,
        background,
        qValues: rest['q-values'],
        threads,
        output: out === undefined || out === '-' ? environment.stdout : out,
      },
      environment,
    )
  },
}
