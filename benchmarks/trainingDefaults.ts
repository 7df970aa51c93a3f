/**
 * What each choice of how networks are trained gives on ChIP-seq sets, and the whole chain with the defaults; the tables
 * of `docs/training.md`.
 *
 *     npx tsx benchmarks/trainingDefaults.ts compare --variants defaults he-uniform both-strands --sets MYC ELK1 --seeds 1
 *     npx tsx benchmarks/trainingDefaults.ts chain --seeds 1 2 3
 *
 * `compare` trains and scores the CNN (`--architecture` another), `chain` is `sis run` for a CNN and a fully connected
 * net; both take some sets or all and write a row as soon as it is known, tab-separated. Seconds are processor time, so
 * that they hold on a busy machine too. Sequences and runs are kept under --out (a folder that is removed unless it is
 * given).
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import { silentReporter } from '../src/base/reporter.ts'
import { resolveArchitecture } from '../src/model/network/architecture.ts'
import {
  defaultInitialisation,
  initialiseNetwork,
  type Initialisation,
} from '../src/model/network/initialise.ts'
import type { Strands } from '../src/model/network/network.ts'
import { createOnnxPredictor } from '../src/predict/onnx/onnxPredictor.ts'
import { loadTensorFlow, type TensorFlowRuntime } from '../src/predict/tfjs/tfjsRuntime.ts'
import { createRun } from '../src/run/record/openRun.ts'
import { prepareRun, runAll } from '../src/run/pipeline.ts'
import { validateConfig } from '../src/run/config/readConfig.ts'
import { readStageRecord, runStage } from '../src/run/record/stage.ts'
import { prepareStage } from '../src/run/stages/prepare.ts'
import { trainStage } from '../src/run/stages/train.ts'
import { createTerminalReporter } from '../src/run/terminalReporter.ts'
import { withDatabase } from '../src/store/duckdb.ts'
import { readSequenceSet } from '../src/store/tableReader.ts'
import { evaluate } from '../src/train/evaluate.ts'
import { tfjsTraining } from '../src/train/tfjsTraining.ts'
import { restartDefaults, trainWithRestarts, type RestartOptions } from '../src/train/restarts.ts'
import { describeMachine, machineLine } from './machine.ts'

interface Variant extends Partial<Omit<RestartOptions, 'name' | 'background'>> {
  readonly initialisation?: Initialisation
  readonly strands?: Strands
}

/** By name; each says only in what it differs from the defaults. */
const variants: Readonly<Record<string, Variant>> = {
  defaults: {},
  'he-uniform': { initialisation: 'he-uniform', restarts: 0 },
  'given-strand': { randomStrand: false },
  'rate-0.0005': { learningRate: 0.0005 },
  'rate-0.002': { learningRate: 0.002 },
  'cosine-12': { schedule: 'cosine', epochs: 12 },
  'cosine-12-rate-0.002': { schedule: 'cosine', epochs: 12, learningRate: 0.002 },
  'batch-64': { batchSize: 64 },
  'weight-decay-1e-4': { weightDecay: 1e-4 },
  'weight-decay-3e-4': { weightDecay: 3e-4 },
  'weight-decay-1e-3': { weightDecay: 1e-3 },
  'patience-6': { patience: 6 },
  'both-strands': { strands: 'both' },
  'both-strands-cosine-12-rate-0.002': {
    strands: 'both',
    schedule: 'cosine',
    epochs: 12,
    learningRate: 0.002,
  },
}

const factors = [
  ...['ARID3A', 'ELK1', 'FOXA1', 'GABPA', 'MYC', 'REST', 'SP1', 'SRF'],
  ...['TBP', 'TEAD4', 'USF1', 'YY1', 'ZBTB7A', 'ZNF143'],
]
const setNames = [...factors, 'CTCF']

const stopped = new AbortController()
process.once('SIGINT', () => {
  stopped.abort()
})

/** The folder of real data; see the README. */
function dataFolder(): string {
  const folder = process.env['SIS_REAL_DATA']
  if (folder === undefined) throw new Error('SIS_REAL_DATA names the folder of real data; it is not set')
  return folder
}

