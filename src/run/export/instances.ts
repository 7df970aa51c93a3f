/** Motif instances: the parts of a run's SIS with their sites, on the genome where the input had coordinates. */
import type { Database } from '../../store/duckdb.ts'
import { sqlText } from '../../store/sqlText.ts'
import type { TableName } from '../../store/tables.ts'
import { printableValue } from '../../store/values.ts'

export const instanceTables = [
  'sequences',
  'models',
  'sis_parts',
  'motifs',
  'motif_matches',
  'part_scores',
] as const satisfies readonly TableName[]

/** `auto`: the genome's where the sequence has them, else the sequence's own. */
export const coordinateSystems = ['auto', 'genome', 'sequence'] as const
export type Coordinates = (typeof coordinateSystems)[number]

export interface InstanceSelection {
  /** Only of this model. */
  readonly model?: string | undefined
  readonly coordinates: Coordinates
  /** Parts in no motif too. */
  readonly allParts: boolean
}

/** One part. Where it is in a motif, its interval is the motif's site, cut at the sequence's ends; else its kept bases. */
export interface Instance {
  /** The chromosome, or the sequence's name, as `chromText` writes it. */
  readonly chrom: string
  readonly start: number // 0-based
  readonly end: number // half-open
  readonly strand: '+' | '-' | null // on `chrom`; null where the part is in no motif
  readonly motif: string | null
  readonly factor: string | null // that names the motif, if one does
  readonly score: number // 0 to 1000: site_score over the motif's highest, negative ones as 0
  readonly site_score: number | null // bits
  readonly score_alone: number | null // null where logic has not run
  readonly model: string
  readonly sequence: string
  readonly sequence_id: number
  readonly rank: number
  readonly part: number
  readonly pattern: string
  readonly first: number // 0-based in the sequence, as are the following
  readonly last: number
  readonly site_start: number | null
  readonly site_end: number | null
  readonly motif_strand: '+' | '-' | null // in the sequence
  readonly cut: boolean // whether the motif's site reaches beyond the sequence
  readonly letters: string // of the interval, as the motif reads
}

/** In the order of a table of them. */
export const instanceColumns = [
  'chrom',
  'start',
  'end',
  'strand',
  'motif',
  'factor',
  'score',
  'site_score',
  'score_alone',
  'model',
  'sequence',
  'sequence_id',
  'rank',
  'part',
  'pattern',
  'first',
  'last',
  'site_start',
  'site_end',
  'motif_strand',
  'cut',
  'letters',
] as const satisfies readonly (keyof Instance)[]

/** What is not in the rows, or not as one might think. */
export interface InstanceCounts {
  readonly instances: number
  /** Sites that lie wholly beyond their sequence's ends. */
  readonly beyond: number
  /** Sequences with instances. */
  readonly sequences: number
  /** Of them, those with genome coordinates. */
  readonly sequencesOnGenome: number
}

/**
 * Readies the instances for `readInstances` and `readExtents`.
 * @param database with `instanceTables`
 * @param chromText what a format makes of a name; only names that it changes are held
 */
export async function selectInstances(
  database: Database,
  selection: InstanceSelection,
  chromText: (name: string) => string,
): Promise<InstanceCounts> {
  await database.run(`CREATE TEMP VIEW selected AS ${selectionSql(selection)}`)
  await database.run('CREATE TEMP TABLE chrom_text (frame VARCHAR, written VARCHAR)')
  const changed: (readonly [string, string])[] = []
  const names = await database.stream('SELECT DISTINCT frame FROM selected')
  for await (const chunk of database.chunks(names)) {
    for (const [name] of chunk.getRows() as [string][]) {
      if (chromText(name) !== name) changed.push([name, chromText(name)])
    }
  }
  const appender = await database.appender('chrom_text')
  for (const [name, written] of changed) {
    appender.appendVarchar(name)
    appender.appendVarchar(written)
    appender.endRow()
  }
  appender.closeSync()
  await database.run(
    `CREATE TEMP VIEW instances AS
     SELECT coalesce(written, frame) AS chrom, * FROM selected LEFT JOIN chrom_text USING (frame)
     WHERE within ${selection.coordinates === 'genome' ? 'AND on_genome' : ''}`,
  )
  const [counts] = await database.rows<InstanceCounts>(
    `SELECT count(*) FILTER (within) AS instances, count(*) FILTER (NOT within) AS beyond,
       count(DISTINCT sequence_id) AS sequences,
       count(DISTINCT sequence_id) FILTER (has_place) AS "sequencesOnGenome"
     FROM selected`,
  )
  return counts!
}

