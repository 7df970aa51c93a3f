/** `sis export DIR --as FORMAT`: motif instances and motifs in the formats of other tools. */
import { exportFormats, exportRun, type ExportOptions } from '../../run/export/exportRun.ts'
import { coordinateSystems } from '../../run/export/instances.ts'
import { matrixKinds } from '../../run/export/exportedMotifs.ts'
import { openRun } from '../../run/record/openRun.ts'
import type { Command } from '../command.ts'

export const exportCommand: Command = {
  usage: 'export <dir>',
  summary:
    'write where the motifs lie (BED, GFF3, TSV, FASTA, finemo), the motifs (MEME, JASPAR, TRANSFAC, modisco h5), or attributions (bedGraph, arrays)',
  positionals: { dir: { type: 'string', description: 'run directory' } },
  flags: {
    as: { choices: exportFormats, demandOption: true, requiresArg: true, description: 'format' },
    out: { type: 'string', requiresArg: true, description: 'file to write; stdout unless given, or -' },
    model: {
      type: 'string',
      requiresArg: true,
      description: "only this model's; joint: the motifs of all models together; all unless given",
    },
    matrix: {
      choices: matrixKinds,
      requiresArg: true,
      description:
        "of meme, jaspar, transfac: the sequences' own bases at the sites (default), or those that the subsets keep",
    },
    coordinates: {
      choices: coordinateSystems,
      requiresArg: true,
      description:
        "of bed, gff3, tsv, fasta, finemo: the genome's where a sequence has them, else its own (auto, the default); only those on the genome; each sequence's own",
    },
    method: {
      type: 'string',
      requiresArg: true,
      description:
        'of bedgraph, modisco-inputs: whose attributions, as explain names them; the only ones unless given',
    },
    'all-parts': { type: 'boolean', description: 'of bed, gff3: parts in no motif too, as tsv has them' },
  },
  examples: [
    ['sis export run --as bed --out sites.bed', "the motifs' sites, for a genome browser or bedtools"],
    [
      'sis export run --as modisco-inputs --method mutagenesis --out arrays',
      'arrays for modisco-lite and finemo',
    ],
    ['sis export run --as jaspar --model cnn --matrix kept', 'what the subsets keep, as counts'],
  ],
  async run(argv, environment) {
    const context = await openRun(argv['dir'] as string, {}, environment)
    const out = argv['out'] as string | undefined
    await exportRun(context, {
      format: argv['as'] as ExportOptions['format'],
      output: out === undefined || out === '-' ? environment.stdout : out,
      model: argv['model'] as ExportOptions['model'],
      matrix: argv['matrix'] as ExportOptions['matrix'],
      coordinates: argv['coordinates'] as ExportOptions['coordinates'],
      allParts: argv['all-parts'] as ExportOptions['allParts'],
      method: argv['method'] as ExportOptions['method'],
    })
  },
}
