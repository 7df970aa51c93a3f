/** Reads the columns of the page's explorer from a run's database, streaming; see explorerIndex.ts for what they hold. */
import { z } from 'zod'
import { encodeSequence, unknown } from '../../sequence/alphabet.ts'
import { splitNames } from '../../sequence/sequenceSet.ts'
import type { Database } from '../../store/duckdb.ts'
import type { Row } from '../../store/tables.ts'
import { plainValue } from '../../store/values.ts'
import { labelOf } from '../loadReportData.ts'
import { loadMotifRefs } from '../loadLogic.ts'
import { sisFlags, strandLetters, type BlockName, type ExplorerIndex } from './explorerIndex.ts'
import { holdSequences, holdLimits, type HoldLimits } from './heldSequences.ts'
import { NumberColumn, packBlock, TextColumn, type PackedBlock } from './packBlock.ts'

/** What the page holds for its script. */
export interface ExplorerData {
  readonly index: ExplorerIndex
  readonly blocks: Readonly<Record<BlockName, PackedBlock>>
}

/** The ordering of a sequence under a model: positions in the order masked, with the score after each. */
export interface OrderingCurve {
  readonly modelId: number
  readonly sequenceId: number
  readonly positions: Int32Array // [steps]
  readonly scores: Float32Array // [steps]
}

export interface ExplorerOptions {
  /** Of some sequences. */
  readonly curves: readonly OrderingCurve[]
  /** UCSC's name of the genome; undefined where it is not known. */
  readonly genome: string | undefined
  readonly limits?: HoldLimits
}

/** @returns undefined where no SIS keeps a base */
export async function loadExplorer(
  database: Database,
  { curves, genome, limits = holdLimits }: ExplorerOptions,
): Promise<ExplorerData | undefined> {
  const { whole, held } = await holdSequences(database, limits)
  if (held.sis === 0) return undefined
  const names = await loadNames(database)
  const sequences = await packSequences(database)
  const core = {
    ...sequences.columns,
    ...(await packRows(database, names)),
    ...(await packSis(database, names)),
  }
  const truth = await packTruth(database)
  const blocks = {
    core: packBlock({ ...core, ...(await packParts(database, names)) }),
    positions: packBlock(await packPositions(database)),
    bases: packBlock(sequences.bases),
    truth: packBlock(truth.columns),
    curves: packBlock(await packCurves(database, curves)),
  }
  const header = (name: BlockName): PackedBlock['header'] => blocks[name].header
  return {
    index: {
      models: names.models,
      motifs: names.motifs,
      sets: names.sets,
      chromosomes: sequences.chromosomes,
      splits: splitNames,
      planted: truth.names,
      whole,
      held,
      genome: sequences.chromosomes.length === 0 ? null : (genome ?? null),
      blocks: {
        core: header('core'),
        positions: header('positions'),
        bases: header('bases'),
        truth: header('truth'),
        curves: header('curves'),
      },
    },
    blocks,
  }
}

interface Names {
  readonly rows: readonly Row<'models'>[]
  readonly models: ExplorerIndex['models']
  readonly motifs: ExplorerIndex['motifs']
  readonly sets: ExplorerIndex['sets']
  /** Of an id, its index. */
  readonly modelAt: ReadonlyMap<number, number>
  readonly motifAt: ReadonlyMap<number, number>
  readonly setAt: ReadonlyMap<number, number>
}

const directionSchema = z.enum(['>=', '<='])