/** Parts with their interval in the sequence, `own_start` to `own_end`, and the frame that it is told in. */
function selectionSql({ model, coordinates, allParts }: InstanceSelection): string {
  const wanted = [
    ...(model === undefined ? [] : [`models.name = ${sqlText(model)}`]),
    ...(allParts ? [] : ['p.motif_id IS NOT NULL']),
  ]
  return `
    WITH best AS (
      SELECT motif_id, coalesce(nullif(target_name, ''), target_id) AS name
      FROM motif_matches WHERE match_rank = 0
    ),
    named AS (
      SELECT motif_id, motifs.name AS motif, CASE WHEN naming = 'named' THEN best.name END AS factor,
        (SELECT max(site_score) FROM sis_parts WHERE sis_parts.motif_id = motifs.motif_id) AS most
      FROM motifs LEFT JOIN best USING (motif_id)
    ),
    parts AS (
      SELECT p.* EXCLUDE (strand), p.strand AS motif_strand, models.name AS model, s.name AS sequence,
        s.sequence AS bases, s.chrom AS place, s.start AS place_start, s."end" AS place_end,
        coalesce(s.strand, '+') AS place_strand,
        greatest(coalesce(p.site_start, p.first), 0) AS own_start,
        least(coalesce(p.site_end, p.last + 1), length(s.sequence)) AS own_end,
        place IS NOT NULL AND place_start IS NOT NULL AND place_end IS NOT NULL AS has_place,
        ${coordinates === 'sequence' ? 'false' : 'has_place'} AS on_genome
      FROM sis_parts p JOIN models USING (model_id) JOIN sequences s USING (sequence_id)
      ${wanted.length === 0 ? '' : `WHERE ${wanted.join(' AND ')}`}
    )
    SELECT
      CASE WHEN on_genome THEN place ELSE sequence END AS frame,
      CASE WHEN NOT on_genome THEN own_start
           WHEN place_strand = '-' THEN place_end - own_end ELSE place_start + own_start END AS start,
      CASE WHEN NOT on_genome THEN own_end
           WHEN place_strand = '-' THEN place_end - own_start ELSE place_start + own_end END AS "end",
      CASE WHEN NOT on_genome OR place_strand = '+' THEN motif_strand
           WHEN motif_strand = '+' THEN '-' WHEN motif_strand = '-' THEN '+' END AS strand,
      motif, factor,
      CASE WHEN most > 0 THEN round(1000 * greatest(site_score, 0) / most)::INTEGER ELSE 0 END AS score,
      round(site_score, 3) AS site_score, score_alone, model, sequence, sequence_id, rank, part, pattern,
      first, last, own_start, own_end, on_genome, has_place, own_end > own_start AS within,
      CASE WHEN p.motif_id IS NOT NULL THEN own_start END AS site_start,
      CASE WHEN p.motif_id IS NOT NULL THEN own_end END AS site_end,
      motif_strand, p.motif_id IS NOT NULL AND (own_start > p.site_start OR own_end < p.site_end) AS cut,
      CASE WHEN motif_strand = '-'
           THEN reverse(translate(substr(bases, own_start + 1, own_end - own_start), 'ACGT', 'TGCA'))
           ELSE substr(bases, own_start + 1, own_end - own_start) END AS letters,
      CASE WHEN on_genome THEN place_start ELSE 0 END AS frame_start,
      CASE WHEN on_genome THEN place_end ELSE length(bases) END AS frame_end
    FROM parts p LEFT JOIN named USING (motif_id)
    LEFT JOIN part_scores USING (model_id, sequence_id, rank, part)`
}

/** @returns batches, by the bytes of `chrom`, then by start, end, strand, model, sequence, SIS and part */
export async function* readInstances(database: Database): AsyncGenerator<Instance[]> {
  const result = await database.stream(
    `SELECT ${instanceColumns.map((name) => `"${name}"`).join(', ')} FROM instances
     ORDER BY chrom, start, "end", strand NULLS LAST, model, sequence_id, rank, part`,
  )
  for await (const chunk of database.chunks(result)) {
    yield chunk
      .convertRows(printableValue)
      .map(
        (row) => Object.fromEntries(instanceColumns.map((name, i) => [name, row[i]])) as unknown as Instance,
      )
  }
}

/** How far what is known of each chromosome, or sequence, reaches; in the order of the instances. */
export async function* readExtents(
  database: Database,
): AsyncGenerator<{ chrom: string; start: number; end: number }> {
  const result = await database.stream(
    'SELECT chrom, min(frame_start), max(frame_end) FROM instances GROUP BY chrom ORDER BY chrom',
  )
  for await (const chunk of database.chunks(result)) {
    for (const [chrom, start, end] of chunk.getRows() as [string, number, number][])
      yield { chrom, start, end }
  }
}
