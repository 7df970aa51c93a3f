/** Motif instances as text: BED6+, GFF3, a table, FASTA. Columns and attributes are told in docs/files.md. */
import { bedLines, type BedFeature } from '../../io/features/bedFeatures.ts'
import { gff3Head, gff3Line, gff3Region } from '../../io/features/gff3Features.ts'
import type { Database } from '../../store/duckdb.ts'
import { instanceColumns, readExtents, readInstances, type Instance } from './instances.ts'

export const instanceFormats = ['bed', 'gff3', 'tsv', 'fasta', 'finemo'] as const
export type InstanceFormat = (typeof instanceFormats)[number]

/** @param database as `selectInstances` leaves it */
export function instanceText(database: Database, format: InstanceFormat): AsyncGenerator<string> {
  switch (format) {
    case 'bed':
      return bedLines(mapped(readInstances(database), bedFeature))
    case 'gff3':
      return gff3(database)
    case 'tsv':
      return tsv(database)
    case 'fasta':
      return fasta(database)
    case 'finemo':
      return finemo(database)
  }
}

/** Of a part; unique in the run. */
function idOf({ model, sequence_id, rank, part }: Instance): string {
  return `${model}.${sequence_id}.${rank}.${part}`
}

async function* mapped<T>(
  batches: AsyncIterable<readonly Instance[]>,
  map: (instance: Instance) => T,
): AsyncGenerator<T[]> {
  for await (const batch of batches) yield batch.map(map)
}

function bedFeature(instance: Instance): BedFeature {
  const { chrom, start, end, motif, score, strand, factor, site_score, score_alone } = instance
  const { model, sequence, rank, part, pattern } = instance
  return {
    chrom,
    start,
    end,
    name: motif ?? '.',
    score,
    strand: strand ?? undefined,
    more: [factor, site_score, score_alone, model, sequence, rank, part, pattern],
  }
}

async function* gff3(database: Database): AsyncGenerator<string> {
  yield gff3Head
  for await (const extent of readExtents(database)) yield gff3Region(extent)
  for await (const lines of mapped(readInstances(database), gff3Feature)) yield lines.join('')
}

function gff3Feature(instance: Instance): string {
  const { chrom, start, end, strand, motif, site_score, factor, cut } = instance
  return gff3Line({
    seqid: chrom,
    type: motif === null ? 'sequence_feature' : 'TF_binding_site',
    start,
    end,
    score: site_score,
    strand: strand ?? undefined,
    attributes: [
      ['ID', idOf(instance)],
      ['Name', motif],
      ['factor', factor],
      ['model', instance.model],
      ['sequence', instance.sequence],
      ['rank', instance.rank],
      ['part', instance.part],
      ['pattern', instance.pattern],
      ['score_alone', instance.score_alone],
      ['cut', cut ? 'true' : null],
    ],
  })
}

/** The score of 0 to 1000 is BED's own. */
const tsvColumns = instanceColumns.filter((column) => column !== 'score')

async function* tsv(database: Database): AsyncGenerator<string> {
  yield `${tsvColumns.join('\t')}\n`
  const line = (instance: Instance): string =>
    `${tsvColumns.map((column) => tsvField(instance[column])).join('\t')}\n`
  for await (const lines of mapped(readInstances(database), line)) yield lines.join('')
}

function tsvField(value: string | number | boolean | null): string {
  return value === null ? '' : String(value).replace(/[\t\r\n]/g, ' ')
}

/**
 * The columns of finemo 0.41's hits.tsv (its data_io.py, `HITS_DTYPES`), in its order, of what SIS know: the coefficient is the
 * site's bits, similarity those over the most that a site of the motif has, importance the kept bases.
 */
const finemoColumns: readonly (readonly [name: string, of: (hit: Instance) => string | number | null])[] = [
  ['chr', ({ chrom }) => chrom],
  ['start', ({ start }) => start],
  ['end', ({ end }) => end],
  ['start_untrimmed', ({ start }) => start],
  ['end_untrimmed', ({ end }) => end],
  ['motif_name', ({ motif }) => motif],
  ['hit_coefficient', ({ site_score }) => site_score],
  ['hit_coefficient_global', ({ site_score }) => site_score],
  ['hit_similarity', ({ score }) => score / 1000],
  ['hit_correlation', ({ score }) => score / 1000],
  ['hit_importance', ({ pattern }) => pattern.replaceAll('-', '').length],
  ['hit_importance_sq', ({ pattern }) => pattern.replaceAll('-', '').length],
  ['strand', ({ strand }) => strand],
  ['peak_name', ({ sequence }) => sequence],
  ['peak_id', ({ sequence_id }) => sequence_id],
]

async function* finemo(database: Database): AsyncGenerator<string> {
  yield `${finemoColumns.map(([name]) => name).join('\t')}\n`
  const line = (instance: Instance): string =>
    `${finemoColumns.map(([, of]) => tsvField(of(instance))).join('\t')}\n`
  for await (const lines of mapped(readInstances(database), line)) yield lines.join('')
}

async function* fasta(database: Database): AsyncGenerator<string> {
  for await (const records of mapped(readInstances(database), fastaRecord)) yield records.join('')
}

function fastaRecord(instance: Instance): string {
  const { chrom, start, end, strand, motif, factor, site_score, score_alone } = instance
  const { model, sequence, rank, part, pattern, letters, cut } = instance
  const facts = {
    motif,
    factor,
    place: `${chrom}:${start}-${end}(${strand!})`,
    site_score,
    score_alone,
    model,
    sequence,
    rank,
    part,
    pattern,
    cut: cut ? 'true' : null,
  }
  const told = Object.entries(facts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}=${String(value).replace(/\s+/g, '_')}`)
  return `>${idOf(instance)}${told.join('')}\n${letters}\n`
}
