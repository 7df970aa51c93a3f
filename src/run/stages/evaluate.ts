/** Evaluate: SIS and other explanation methods by what their bases are enough for, and by the truth where it is known. */
import { ConfigError } from '../../base/errors.ts'
import { divergenceMotif, reverseMotif } from '../../compare/motifDivergence.ts'
import { unionPositions, valueOf } from '../../compare/rows.ts'
import { sufficiencyOf } from '../../compare/sufficiency.ts'
import { encodeSequence } from '../../sequence/alphabet.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { readRows } from '../../store/tableReader.ts'
import type { Row } from '../../store/tables.ts'
import { openTableWriter, writeTable } from '../../store/tableWriter.ts'
import { modelId, type ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'
import { modelOf } from '../record/runModels.ts'
import { readStageRecords, type Stage } from '../record/stage.ts'
import { AgreementTally } from './agreementTally.ts'
import { modelFiles, openModelOfRun, readModelDecision } from './readModels.ts'
import { scoresOfMethod, scoresOfSis, type KnownMotif, type JudgedSequence } from './scoredMethods.ts'
import { scorecardRow } from './scorecardRows.ts'

/** Numbers of attributions held at once. */
const numbersAtOnce = 2 ** 23

export async function evaluateStage(context: RunContext): Promise<Stage> {
  const { directory, config, signal } = context
  const read = [
    'sequences',
    'sis',
    'attributions',
    'truth',
    'motifs',
    'motif_matches',
    'known_motifs',
  ] as const
  const inputs = (await Promise.all(read.map((table) => tableFiles(directory.path, table)))).flat()
  const outputs = {
    scores: directory.table('attribution_scores', 'all'),
    scorecard: directory.table('scorecard', 'all'),
    agreement: directory.table('method_agreement', 'all'),
  }
  return {
    name: 'evaluate',
    settings: {
      models: config.models.map((model) => model.name),
      background: config.extract.background,
      device: config.extract.device,
      motif: config.evaluate.motif,
    },
    inputs: () => [...inputs, ...modelFiles(context)],
    async run() {
      const scorecard: Row<'scorecard'>[] = []
      const agreement: Row<'method_agreement'>[] = []
      const writer = await openTableWriter('attribution_scores', outputs.scores)
      try {
        for (const model of config.models) {
          signal.throwIfAborted()
          const found = await evaluateModel(context, model)
          if (found === undefined) continue
          for (const row of found.scores) writer.append(row)
          scorecard.push(...found.scorecard)
          agreement.push(...found.agreement)
        }
        await writer.close()
      } finally {
        await writer.abort()
      }
      await writeTable('scorecard', outputs.scorecard, scorecard)
      await writeTable('method_agreement', outputs.agreement, agreement)
      return { outputs: Object.values(outputs), details: {} }
    },
  }
}

interface EvaluatedModel {
  readonly scores: readonly Row<'attribution_scores'>[]
  readonly scorecard: readonly Row<'scorecard'>[]
  readonly agreement: readonly Row<'method_agreement'>[]
}

/** @returns undefined where the model has no SIS */
async function evaluateModel(context: RunContext, model: ModelConfig): Promise<EvaluatedModel | undefined> {
  const { directory, config, reporter, signal } = context
  const id = modelId(config, model)
  const sequences = await judgedSequences(directory.path, id)
  if (sequences.length === 0) return undefined
  const decision = await readModelDecision(directory, model.name)
  const motif = await knownMotif(directory.path, id, config.evaluate.motif)
  const files = await tableFiles(directory.path, 'attributions')
  const methods = await methodsOf(files, id)
  const length = sequences[0]!.codes.length
  const chunk = Math.max(1, Math.floor(numbersAtOnce / (length * Math.max(1, methods.length))))
  const scores: Row<'attribution_scores'>[] = scoresOfSis(id, sequences, motif)
  const agreement = new AgreementTally(decision.direction)
  const diagnostics = new Map<string, { incompleteness: number | null; seconds: number[] }>()
  const predictor = await openModelOfRun(context, model.name)
  const task = reporter.task(`${model.name}: how far methods reach`, sequences.length)
  try {
    for (let from = 0; from < sequences.length; from += chunk) {
      const part = sequences.slice(from, from + chunk)
      const found = new Map<string, Map<number, readonly number[]>>()
      for (const { sequence_id, method, replicate, importance, incompleteness, seconds } of await rowsOf(
        files,
        id,
        part,
      )) {
        const key = `${method} ${replicate}`
        const own = found.get(key) ?? new Map<number, readonly number[]>()
        found.set(key, own.set(sequence_id, importance))
        const told = diagnostics.get(method) ?? { incompleteness: null, seconds: [] }
        diagnostics.set(method, told)
        if (seconds !== null) told.seconds.push(seconds)
        if (incompleteness !== null) {
          told.incompleteness = Math.max(told.incompleteness ?? 0, Math.abs(incompleteness))
        }
      }
      agreement.add(part, found)
      for (const method of methods) {
        const importances = found.get(`${method} 0`) ?? new Map<number, readonly number[]>()
        const judged = part.filter(({ id: sequence }) => importances.has(sequence))
        if (judged.length === 0) continue
        scores.push(
          ...(await scoresOfMethod({
            model: id,
            method,
            sequences: judged,
            importanceOf: (sequence) => importances.get(sequence)!,
            decision,
            motif,
            sufficiency: (ranked) => sufficiencyOf(predictor, decision, ranked, signal),
          })),
        )
      }
      task.update(Math.min(from + chunk, sequences.length))
    }
  } finally {
    task.end()
    await predictor.close()
  }
  const sisSeconds = await secondsOfExtraction(context, model, sequences.length)
  const seeds = agreement.seeds()
  const scorecard = ['sis', ...methods].flatMap((method) => {
    const own = scores.filter((row) => row.method === method)
    if (own.length === 0) return []
    const told = diagnostics.get(method)
    return [
      scorecardRow(own, {
        targetId: motif?.id ?? null,
        seedCorrelation: seeds.get(method) ?? null,
        incompleteness: told?.incompleteness ?? null,
        seconds: told?.seconds ?? [sisSeconds],
      }),
    ]
  })
  return { scores, scorecard, agreement: agreement.rows(id) }
}

/** The sequences that a model's SIS explain. */
async function judgedSequences(path: string, model: number): Promise<JudgedSequence[]> {
  const columns = ['model_id', 'sequence_id', 'rank', 'positions', 'score_sis'] as const
  const where = `model_id = ${model} AND NOT vacuous`
  const sis = await readRows(path, 'sis', columns, { where })
  const first = new Map(sis.filter(({ rank }) => rank === 0).map((row) => [row.sequence_id, row]))
  const all = unionPositions(sis).get(model)
  const planted = new Map<number, Set<number>>()
  if ((await tableFiles(path, 'truth')).length > 0) {
    for (const { sequence_id, positions } of await readRows(path, 'truth', ['sequence_id', 'positions'])) {
      const own = valueOf(planted, sequence_id, () => new Set<number>())
      for (const position of positions) own.add(position)
    }
  }
  const sequences = await readRows(path, 'sequences', ['sequence_id', 'name', 'sequence'] as const)
  return sequences.flatMap(({ sequence_id, name, sequence }) => {
    const one = first.get(sequence_id)
    if (one === undefined) return []
    return [
      {
        id: sequence_id,
        name,
        codes: encodeSequence(sequence),
        first: one.positions,
        scoreOfFirst: one.score_sis,
        all: all!.get(sequence_id)!,
        planted: planted.get(sequence_id),
      },
    ]
  })
}

async function methodsOf(files: readonly string[], model: number): Promise<string[]> {
  if (files.length === 0) return []
  const where = `model_id = ${model} AND replicate = 0`
  const rows = await readRows(files, 'attributions', ['method'], { where })
  return [...new Set(rows.map(({ method }) => method))].sort()
}

async function rowsOf(files: readonly string[], model: number, part: readonly JudgedSequence[]) {
  if (files.length === 0) return []
  const columns = ['sequence_id', 'method', 'replicate', 'importance', 'incompleteness', 'seconds'] as const
  const where = `model_id = ${model} AND sequence_id BETWEEN ${part[0]!.id} AND ${part.at(-1)!.id}`
  return readRows(files, 'attributions', columns, { where })
}

/**
 * @param named id or name of a known motif that the run matched; the one that names the model's leading motif unless given
 * @throws ConfigError where the run matched none of that name
 */
async function knownMotif(
  path: string,
  model: number,
  named: string | undefined,
): Promise<KnownMotif | undefined> {
  const files = await tableFiles(path, 'known_motifs')
  if (files.length === 0) {
    if (named === undefined) return undefined
    throw new ConfigError(
      `--motif ${named}: the run has compared no motifs; run 'sis cluster' with --known-motifs first`,
    )
  }
  const known = await readRows(files, 'known_motifs', ['target_id', 'target_name', 'ppm'] as const)
  const id = named ?? (await leadingMatch(path, model))
  if (id === undefined) return undefined
  const found =
    known.find(({ target_id }) => target_id === id) ?? known.find(({ target_name }) => target_name === id)
  if (found === undefined) {
    const names = known.map(({ target_id, target_name }) => `${target_id} (${target_name})`)
    throw new ConfigError(`--motif ${id}: no motif of the run matches it; it has ${names.join(', ')}`)
  }
  const forward = divergenceMotif(found.ppm)
  return { id: found.target_id, forward, reverse: reverseMotif(forward) }
}

async function leadingMatch(path: string, model: number): Promise<string | undefined> {
  const where = `model_id = ${model} AND naming = 'named'`
  const [motif] = await readRows(path, 'motifs', ['motif_id'], { where, orderBy: 'nsites DESC, motif_id' })
  if (motif === undefined) return undefined
  const best = { where: `motif_id = ${motif.motif_id} AND match_rank = 0` }
  const [match] = await readRows(path, 'motif_matches', ['target_id'], best)
  return match?.target_id
}

/** Wall time of a certified SIS-collection, of all shards together. */
async function secondsOfExtraction(
  { directory }: RunContext,
  { name }: ModelConfig,
  sequences: number,
): Promise<number> {
  const records = await readStageRecords(directory)
  const seconds = records
    .filter(({ stage }) => stage.startsWith('extract.') && modelOf(stage) === name)
    .reduce((sum, record) => sum + record.seconds, 0)
  return seconds / sequences
}
