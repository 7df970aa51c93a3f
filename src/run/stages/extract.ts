/** Extract: the SIS-collections of every confident sequence under one model, or of one shard of them. */
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { patternOf } from '../../sequence/pattern.ts'
import { ConfigError } from '../../base/errors.ts'
import { openEngine, type Engine, type EngineOptions } from '../../engine/engine.ts'
import type { GradientPredictor } from '../../predict/gradientPredictor.ts'
import type { Predictor } from '../../predict/predictor.ts'
import { createTfjsGradientPredictor } from '../../predict/tfjs/tfjsGradients.ts'
import { loadTensorFlow } from '../../predict/tfjs/tfjsRuntime.ts'
import { encodeSequence } from '../../sequence/alphabet.ts'
import { blockInput } from '../../sis/approximate/blockInput.ts'
import { decisionHolds, type Decision } from '../../sis/decision.ts'
import { extractCollections, type IdentifiedInput } from '../../sis/extractCollections.ts'
import { cellsOfFeatures } from '../../sis/masking.ts'
import { sequenceInput } from '../../sis/sequenceInput.ts'
import { shardPart, tableFiles } from '../../store/tableFiles.ts'
import { readTable } from '../../store/tableReader.ts'
import { openTableWriter, type TableWriter } from '../../store/tableWriter.ts'
import type { RunContext } from '../record/context.ts'
import { departuresFromExact } from '../config/departures.ts'
import { openFinishedSequences, type FinishedSequences } from './finishedSequences.ts'
import { modelId, type ModelConfig } from '../config/modelIndex.ts'
import { loadModel, openPredictor, type Model } from '../../import/modelPredictor.ts'
import { prefixed } from './prefixed.ts'
import { readModelDecision } from './readModels.ts'
import type { Stage } from '../record/stage.ts'
import { nothingToExplain } from './predict.ts'

/** The k-th of n parts; k from 1. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** One to work on and one to go on with. */
const selectionsAThread = 2

export const wholeShard: Shard = { index: 1, count: 1 }

/** An SIS that cannot be certified is not stored: it is counted and warned of. */
export async function extractStage(context: RunContext, model: ModelConfig, shard: Shard): Promise<Stage> {
  const { directory, config, threads, signal } = context
  const { splits, maxSequences, maxSis, background, batchSize, device, engine: preference } = config.extract
  const { selection, blockSize } = config.extract
  const batchFeatures = selection === 'batched-gradient' ? config.extract.batchFeatures : undefined
  const id = modelId(config, model)
  const part = shardPart(model.name, shard.index, shard.count)
  const output = directory.table('sis', part)
  const sequenceFiles = await tableFiles(directory.path, 'sequences')
  return {
    name: `extract.${part}`,
    // Whatever the engine and the number of threads, the result is the same but where scores tie within rounding
    // (test/real/realRuns.slow.test.ts, benchmarks/sameSubsets.ts).
    settings: {
      id,
      splits,
      maxSequences,
      maxSis,
      background,
      device,
      selection,
      batchFeatures,
      blockSize,
      shard,
    },
    inputs: () => [
      ...sequenceFiles,
      join(directory.model(model.name), 'model.json'),
      directory.table('models', model.name),
      directory.table('predictions', model.name),
    ],
    async run(key) {
      await removeOtherShards(context, model, shard)
      const decision = await readModelDecision(directory, model.name)
      const confident = await confidentSequences(context, model, decision)
      const mine = new Set(confident.filter((_, i) => i % shard.count === shard.index - 1))

      const inFlight = new Map<number, { codes: Uint8Array; input: IdentifiedInput }>()
      const inputs = async function* (): AsyncGenerator<IdentifiedInput> {
        const columns = ['sequence_id', 'name', 'sequence'] as const
        for await (const { sequence_id, name, sequence } of readTable(sequenceFiles, 'sequences', columns)) {
          if (!mine.has(sequence_id)) continue
          const codes = encodeSequence(sequence)
          const masking = blockSize === 1 ? sequenceInput(name, codes) : blockInput(name, codes, blockSize)
          const input = { id: sequence_id, ...masking }
          inFlight.set(sequence_id, { codes, input })
          yield input
        }
      }
      const counts = {
        sequences: mine.size,
        decidedByBackground: 0, // of them; their SIS is empty and no subset
        subsets: 0,
        recomputed: 0,
        uncertified: 0,
        evaluations: 0,
      }
      const path = directory.model(model.name)
      const reporter = prefixed(context.reporter, model.name)
      const { model: loaded } = await loadModel(path)
      let finished: FinishedSequences | undefined
      let engine: Engine | undefined
      let gradients: GradientPredictor | undefined
      let predictor: Predictor | undefined
      let writer: TableWriter<'sis'> | undefined
      let done = false
      try {
        for (const departure of departuresFromExact(config.extract)) reporter.info(departure)
        engine = openEngineFor(blockSize, loaded, { preference, decision, background, threads, signal })
        reporter.info(`engine ${engine.name} (${engine.reason})`)
        if (selection === 'batched-gradient') {
          if (loaded.kind === 'black-box') {
            throw new ConfigError(
              `--selection batched-gradient needs gradients, and model '${model.name}' is a black box (${loaded.refusal}); use --selection exact, or --block-size`,
            )
          }
          const runtime = await loadTensorFlow(config.train.backend)
          gradients = createTfjsGradientPredictor(runtime, loaded.network, { background })
        }
        // Where scores tie, another engine may choose otherwise: one table is not made by two.
        finished = await openFinishedSequences(directory.finishedSequences(part), {
          key: `${key} ${engine.name}`,
          signal,
          reporter,
        })
        if (finished.size > 0) {
          reporter.info(
            `${finished.size} of ${mine.size} sequences were finished before an interruption; going on with the others`,
          )
        }
        predictor = await openPredictor(loaded, { background, batchSize, device, threads })
        writer = await openTableWriter('sis', output)
        for await (const { id: sequence_id, collection } of extractCollections({
          inputs: inputs(),
          predictor,
          decision,
          selector: engine.selector,
          busySelections: selectionsAThread * threads,
          batchedGradient:
            gradients === undefined || batchFeatures === undefined
              ? undefined
              : { predictor: gradients, batchFeatures },
          maxSis,
          finished,
          onFinished: (result) => {
            finished?.add(result)
          },
          signal,
          reporter,
          total: mine.size,
        })) {
          const { codes, input } = inFlight.get(sequence_id)!
          inFlight.delete(sequence_id)
          counts.evaluations += collection.evaluations
          for (const { rank, features, certificate, vacuous, recomputed } of collection.subsets) {
            if (recomputed) counts.recomputed++
            if (!certificate.certified) {
              counts.uncertified++
              continue
            }
            if (vacuous) counts.decidedByBackground++
            else counts.subsets++
            const positions = cellsOfFeatures(input, features)
            writer.append({
              model_id: id,
              sequence_id,
              rank,
              positions: [...positions],
              size: positions.length,
              pattern: patternOf(codes, positions),
              score_full: certificate.scoreFull,
              score_sis: certificate.scoreSis,
              score_residual: certificate.scoreResidual,
              score_masked: certificate.scoreMasked,
              minimal: certificate.minimal,
              certified: certificate.certified,
              vacuous,
              recomputed,
            })
          }
        }
        await writer.close()
        done = true
        const { backend } = predictor
        const { name, reason } = engine
        return {
          outputs: [output],
          details: {
            ...counts,
            selection,
            batchFeatures,
            gradientBackend: gradients?.backend,
            blockSize,
            departures: departuresFromExact(config.extract),
            engine: name,
            engineReason: reason,
            threads,
            backend,
          },
        }
      } finally {
        finished?.close(done)
        await writer?.abort()
        await predictor?.close()
        await gradients?.close()
        await engine?.close()
      }
    },
  }
}