/** Half AC of a factor's peaks (training) or half B (test). */
function halfOf(factor: string, half: 'AC' | 'B'): string {
  for (const folder of ['chipseq-101bp', 'chipseq-101bp-more'].map((name) => join(dataFolder(), name))) {
    const file = readdirSync(folder).find(
      (name) => name.startsWith(`${factor}_`) && name.endsWith(`_${half}.seq.gz`),
    )
    if (file !== undefined) return join(folder, file)
  }
  throw new Error(`no ${half} file of ${factor} under ${dataFolder()}`)
}

/** As in pipelines/ctcf.yaml and pipelines/usf1.yaml. */
function sequencesOf(set: string): object {
  if (set === 'CTCF') {
    const file = join(dataFolder(), 'ctcf-labelled-101bp', 'test')
    return {
      sources: [{ fasta: `${file}.fa`, target: `${file}.target` }],
      length: 101,
      'split-by': 'chromosome',
      'valid-chromosomes': ['chr7', 'chr12'],
      'test-chromosomes': ['chr1', 'chr8', 'chr9', 'chr21'],
    }
  }
  return {
    sources: [
      { table: halfOf(set, 'AC'), shuffles: 1 },
      { table: halfOf(set, 'B'), split: 'test' },
    ],
    length: 101,
    'valid-fraction': 0.1,
    'test-fraction': 0,
  }
}

function openRunOf(path: string, set: string, seed: number) {
  const config = {
    seed,
    sequences: sequencesOf(set),
    extract: { quantile: set === 'CTCF' ? 0.85 : 0.9, 'max-sis': 5, threads: 1 },
    cluster: { 'known-motifs': join(dataFolder(), 'motifs/JASPAR2022_vertebrates.pfm') },
  }
  const reporter = createTerminalReporter({
    format: 'text',
    stream: process.stderr,
    environment: process.env,
    quiet: true,
  })
  return createRun(
    path,
    validateConfig(config, (keys) => keys.map(String).join('.')),
    { reporter, signal: stopped.signal, stdout: new PassThrough().resume() },
  )
}

function processorSeconds(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1e6
}

function row(cells: readonly (string | number | null | undefined)[]): void {
  process.stdout.write(`${cells.map((cell) => cell ?? '–').join('\t')}\n`)
}

async function preparedSet(folder: string, set: string, seed: number) {
  const path = join(folder, `${set}-${seed}`)
  if (!existsSync(join(path, 'config.yaml'))) await prepareRun(openRunOf(path, set, seed))
  return readSequenceSet(path)
}

async function compare(
  folder: string,
  sets: readonly string[],
  seeds: readonly number[],
  names: readonly string[],
  architecture: string,
): Promise<void> {
  row(['set', 'seed', 'variant', 'auROC test', 'auROC valid', 'best epoch', 'epochs', 'restarts', 'seconds'])
  const runtime = await loadTensorFlow('auto')
  for (const seed of seeds) {
    for (const set of sets) {
      const sequences = await preparedSet(folder, set, seed)
      for (const name of names) {
        await compareOne(sequences, set, seed, name, architecture, runtime)
      }
    }
  }
}

async function compareOne(
  sequences: Awaited<ReturnType<typeof preparedSet>>,
  set: string,
  seed: number,
  name: string,
  architecture: string,
  runtime: TensorFlowRuntime,
): Promise<void> {
  const { initialisation = defaultInitialisation, strands, ...changes } = variants[name]!
  const { length, labelNames } = sequences
  const resolved = resolveArchitecture(architecture, labelNames.length, strands)
  const begin = process.cpuUsage()
  const { network, attempts, bestEpoch } = await trainWithRestarts(
    (from) => initialiseNetwork(resolved, length, labelNames, from, initialisation),
    sequences,
    { ...restartDefaults, seed, name, ...changes, signal: stopped.signal },
    tfjsTraining(runtime),
    silentReporter,
  )
  const seconds = processorSeconds(begin)
  const predictor = await createOnnxPredictor(network, { background: restartDefaults.background, threads: 1 })
  const { metrics } = await evaluate(predictor, sequences).finally(() => predictor.close())
  const auroc = (split: string) => metrics.find((entry) => entry.split === split)?.auroc?.toFixed(4)
  const epochs = attempts.reduce((sum, { history }) => sum + history.length, 0)
  row([
    set,
    seed,
    name,
    auroc('test'),
    auroc('valid'),
    bestEpoch,
    epochs,
    attempts.length - 1,
    seconds.toFixed(1),
  ])
}