async function loadNames(database: Database): Promise<Names> {
  const rows = await database.rows<Row<'models'>>('SELECT * FROM models ORDER BY model_id')
  const refs = await loadMotifRefs(database)
  const byPositions = await database.rows<{ model_id: number }>(
    "SELECT model_id FROM model_logic WHERE view = 'positions'",
  )
  const motifs = await database.rows<{ motif_id: number; model_id: number | null; width: number }>(
    'SELECT motif_id, model_id, len(site_pfm)::INTEGER AS width FROM motifs ORDER BY motif_id',
  )
  const sets = await database.rows<Pick<Row<'motif_sets'>, 'set_id' | 'model_id' | 'name' | 'label'>>(
    'SELECT set_id, model_id, name, label FROM motif_sets ORDER BY model_id, sis DESC, set_id',
  )
  const places = (ids: readonly number[]): Map<number, number> => new Map(ids.map((id, place) => [id, place]))
  const modelAt = places(rows.map((row) => row.model_id))
  const hasMotifs = new Set(motifs.map((row) => row.model_id))
  return {
    rows,
    models: rows.map((row) => ({
      modelId: row.model_id,
      name: row.name,
      direction: directionSchema.parse(row.direction),
      threshold: row.threshold,
      scoreMasked: row.score_masked,
      byParts: hasMotifs.has(row.model_id) && !byPositions.some((logic) => logic.model_id === row.model_id),
    })),
    motifs: motifs.map(({ motif_id, model_id, width }) => {
      const ref = refs.get(motif_id)!
      return {
        motifId: motif_id,
        name: ref.name,
        label: ref.label,
        model: model_id === null ? -1 : modelAt.get(model_id)!,
        order: ref.order,
        width,
      }
    }),
    sets: sets.map(({ model_id, name, label }) => ({ model: modelAt.get(model_id)!, name, label })),
    modelAt,
    motifAt: places(motifs.map((row) => row.motif_id)),
    setAt: places(sets.map((row) => row.set_id)),
  }
}

/** The rows of a query, one after the other, never all at once. */
async function* streamed<R>(database: Database, sql: string): AsyncGenerator<R> {
  const result = await database.stream(sql)
  const names = result.columnNames()
  for await (const chunk of database.chunks(result)) {
    const columns = chunk.convertColumns(plainValue)
    for (let row = 0; row < chunk.rowCount; row++) {
      yield Object.fromEntries(names.map((name, i) => [name, columns[i]![row]])) as R
    }
  }
}

function strandCode(strand: string | null): number {
  return strandLetters.indexOf(strand === '+' || strand === '-' ? strand : '')
}

async function packSequences(database: Database) {
  const columns = {
    name: new TextColumn(),
    order: new NumberColumn('count'),
    length: new NumberColumn('count'),
    chrom: new NumberColumn('count'),
    start: new NumberColumn('rising'),
    strand: new NumberColumn('bytes'),
    split: new NumberColumn('bytes'),
  }
  const bases = { codes: new NumberColumn('bytes'), unknown: new NumberColumn('count') }
  const chromosomes: string[] = []
  const chromosomeAt = new Map<string, number>()
  let packed = 0
  let filled = 0
  let known = 0
  let run = 0
  const addBase = (code: number): void => {
    if (code === unknown) run++
    else {
      endRun()
      known++
    }
    packed |= (code === unknown ? 0 : code) << (2 * filled)
    if (++filled === 4) flush()
  }
  const endRun = (): void => {
    if (run === 0) return
    bases.unknown.push(known)
    bases.unknown.push(run)
    known = run = 0
  }
  const flush = (): void => {
    if (filled > 0) bases.codes.push(packed)
    packed = filled = 0
  }
  type Read = Pick<Row<'sequences'>, 'name' | 'chrom' | 'start' | 'strand' | 'split' | 'sequence'> & {
    order: number
  }
  for await (const row of streamed<Read>(
    database,
    `SELECT name, chrom, start, strand, split, sequence, (row_number() OVER (ORDER BY name, place) - 1)::INTEGER AS "order"
     FROM held JOIN sequences USING (sequence_id) ORDER BY place`,
  )) {
    columns.name.push(row.name)
    columns.order.push(row.order)
    columns.length.push(row.sequence.length)
    if (row.chrom !== null && !chromosomeAt.has(row.chrom)) {
      chromosomes.push(row.chrom)
      chromosomeAt.set(row.chrom, chromosomes.length)
    }
    columns.chrom.push(row.chrom === null ? 0 : chromosomeAt.get(row.chrom)!)
    columns.start.push(row.start ?? 0)
    columns.strand.push(strandCode(row.strand))
    columns.split.push(splitNames.findIndex((split) => split === row.split))
    for (const code of encodeSequence(row.sequence)) addBase(code)
  }
  endRun()
  flush()
  return { columns, bases, chromosomes }
}

