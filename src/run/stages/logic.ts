/** Logic: which motifs make up each model's SIS, how they lie to each other, and what each part scores alone. */
import { logicOfModel, type LogicPart } from '../../logic/logicOfModel.ts'
import {
  halfPositions,
  positionClusters,
  positionProfile,
  type KeptPositions,
} from '../../logic/positionProfile.ts'
import { summaryOfParts, summaryOfPositions } from '../../logic/summary.ts'
import { motifLabels } from '../../motif/motifLabels.ts'
import { leastSiteInformation } from '../../motif/naming.ts'
import { directionSign, type Decision } from '../../sis/decision.ts'
import { scoreSubsets } from '../../sis/scoreSubsets.ts'
import { sequenceCodes } from '../../sequence/sequenceSet.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { readRows, readSequenceSet } from '../../store/tableReader.ts'
import { tables } from '../../store/tables.ts'
import { writeTable } from '../../store/tableWriter.ts'
import type { RunContext } from '../record/context.ts'
import { readStageRecord, type Stage } from '../record/stage.ts'
import {
  addPair,
  addSets,
  logicTables,
  noLogicRows,
  scoredPair,
  type LogicRows,
  type MotifNames,
  type PartedRows,
  type PartRow,
} from './logicRows.ts'
import { modelFiles, openModelOfRun, readModelDecision } from './readModels.ts'
import { partGapsSchema } from './sisPartRows.ts'

export async function logicStage(context: RunContext): Promise<Stage> {
  const { directory, config } = context
  const read = ['sis', 'sis_parts', 'motifs', 'motif_matches'] as const
  const inputs = (await Promise.all(read.map((table) => tableFiles(directory.path, table)))).flat()
  return {
    name: 'logic',
    settings: {
      models: config.models.map((model) => model.name),
      background: config.extract.background,
      device: config.extract.device,
      seed: config.seed,
    },
    inputs: () => [...inputs, ...modelFiles(context)],
    async run() {
      const found = await readFound(context)
      const rows = noLogicRows()
      for (const [modelId, { name }] of config.models.entries()) {
        await addModel(rows, context, found, { modelId, name })
      }
      for (const { summary } of rows.model_logic) context.reporter.info(summary)
      const outputs: string[] = []
      for (const table of logicTables) {
        const path = directory.table(table, 'all')
        await writeTable(table, path, rows[table])
        outputs.push(path)
      }
      return { outputs, details: { summaries: rows.model_logic.map(({ summary }) => summary) } }
    },
  }
}

const partColumns = Object.keys(tables.sis_parts.columns) as (keyof PartRow)[]

/** What clustering found. */
interface Found {
  /** Of all models, in the order of the tables. */
  readonly sis: readonly PartedRows[]
  readonly codesOf: (sequenceId: number) => Uint8Array
  readonly length: number
  /** Kept positions of each part, by its row. */
  readonly positionsOf: (part: PartRow) => readonly number[]
  readonly names: MotifNames
  readonly palindromes: ReadonlySet<number>
  /** Motifs that read against the known motif that names them: arrangements are told as the factor reads. */
  readonly turned: ReadonlySet<number>
  /** Motifs whose sites say too little for any name. */
  readonly vague: ReadonlySet<number>
  readonly gaps: ReadonlyMap<number, { readonly gap: number; readonly within: number }>
}

