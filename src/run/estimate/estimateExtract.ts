/** `sis extract --estimate`: how long finding SIS may take, exactly and by batched gradients, before it is begun. */
import { ConfigError } from '../../base/errors.ts'
import { silentReporter } from '../../base/reporter.ts'
import { counted } from '../../base/format.ts'
import { encodeSequence } from '../../sequence/alphabet.ts'
import { usualScores } from '../../sis/approximate/batchedGradient.ts'
import { featureCount } from '../../sis/masking.ts'
import { selections, type MaskableInput } from '../../sis/types.ts'
import { tableFiles } from '../../store/tableFiles.ts'
import { readTable } from '../../store/tableReader.ts'
import { fillOf } from '../config/fills.ts'
import { chosenModels, type ModelConfig } from '../config/modelIndex.ts'
import type { RunContext } from '../record/context.ts'
import { requireOwn, requireReady } from '../record/readiness.ts'
import { runStage } from '../record/stage.ts'
import { confidentSequences } from '../stages/confidentSequences.ts'
import { openExplainer, type Explainer } from '../stages/explainer.ts'
import { maskingOf } from '../stages/extractInputs.ts'
import { predictStage } from '../stages/predict.ts'
import { readModelDecision } from '../stages/readModels.ts'
import { ofShard, type Shard } from '../stages/shards.ts'
import { formatDuration } from '../terminalReporter.ts'
import { selectionRows, tryGradients, tryScores, trySelection } from './trials.ts'

/** Prints, for each model, what either selection may take; extracts nothing and keeps no setting. */
export async function estimateExtract(
  context: RunContext,
  shard: Shard,
  only: readonly string[] | undefined,
): Promise<void> {
  requireOwn(context, 'extract')
  const chosen = chosenModels(context.config, only)
  await requireReady(context, 'extract', chosen)
  for (const model of chosen) {
    await runStage(context, await predictStage(context, model, { explains: true }), { onlyIfStale: true })
    for (const line of await estimateModel(context, model, shard)) context.stdout.write(`${line}\n`)
  }
}

/** Of what a model is to explain. */
interface Task {
  readonly output: number
  /** One for each thread, real ones; the same again where there are fewer. */
  readonly inputs: readonly MaskableInput[]
}

async function estimateModel(context: RunContext, model: ModelConfig, shard: Shard): Promise<string[]> {
  const { config, threads } = context
  const decision = await readModelDecision(context.directory, model.name)
  const mine = ofShard(await confidentSequences(context, model, decision), shard)
  const { maxSis } = config.extract
  const head = `${model.name}: ${counted(mine.length, 'sequence')} to explain, ${counted(threads, 'thread')}`
  if (mine.length === 0) return [head]
  const lines = []
  let job: string | undefined
  // Where bases are not masked, gradients of masked ones say nothing.
  const possible = fillOf(config.extract) === undefined ? selections : (['exact'] as const)
  for (const selection of possible) {
    const extract = { ...config.extract, selection }
    lines.push(`  ${selection}: ${await estimateSelection({ ...context, config: { ...config, extract } })}`)
  }
  const further = maxSis > 1 ? `; each further SIS (max-sis ${maxSis}) takes as long again at most` : ''
  return [
    `${head}; an estimate, from a trial of seconds`,
    ...lines,
    `  for one SIS a sequence${further}`,
    ...(job === undefined ? [] : [job]),
  ]

  async function estimateSelection(own: RunContext): Promise<string> {
    const { selection } = own.config.extract
    let explainer: Explainer
    try {
      explainer = await openExplainer(own, model, decision, silentReporter)
    } catch (error) {
      if (error instanceof ConfigError) return error.message
      throw error
    }
    try {
      const inputs = await inputsOf(context, explainer, mine.slice(0, threads))
      const task: Task = {
        output: decision.output,
        inputs: Array.from({ length: threads }, (_, i) => inputs[i % inputs.length]!),
      }
      if (selection === 'batched-gradient') return told(mine.length, await byGradients(explainer, task, own))
      const exact = await exactly(explainer, task)
      job = jobOf(mine.length * exact.seconds, exact.bytes, maxSis, shard)
      return told(mine.length, exact)
    } finally {
      await explainer.close()
    }
  }
}

/** What a scheduler is asked for, with room to spare: a node may be busy, and each further SIS takes as long again at most. */
function jobOf(seconds: number, bytes: number, maxSis: number, { index, count }: Shard): string {
  const minutes = Math.ceil((seconds * maxSis) / 60) + 5
  const part = count === 1 ? 'all in one job' : `as shard ${index}/${count}`
  return `  ${part}: ask for ${50 * Math.ceil((1.25 * bytes) / 2 ** 20 / 50)} MiB and ${minutes} minutes (exact)`
}

/** Of one selection, the threads shared. */
interface Cost {
  readonly seconds: number
  readonly bytes: number
  /** For people. */
  readonly how: readonly string[]
}

async function exactly({ engine, predictor }: Explainer, { inputs }: Task): Promise<Cost> {
  const p = featureCount(inputs[0]!)
  // A trial does not touch all that an engine keeps.
  const bytes = process.memoryUsage.rss() + engine.bytes
  if (engine.selector === undefined) {
    const score = await tryScores(predictor, inputs[0]!)
    const rows = selectionRows(p)
    const how = [`engine naive (${engine.reason})`, `${counted(rows, 'score')} each`]
    return { seconds: score * rows, bytes, how }
  }
  const { seconds, measured } = await trySelection(engine.selector, inputs, p)
  return { seconds, bytes, how: [`engine ${engine.name} (${engine.reason})`, `measured on ${measured}`] }
}

async function byGradients(
  { predictor, gradients }: Explainer,
  { output, inputs }: Task,
  { config }: RunContext,
): Promise<Cost> {
  const input = inputs[0]!
  const { batchFeatures } = config.extract
  const steps = Math.ceil(featureCount(input) / batchFeatures)
  const gradient = await tryGradients(gradients!, input, output)
  const score = await tryScores(predictor, input)
  const bytes = process.memoryUsage.rss()
  const how = [
    `k = ${batchFeatures}`,
    `${counted(steps, 'gradient')} and about ${counted(usualScores, 'score')} each`,
    `gradients by ${gradients!.backend}`,
  ]
  return { seconds: steps * gradient + usualScores * score, bytes, how }
}

function told(sequences: number, { seconds, bytes, how }: Cost): string {
  const memory = Math.ceil(Math.max(bytes, process.memoryUsage.rss()) / 2 ** 20).toLocaleString('en-US')
  const all = `about ${formatDuration(sequences * seconds)}, ${each(seconds)} a sequence`
  return `${all}; ${memory} MiB of memory; ${how.join(', ')}`
}

function each(seconds: number): string {
  return seconds < 1 ? `${(1000 * seconds).toPrecision(2)} ms` : formatDuration(seconds)
}

async function inputsOf(
  { directory, config }: RunContext,
  { filling }: Explainer,
  ids: readonly number[],
): Promise<MaskableInput[]> {
  const { blockSize } = config.extract
  const files = await tableFiles(directory.path, 'sequences')
  const where = `sequence_id IN (${ids.join(', ')})`
  const inputs = []
  for await (const { name, sequence } of readTable(files, 'sequences', ['name', 'sequence'], { where })) {
    const codes = encodeSequence(sequence)
    inputs.push(maskingOf(name, codes, blockSize, filling))
  }
  return inputs
}
