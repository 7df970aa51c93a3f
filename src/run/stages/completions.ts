/** Completions: what one model makes of its SIS in real contexts, and how few masked bases end each of its decisions. */
import { mapConcurrently } from '../../base/concurrently.ts'
import { count, percent } from '../../base/format.ts'
import type { Reporter } from '../../base/reporter.ts'
import { valueOf } from '../../compare/rows.ts'
import { openContextBound, type ContextBound } from '../../completion/contextBound.ts'
import { shareInterval } from '../../completion/shareInterval.ts'
import { tryContexts, type TriedContexts } from '../../completion/tryContexts.ts'
import { openEngine, selectionsAThread } from '../../engine/engine.ts'
import { loadModel, openPredictor, type Model } from '../../import/modelPredictor.ts'
import type { Predictor } from '../../predict/predictor.ts'
import { decodeSequence } from '../../sequence/alphabet.ts'
import { sequenceCodes } from '../../sequence/sequenceSet.ts'
import { decisionHolds, type Decision } from '../../sis/decision.ts'
import { decisionLoss, type DecisionLoss } from '../../sis/decisionLoss.ts'
import { besideQueue } from '../../sis/queue/besideQueue.ts'
import { createScoreQueue } from '../../sis/queue/scoreQueue.ts'
import { sequenceInput } from '../../sis/sequenceInput.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { readRows, readSequenceSet } from '../../store/tableReader.ts'
import type { Row } from '../../store/tables.ts'
import { writeTable } from '../../store/tableWriter.ts'
import { completionsSchema, type Config } from '../config/configSchema.ts'
import { modelId, type ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'
import type { Stage } from '../record/stage.ts'
import { donorsOf } from './donors.ts'
import { prefixed } from './prefixed.ts'
import { modelFilesOf, readModelDecision } from './readModels.ts'

type SisRow = Pick<Row<'sis'>, 'sequence_id' | 'rank' | 'positions'>

/** What the config asks for; its defaults where it says nothing. */
function settingsOf({ completions, seed }: Config): NonNullable<Config['completions']> & { seed: number } {
  const asked = completions ?? completionsSchema.parse({})
  return { completions: asked.completions, fills: asked.fills, seed: asked.seed ?? seed }
}

export async function completionsStage(context: RunContext, model: ModelConfig): Promise<Stage> {
  const { directory, config, threads, signal } = context
  const { background, device, batchSize } = config.extract
  const { completions, fills, seed } = settingsOf(config)
  const id = modelId(config, model)
  const sisFiles = await tableFiles(directory.path, 'sis')
  const sequenceFiles = await tableFiles(directory.path, 'sequences')
  const outputs = {
    completions: directory.table('sis_completions', model.name),
    contexts: directory.table('sis_contexts', model.name),
    losses: directory.table('decision_losses', model.name),
  }
  return {
    name: `completions.${model.name}`,
    settings: { id, completions, fills, seed, background, device },
    inputs: () => [
      ...sisFiles,
      ...sequenceFiles,
      directory.table('predictions', model.name),
      ...modelFilesOf(directory, model.name),
    ],
    async run() {
      const reporter = prefixed(context.reporter, model.name)
      const decision = await readModelDecision(directory, model.name)
      const sis = await readRows(sisFiles, 'sis', ['sequence_id', 'rank', 'positions'], {
        where: `model_id = ${id} AND NOT vacuous`,
      })
      const set = await readSequenceSet(directory.path)
      const names = await namesOf(sequenceFiles, sis)
      const codesOf = sequenceCodes(set)
      const { model: loaded } = await loadModel(directory.model(model.name))
      const sources = { seed, background, donors: await donorsOf(directory, model, decision, set) }
      const bound = boundOf(loaded, decision)
      const predictor = await openPredictor(loaded, { background, device, batchSize, threads })
      try {
        const rows: Tried = { completions: [], contexts: [], losses: [] }
        const task = reporter.task('trying SIS in real contexts', sis.length)
        try {
          for (const [done, one] of sis.entries()) {
            const kept = {
              name: names.get(one.sequence_id)!,
              codes: codesOf(one.sequence_id),
              positions: one.positions,
            }
            const options = { decision, fills, completions, sources, signal }
            const tried = await tryContexts(predictor, kept, options)
            const of = { model_id: id, sequence_id: one.sequence_id, rank: one.rank }
            addTried(rows, of, tried)
            rows.contexts.push({
              ...of,
              ...contextColumns(tried),
              ...boundColumns(bound, decision, kept.codes, one.positions),
            })
            task.update(done + 1)
          }
        } finally {
          task.end()
        }
        rows.losses = await lossRows(context, reporter, loaded, predictor, decision, {
          id,
          sis,
          names,
          codesOf,
        })
        await writeTable('sis_completions', outputs.completions, rows.completions)
        await writeTable('sis_contexts', outputs.contexts, rows.contexts)
        await writeTable('decision_losses', outputs.losses, rows.losses)
        for (const line of toldOf(rows, bound)) reporter.info(line)
        return {
          outputs: Object.values(outputs),
          details: {
            completions,
            fills,
            seed,
            donors: sources.donors.length / set.length,
            bound: 'refusal' in bound ? `none is known: ${bound.refusal}` : 'interval arithmetic',
            margin: 'refusal' in bound ? undefined : bound.margin,
            sis: rows.contexts.length,
            proved: rows.contexts.filter(({ proved }) => proved === true).length,
            refuted: rows.contexts.filter(({ refuted }) => refuted).length,
            backend: predictor.backend,
          },
        }
      } finally {
        await predictor.close()
      }
    },
  }
}

interface Tried {
  readonly completions: Row<'sis_completions'>[]
  readonly contexts: Row<'sis_contexts'>[]
  losses: Row<'decision_losses'>[]
}

/** @returns names of the sequences that have SIS, by their ids */
async function namesOf(files: readonly string[], sis: readonly SisRow[]): Promise<Map<number, string>> {
  const wanted = new Set(sis.map(({ sequence_id }) => sequence_id))
  const rows = await readRows(files, 'sequences', ['sequence_id', 'name'])
  return new Map(
    rows.flatMap(({ sequence_id, name }) => (wanted.has(sequence_id) ? [[sequence_id, name]] : [])),
  )
}

function boundOf(model: Model, decision: Decision): ContextBound | { readonly refusal: string } {
  return model.kind === 'network' ? openContextBound(model.network, decision) : { refusal: model.refusal }
}

function addTried(
  rows: Tried,
  of: Pick<Row<'sis'>, 'model_id' | 'sequence_id' | 'rank'>,
  { tallies }: TriedContexts,
): void {
  for (const { fill, completions, held, heldWithout, scoreMean, scoreWorst } of tallies) {
    const { low, high } = shareInterval(held, completions)
    rows.completions.push({
      ...of,
      fill,
      completions,
      held,
      share: held / completions,
      share_low: low,
      share_high: high,
      held_without: heldWithout,
      score_mean: scoreMean,
      score_worst: scoreWorst,
    })
  }
}

function contextColumns({
  worst,
  refuted,
}: TriedContexts): Pick<Row<'sis_contexts'>, 'worst' | 'score_worst' | 'refuted'> {
  return { worst: decodeSequence(worst.codes), score_worst: worst.score, refuted }
}

function boundColumns(
  bound: ContextBound | { readonly refusal: string },
  decision: Decision,
  codes: Uint8Array,
  positions: readonly number[],
): Pick<Row<'sis_contexts'>, 'score_bound' | 'proved'> {
  if ('refusal' in bound) return { score_bound: null, proved: null }
  const score = bound.bound(codes, positions)
  return { score_bound: score, proved: decisionHolds(decision, score) }
}

/** Necessity: of each explained sequence. */
async function lossRows(
  { config, threads, signal }: RunContext,
  reporter: Reporter,
  model: Model,
  predictor: Predictor,
  decision: Decision,
  {
    id,
    sis,
    names,
    codesOf,
  }: {
    readonly id: number
    readonly sis: readonly SisRow[]
    readonly names: ReadonlyMap<number, string>
    readonly codesOf: (id: number) => Uint8Array
  },
): Promise<Row<'decision_losses'>[]> {
  const { output, direction } = decision
  const inSis = new Map<number, Set<number>>()
  for (const { sequence_id, positions } of sis) {
    const all = valueOf(inSis, sequence_id, () => new Set<number>())
    for (const position of positions) all.add(position)
  }
  // What an engine masks first for the opposite decision leaves this one's score furthest from it.
  const engine = openEngine(model.kind === 'network' ? model.network : model, {
    preference: config.extract.engine === 'naive' ? 'naive' : 'auto',
    decision: { output, direction: direction === '>=' ? '<=' : '>=' },
    background: config.extract.background,
    threads,
    signal,
  })
  const task = reporter.task('masking bases until decisions end', inSis.size)
  try {
    const busyElsewhere = selectionsAThread * threads
    const queue = createScoreQueue({ predictor, output, busyElsewhere, signal })
    const selector = engine.selector === undefined ? undefined : besideQueue(engine.selector, queue)
    let done = 0
    const losses = await mapConcurrently([...inSis.keys()], busyElsewhere + 4, signal, async (sequenceId) => {
      queue.enter()
      try {
        const input = sequenceInput(names.get(sequenceId)!, codesOf(sequenceId))
        return await decisionLoss(input, { scorer: queue, decision, selector })
      } finally {
        queue.leave()
        task.update(++done)
      }
    })
    return [...inSis].flatMap(([sequenceId, kept], i) => lossRow(id, sequenceId, kept, losses[i]))
  } finally {
    task.end()
    await engine.close()
  }
}

function lossRow(
  id: number,
  sequenceId: number,
  kept: ReadonlySet<number>,
  loss: DecisionLoss | undefined,
): Row<'decision_losses'>[] {
  if (loss === undefined) return []
  const positions = [...loss.features]
  return [
    {
      model_id: id,
      sequence_id: sequenceId,
      positions,
      size: positions.length,
      score_left: loss.score,
      in_sis: positions.filter((position) => kept.has(position)).length,
    },
  ]
}

/** A line for each kind of completion, and one for proofs. */
function toldOf(
  { completions, contexts }: Tried,
  bound: ContextBound | { readonly refusal: string },
): string[] {
  const fills = [...new Set(completions.map(({ fill }) => fill))]
  const lines = fills.map((fill) => {
    const rows = completions.filter((row) => row.fill === fill)
    const of = (key: 'held' | 'held_without' | 'completions'): number =>
      rows.reduce((sum, row) => sum + row[key], 0)
    return `${fill}: the decision holds in ${percent(of('held'), of('completions'))} of the completions (${percent(of('held_without'), of('completions'))} of them without the SIS)`
  })
  const proved = contexts.filter((row) => row.proved === true).length
  const refuted = contexts.filter((row) => row.refuted).length
  const proofs =
    'refusal' in bound
      ? `no bound over all completions is known (${bound.refusal})`
      : `${count(proved)} of ${count(contexts.length)} SIS are proved for every completion`
  return [
    ...lines,
    `${proofs}; for ${count(refuted)} of ${count(contexts.length)} a completion ends the decision`,
  ]
}