async function packRows(database: Database, { rows: models, modelAt }: Names) {
  const columns = {
    model: new NumberColumn('bytes'),
    sequence: new NumberColumn('rising'),
    score: new NumberColumn('real'),
    label: new NumberColumn('bytes'),
    subsets: new NumberColumn('count'),
  }
  for (const model of models) {
    for await (const row of streamed<{ place: number; score: number; label: number | null; n: number }>(
      database,
      `SELECT place, first(score_full) AS score, first(${labelOf(model)}) AS label, count(*)::INTEGER AS n
       FROM sis JOIN held USING (sequence_id) JOIN sequences USING (sequence_id)
       WHERE model_id = ${model.model_id} AND NOT vacuous GROUP BY place ORDER BY place`,
    )) {
      columns.model.push(modelAt.get(model.model_id)!)
      columns.sequence.push(row.place)
      columns.score.push(row.score)
      columns.label.push(row.label === null ? 2 : row.label > 0 ? 1 : 0)
      columns.subsets.push(row.n)
    }
  }
  return columns
}

async function packSis(database: Database, { setAt }: Names) {
  const columns = {
    rank: new NumberColumn('count'),
    size: new NumberColumn('count'),
    set: new NumberColumn('count'),
    flags: new NumberColumn('bytes'),
    scoreSis: new NumberColumn('real'),
    scoreResidual: new NumberColumn('real'),
    parts: new NumberColumn('count'),
  }
  type Read = Pick<
    Row<'sis'>,
    'rank' | 'size' | 'score_sis' | 'score_residual' | 'minimal' | 'certified' | 'recomputed'
  > & { set_id: number | null; parts: number }
  for await (const row of streamed<Read>(
    database,
    `SELECT rank, size, score_sis, score_residual, minimal, certified, recomputed, set_id, coalesce(parts, 0)::INTEGER AS parts
     FROM sis JOIN held USING (sequence_id)
     LEFT JOIN sis_sets USING (model_id, sequence_id, rank)
     LEFT JOIN (SELECT model_id, sequence_id, rank, count(*) AS parts FROM sis_parts GROUP BY ALL) USING (model_id, sequence_id, rank)
     WHERE NOT vacuous ORDER BY model_id, place, rank`,
  )) {
    columns.rank.push(row.rank)
    columns.size.push(row.size)
    columns.set.push(row.set_id === null ? 0 : setAt.get(row.set_id)! + 1)
    columns.flags.push(
      (row.minimal ? sisFlags.minimal : 0) +
        (row.certified ? sisFlags.certified : 0) +
        (row.recomputed ? sisFlags.recomputed : 0),
    )
    columns.scoreSis.push(row.score_sis)
    columns.scoreResidual.push(row.score_residual)
    columns.parts.push(row.parts)
  }
  return columns
}