interface ChainRow {
  readonly name: string
  readonly auroc_test: number
  readonly sis: number
  readonly median: number | null
  readonly consensus: string | null
  readonly known: string | null
  readonly q: number | null
}

/** One row a model: the largest cluster's motif and the known motif nearest to it. */
const chainQuery = `
  SELECT m.name, m.auroc_test, coalesce(s.sis, 0) AS sis, s.median, f.site_consensus AS consensus,
    coalesce(nullif(b.target_name, ''), b.target_id) AS known, b.q_value AS q
  FROM models m
  LEFT JOIN (SELECT model_id, count(*)::INTEGER AS sis, median(size) AS median FROM sis GROUP BY model_id) s
    USING (model_id)
  LEFT JOIN (SELECT * FROM motifs WHERE cluster_id = 0) f USING (model_id)
  LEFT JOIN motif_best_matches b ON b.motif_id = f.motif_id
  ORDER BY m.model_id`

async function chain(folder: string, sets: readonly string[], seeds: readonly number[]): Promise<void> {
  row([
    ...[
      'set',
      'seed',
      'model',
      'auROC test',
      'SIS',
      'median bases',
      'largest motif, sites',
      'best known',
      'q',
    ],
    ...['seconds of training', 'restarts', 'seconds of the run'],
  ])
  for (const seed of seeds) {
    for (const set of sets) {
      const path = join(folder, `${set}-${seed}`)
      const context = openRunOf(path, set, seed)
      const begin = process.cpuUsage()
      await runStage(context, prepareStage(context), { onlyIfStale: true })
      const training = new Map<string, number>()
      for (const model of context.config.models) {
        const before = process.cpuUsage()
        await runStage(context, await trainStage(context, model), { onlyIfStale: false })
        training.set(model.name, processorSeconds(before))
      }
      await runAll(context, { force: false })
      const seconds = processorSeconds(begin)
      const rows = await withDatabase(context.directory.database, { readOnly: true }, (database) =>
        database.rows<ChainRow>(chainQuery),
      )
      for (const { name, auroc_test, sis, median, consensus, known, q } of rows) {
        const trained = (await readStageRecord(context.directory, `train.${name}`))!
        const attempts = trained.details['attempts'] as unknown[]
        row([
          ...[set, seed, name, auroc_test.toFixed(4), sis, median, consensus, known, q?.toExponential(0)],
          ...[training.get(name)!.toFixed(1), attempts.length - 1, seconds.toFixed(0)],
        ])
      }
    }
  }
}

const argv = await yargs(hideBin(process.argv))
  .command('compare', 'auROC and time of each variant')
  .command('chain', 'whole runs with the defaults')
  .demandCommand(1)
  .strict()
  .options({
    sets: { array: true, choices: setNames, default: setNames },
    seeds: { array: true, number: true, default: [1] },
    variants: { array: true, choices: Object.keys(variants), default: Object.keys(variants) },
    architecture: { string: true, default: 'cnn' },
    out: { string: true },
  })
  .parse()
const folder = argv.out ?? mkdtempSync(join(tmpdir(), 'training-defaults-'))
try {
  const [command] = argv._
  if (command === 'chain') await chain(folder, argv.sets, argv.seeds)
  else await compare(folder, argv.sets, argv.seeds, argv.variants, argv.architecture)
  process.stderr.write(`${machineLine(describeMachine())}\n`)
} finally {
  if (argv.out === undefined) rmSync(folder, { recursive: true })
}
