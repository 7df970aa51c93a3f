/** Extract: the SIS-collections of every confident sequence under one model, or of one shard of them. */
import { encodeSequence } from '../../sequence/alphabet.ts'
import { selectionsAThread } from '../../engine/engine.ts'
import { extractCollections, type IdentifiedInput } from '../../sis/extractCollections.ts'
import { shardPart, tableFiles } from '../../store/tableFiles.ts'
import { readTable } from '../../store/tableReader.ts'
import { openTableWriter, type TableWriter } from '../../store/tableWriter.ts'
import { departuresFromExact } from '../config/departures.ts'
import { modelId, type ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'
import type { Stage } from '../record/stage.ts'
import { confidentSequences } from './confidentSequences.ts'
import { openExplainer } from './explainer.ts'
import { maskingOf, type Filling } from './extractInputs.ts'
import { openFinishedSequences, type FinishedSequences } from './finishedSequences.ts'
import { prefixed } from './prefixed.ts'
import { modelFilesOf, readModelDecision } from './readModels.ts'
import { ofShard, removeOtherShards, type Shard } from './shards.ts'
import { noSisYet, sisRows } from './sisRows.ts'

/** An SIS that cannot be certified is not stored: it is counted and warned of. */
export async function extractStage(context: RunContext, model: ModelConfig, shard: Shard): Promise<Stage> {
  const { directory, config, threads, signal } = context
  const { splits, maxSequences, maxSis, background, device, selection, blockSize } = config.extract
  // With the mask as a run of an earlier version has it, so that such a run is up to date.
  const fill = config.extract.fill === 'mask' ? undefined : config.extract.fill
  const batchFeatures = selection === 'batched-gradient' ? config.extract.batchFeatures : undefined
  const departures = departuresFromExact(config.extract)
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
      fill,
      seed: fill === undefined ? undefined : config.seed,
      shard,
    },
    inputs: () => [
      ...sequenceFiles,
      ...modelFilesOf(directory, model.name),
      directory.table('predictions', model.name),
    ],
    async run(key, progress) {
      await removeOtherShards(directory, model, shard)
      const decision = await readModelDecision(directory, model.name)
      const mine = new Set(ofShard(await confidentSequences(context, model, decision), shard))
      const counts = noSisYet(mine.size)
      const reporter = prefixed(context.reporter, model.name)
      for (const departure of departures) reporter.info(departure)
      const explainer = await openExplainer(context, model, decision, reporter)
      const { predictor, filling, engine, gradients } = explainer
      const inFlight = new Map<number, { codes: Uint8Array; input: IdentifiedInput }>()
      let finished: FinishedSequences | undefined
      let writer: TableWriter<'sis'> | undefined
      let whole = false
      try {
        // Where scores tie, another engine may choose otherwise: one table is not made by two.
        finished = openFinishedSequences(directory.finishedSequences(part), {
          key: `${key} ${engine.name}`,
          signal,
          reporter,
        })
        if (finished.size > 0) {
          reporter.info(
            `${finished.size} of ${mine.size} sequences were finished before an interruption; going on with the others`,
          )
        }
        let done = finished.size
        progress(done, mine.size)
        writer = await openTableWriter('sis', output)
        for await (const { id: sequenceId, collection } of extractCollections({
          inputs: inputsOf(sequenceFiles, mine, { blockSize, filling }, inFlight),
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
            progress(++done, mine.size)
          },
          signal,
          reporter,
          total: mine.size,
        })) {
          const explained = { modelId: id, sequenceId, ...inFlight.get(sequenceId)! }
          inFlight.delete(sequenceId)
          filling?.predictor.finish(explained.input)
          for (const row of sisRows(explained, collection, counts)) writer.append(row)
        }
        await writer.close()
        whole = true
        return {
          outputs: [output],
          details: {
            ...counts,
            rows: writer.count,
            selection,
            batchFeatures,
            gradientBackend: gradients?.backend,
            blockSize,
            fill,
            departures,
            engine: engine.name,
            engineReason: engine.reason,
            threads,
            backend: predictor.backend,
          },
        }
      } finally {
        finished?.close(whole)
        await writer?.abort()
        await explainer.close()
      }
    },
  }
}

/** @param inFlight has each input from when it is read */
async function* inputsOf(
  files: readonly string[],
  chosen: ReadonlySet<number>,
  { blockSize, filling }: { readonly blockSize: number; readonly filling: Filling | undefined },
  inFlight: Map<number, { codes: Uint8Array; input: IdentifiedInput }>,
): AsyncGenerator<IdentifiedInput> {
  const columns = ['sequence_id', 'name', 'sequence'] as const
  for await (const { sequence_id: id, name, sequence } of readTable(files, 'sequences', columns)) {
    if (!chosen.has(id)) continue
    const codes = encodeSequence(sequence)
    const input = { id, ...maskingOf(name, codes, blockSize, filling) }
    inFlight.set(id, { codes, input })
    yield input
  }
}