async function readFound({ directory }: RunContext): Promise<Found> {
  const sis = await readRows(
    directory.path,
    'sis',
    ['model_id', 'sequence_id', 'rank', 'positions'] as const,
    {
      where: 'NOT vacuous',
    },
  )
  const parts = await readRows(directory.path, 'sis_parts', partColumns)
  const key = (row: { model_id: number; sequence_id: number; rank: number }): string =>
    `${row.model_id} ${row.sequence_id} ${row.rank}`
  const partsOf = new Map<string, PartRow[]>()
  for (const part of parts) {
    const own = partsOf.get(key(part)) ?? []
    partsOf.set(key(part), own)
    own.push(part)
  }
  const positionsOf = new Map(sis.map((row) => [key(row), row.positions]))
  const sequences = await readSequenceSet(directory.path)
  const { motifs, names, turned } = await readMotifs(directory.path)
  const record = await readStageRecord(directory, 'cluster')
  const gaps = partGapsSchema.parse(record?.details['partGaps'])
  return {
    sis: sis.map(({ model_id, sequence_id, rank }) => ({
      model_id,
      sequence_id,
      rank,
      parts: partsOf.get(key({ model_id, sequence_id, rank })) ?? [],
    })),
    codesOf: sequenceCodes(sequences),
    length: sequences.length,
    positionsOf: (part) =>
      positionsOf.get(key(part))!.filter((position) => position >= part.first && position <= part.last),
    names,
    turned,
    palindromes: new Set(motifs.filter(({ palindrome }) => palindrome).map(({ motif_id }) => motif_id)),
    vague: new Set(
      motifs
        .filter(({ site_information }) => site_information < leastSiteInformation)
        .map(({ motif_id }) => motif_id),
    ),
    gaps: new Map(gaps.map(({ model_id, ...gap }) => [model_id, gap])),
  }
}

async function readMotifs(path: string) {
  const columns = [
    'motif_id',
    'model_id',
    'name',
    'consensus',
    'palindrome',
    'site_information',
    'naming',
  ] as const
  const motifs = await readRows(path, 'motifs', columns)
  const matchColumns = ['motif_id', 'target_id', 'target_name', 'orientation'] as const
  const matches = await readRows(path, 'motif_matches', matchColumns, { where: 'match_rank = 0' })
  const labels = motifLabels(motifs, matches)
  const byId = new Map(motifs.map(({ motif_id, name }) => [motif_id, name]))
  const names: MotifNames = { nameOf: (motif) => byId.get(motif)!, labelOf: (motif) => labels.get(motif)! }
  const named = new Set(motifs.filter(({ naming }) => naming === 'named').map(({ motif_id }) => motif_id))
  const turned = new Set(
    matches
      .filter(({ motif_id, orientation }) => orientation === '-' && named.has(motif_id))
      .map(({ motif_id }) => motif_id),
  )
  return { motifs, names, turned }
}