async function packParts(database: Database, { motifAt }: Names) {
  const columns = {
    first: new NumberColumn('count'),
    span: new NumberColumn('count'),
    kept: new NumberColumn('count'),
    motif: new NumberColumn('count'),
    joint: new NumberColumn('count'),
    turn: new NumberColumn('bytes'),
    site: new NumberColumn('rising'),
    siteScore: new NumberColumn('signed'),
  }
  type Read = Pick<
    Row<'sis_parts'>,
    'first' | 'last' | 'size' | 'motif_id' | 'strand' | 'site_start' | 'site_score'
  > & { joint_id: number | null }
  const placed = (id: number | null): number => (id === null ? 0 : motifAt.get(id)! + 1)
  for await (const row of streamed<Read>(
    database,
    `SELECT p.first, p.last, p.size, p.motif_id, p.strand, p.site_start, p.site_score, j.motif_id AS joint_id
     FROM sis_parts p JOIN held USING (sequence_id) JOIN sis s USING (model_id, sequence_id, rank)
     LEFT JOIN (
       SELECT c.model_id, sequence_id, rank, part, m.motif_id FROM cluster_members c
       JOIN clusterings k ON k.clustering_id = c.clustering_id AND k.model_id IS NULL
       JOIN motifs m ON m.clustering_id = c.clustering_id AND m.cluster_id = c.cluster_id
     ) j USING (model_id, sequence_id, rank, part)
     WHERE NOT s.vacuous ORDER BY model_id, place, rank, part`,
  )) {
    columns.first.push(row.first)
    columns.span.push(row.last - row.first)
    columns.kept.push(row.size)
    columns.motif.push(placed(row.motif_id))
    columns.joint.push(placed(row.joint_id))
    columns.turn.push(strandCode(row.strand))
    columns.site.push(row.site_start ?? 0)
    columns.siteScore.push(Math.round(100 * (row.site_score ?? 0)))
  }
  return columns
}

async function packPositions(database: Database) {
  const gaps = new NumberColumn('count')
  for await (const { positions } of streamed<Pick<Row<'sis'>, 'positions'>>(
    database,
    `SELECT positions FROM sis JOIN held USING (sequence_id) WHERE NOT vacuous ORDER BY model_id, place, rank`,
  )) {
    let next = 0
    for (const position of positions) {
      gaps.push(position - next)
      next = position + 1
    }
  }
  return { gaps }
}

async function packTruth(database: Database) {
  const columns = {
    sites: new NumberColumn('count'),
    factor: new NumberColumn('count'),
    turn: new NumberColumn('bytes'),
    size: new NumberColumn('count'),
    place: new NumberColumn('rising'),
  }
  const names: string[] = []
  const [any] = await database.rows('SELECT 1 FROM truth LIMIT 1')
  if (any === undefined) return { columns, names }
  const places = new Map<string, number>()
  type Read = Pick<Row<'truth'>, 'positions' | 'strand'> & {
    place: number
    motif: string | null
    sites: number
  }
  let last = -1
  for await (const row of streamed<Read>(
    database,
    `SELECT place, motif, strand, positions, count(motif) OVER (PARTITION BY place)::INTEGER AS sites
     FROM held LEFT JOIN truth USING (sequence_id) ORDER BY place, site`,
  )) {
    if (row.place !== last) columns.sites.push(row.sites)
    last = row.place
    if (row.motif === null) continue
    if (!places.has(row.motif)) {
      places.set(row.motif, names.length)
      names.push(row.motif)
    }
    columns.factor.push(places.get(row.motif)!)
    columns.turn.push(strandCode(row.strand))
    columns.size.push(row.positions.length)
    for (const position of row.positions) columns.place.push(position)
  }
  return { columns, names }
}

async function packCurves(database: Database, curves: readonly OrderingCurve[]) {
  const columns = {
    steps: new NumberColumn('count'),
    masked: new NumberColumn('count'),
    after: new NumberColumn('real'),
  }
  if (curves.length === 0) return columns
  const curveOf = new Map(curves.map((curve) => [`${curve.modelId} ${curve.sequenceId}`, curve]))
  for await (const { model_id, sequence_id } of streamed<Pick<Row<'sis'>, 'model_id' | 'sequence_id'>>(
    database,
    `SELECT DISTINCT model_id, sequence_id FROM sis JOIN held USING (sequence_id) WHERE NOT vacuous
     ORDER BY model_id, sequence_id`,
  )) {
    const curve = curveOf.get(`${model_id} ${sequence_id}`)
    columns.steps.push(curve?.positions.length ?? 0)
    for (const position of curve?.positions ?? []) columns.masked.push(position)
    for (const value of curve?.scores ?? []) columns.after.push(value)
  }
  return columns
}