/** @throws ConfigError where an engine was asked for and cannot be had */
function openEngineFor(blockSize: number, model: Model, options: EngineOptions): Engine {
  if (blockSize === 1) return openEngine(model.kind === 'network' ? model.network : model, options)
  if (options.preference === 'incremental') {
    throw new ConfigError(
      `no incremental engine for blocks of ${blockSize} bases: engines mask base by base; use --engine auto or naive, or --block-size 1`,
    )
  }
  return openEngine({ refusal: 'engines mask base by base, not blocks' }, options)
}

/**
 * The sequences to explain: those of the chosen splits whose score gives the decision.
 * @returns sequence ids, ascending, the same for every shard
 */
async function confidentSequences(
  { directory, config }: RunContext,
  model: ModelConfig,
  decision: Decision,
): Promise<number[]> {
  const { splits, maxSequences } = config.extract
  const inSplit = new Set<number>()
  const where = `split IN (${splits.map((split) => `'${split}'`).join(', ')})`
  for await (const { sequence_id } of readTable(directory.path, 'sequences', ['sequence_id'], { where })) {
    inSplit.add(sequence_id)
  }
  const scored: { id: number; score: number }[] = []
  const predictions = readTable(
    [directory.table('predictions', model.name)],
    'predictions',
    ['sequence_id', 'score'],
    { where: `output = ${decision.output}` },
  )
  for await (const { sequence_id, score } of predictions) {
    if (inSplit.has(sequence_id) && decisionHolds(decision, score)) scored.push({ id: sequence_id, score })
  }
  if (scored.length === 0) {
    throw nothingToExplain(splits, decision, model)
  }
  if (maxSequences !== undefined && scored.length > maxSequences) {
    const sign = decision.direction === '>=' ? 1 : -1
    scored.sort((a, b) => sign * (b.score - a.score) || a.id - b.id)
    scored.length = maxSequences
  }
  return scored.map(({ id }) => id).sort((a, b) => a - b)
}

/** Parts of an earlier run with another number of shards would be taken for part of this one. */
async function removeOtherShards(
  { directory }: RunContext,
  model: ModelConfig,
  { count }: Shard,
): Promise<void> {
  const folder = dirname(directory.table('sis', model.name))
  if (!existsSync(folder)) return
  for (const name of await readdir(folder)) {
    const part = /^(.*)\.(?:parquet|partial)$/.exec(name)?.[1]
    if (part === undefined) continue
    const match = /^(.*)\.\d+-of-(\d+)$/.exec(part)
    const [of, shards] = match === null ? [part, 1] : [match[1], Number(match[2])]
    if (of === model.name && shards !== count) {
      // Another shard of this run may have been quicker.
      await rm(join(folder, name), { force: true })
      await rm(directory.stageRecord(`extract.${part}`), { force: true })
    }
  }
}