async function addModel(
  rows: LogicRows,
  context: RunContext,
  found: Found,
  { modelId, name }: { modelId: number; name: string },
): Promise<void> {
  const { directory } = context
  const { codesOf, length, positionsOf, names } = found
  const decision = await readModelDecision(directory, name)
  const sis = found.sis.filter(({ model_id }) => model_id === modelId)
  const logic = logicOfModel(
    sis.map(({ sequence_id, parts }) => ({
      sequence: sequence_id,
      parts: parts.map((part) => logicPart(part, found.turned)),
    })),
    found.palindromes,
    length,
  )
  const subset = (of: PartRow, positions: readonly number[]) => ({
    codes: codesOf(of.sequence_id),
    positions,
    sequence: String(of.sequence_id),
  })
  const parts = sis.flatMap((one) => one.parts)
  const pairSubsets = logic.pairs.flatMap(({ instances }) =>
    instances.map(({ sis: index, part, otherPart }) => {
      const [a, b] = [sis[index]!.parts[part]!, sis[index]!.parts[otherPart]!]
      return subset(a, [...positionsOf(a), ...positionsOf(b)])
    }),
  )
  const scores = await scoreBy(context, name, decision, [
    ...parts.map((part) => subset(part, positionsOf(part))),
    ...pairSubsets,
  ])
  const alone = new Map(parts.map((part, i) => [part, scores[i]!]))
  for (const [part, score_alone] of alone) {
    const { model_id, sequence_id, rank } = part
    rows.part_scores.push({ model_id, sequence_id, rank, part: part.part, score_alone })
  }
  addSets(rows, modelId, sis, logic, names)
  let next = parts.length
  const pairs = logic.pairs.map((pair) => {
    const together = pair.instances.map(() => scores[next++]!)
    const each = pair.instances.map(({ sis: index, part, otherPart }, i) => ({
      a: alone.get(sis[index]!.parts[part]!)!,
      b: alone.get(sis[index]!.parts[otherPart]!)!,
      pair: together[i]!,
    }))
    const scored = scoredPair(pair, each, directionSign(decision.direction))
    addPair(rows, modelId, sis, scored, together)
    return scored
  })

  const kept = sis.map(({ sequence_id, parts: own }) => ({
    codes: codesOf(sequence_id),
    positions: own.flatMap((part) => [...positionsOf(part)]),
  }))
  const half = halfPositions(positionProfile(kept, length))
  const saying = sis.filter(({ parts: own }) =>
    own.some(({ motif_id }) => motif_id !== null && !found.vague.has(motif_id)),
  ).length
  const view = 2 * saying >= sis.length ? 'parts' : 'positions'
  const clusters =
    view === 'positions' ? positionClusters(kept, length, context.config.seed) : new Int32Array(kept.length)
  addPositions(rows, modelId, kept, length, clusters)
  const facts = {
    model: name,
    direction: decision.direction,
    threshold: decision.threshold,
    sis: sis.length,
    sequences: new Set(sis.map(({ sequence_id }) => sequence_id)).size,
  }
  const gap = found.gaps.get(modelId)
  rows.model_logic.push({
    model_id: modelId,
    view,
    part_gap: gap?.gap ?? 0,
    part_gap_within: gap?.within ?? 1,
    sis: sis.length,
    sis_in_motifs: sis.filter(({ parts: own }) => own.some(({ motif_id }) => motif_id !== null)).length,
    single_bases: parts.filter(({ size }) => size === 1).length,
    parts_in_no_motif: parts.filter(({ size, motif_id }) => size > 1 && motif_id === null).length,
    half_positions: half,
    summary:
      view === 'parts'
        ? summaryOfParts({
            ...facts,
            severalSis: logic.alternatives.reduce((sum, { sequences }) => sum + sequences, 0),
            sets: logic.sets,
            pairs,
            labelOf: names.labelOf,
          })
        : summaryOfPositions({ ...facts, inMotifs: saying, positions: half, length }),
  })
}

function logicPart(
  { size, motif_id, strand, site_start, site_end }: PartRow,
  turned: ReadonlySet<number>,
): LogicPart {
  if (motif_id === null || strand === null || site_start === null || site_end === null) {
    return { size, site: undefined }
  }
  return {
    size,
    site: {
      motif: motif_id,
      strand: (strand === '-') === turned.has(motif_id) ? '+' : '-',
      start: site_start,
      end: site_end,
    },
  }
}

async function scoreBy(
  context: RunContext,
  name: string,
  decision: Decision,
  subsets: Parameters<typeof scoreSubsets>[2],
): Promise<Float32Array> {
  if (subsets.length === 0) return new Float32Array(0)
  const { reporter, signal } = context
  const predictor = await openModelOfRun(context, name)
  const progress = reporter.task(`${name}: scoring parts alone and in pairs`, subsets.length)
  try {
    return await scoreSubsets(predictor, decision.output, subsets, { progress, signal })
  } finally {
    progress.end()
    await predictor.close()
  }
}

/** The SIS by the positions that they keep, where parts say little; all of them together where parts say what there is. */
function addPositions(
  rows: LogicRows,
  modelId: number,
  sis: readonly KeptPositions[],
  length: number,
  clusters: Int32Array,
): void {
  const count = clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0)
  for (let cluster = 0; cluster < count; cluster++) {
    const members = sis.filter((_, i) => clusters[i] === cluster)
    const of = { model_id: modelId, position_cluster: cluster }
    rows.position_clusters.push({ ...of, sis: members.length, share: members.length / sis.length })
    for (const [position, [a, c, g, t]] of positionProfile(members, length).entries()) {
      rows.position_profiles.push({ ...of, position, a: a!, c: c!, g: g!, t: t! })
    }
  }
}
