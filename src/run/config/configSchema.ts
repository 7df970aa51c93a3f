/**
 * The one schema of a run: what a config file may say is what the command line's flags may say. Keys are kebab-case in
 * both. Every text given to `describe` is shown by `--help`.
 */
import { clusterMethods } from '../../cluster/clusterMethods.ts'
import { z } from 'zod'
import { fillKinds } from '../../completion/fills.ts'
import { enginePreferences } from '../../engine/engine.ts'
import { defaultInitialisation, initialisations } from '../../model/network/initialise.ts'
import { channelOrders, outputTransforms } from '../../model/foreign/importedModel.ts'
import { strandChoices } from '../../model/network/network.ts'
import { devices } from '../../predict/devices.ts'
import { trainingBackends } from '../../train/trainingRuntimes.ts'
import { baseLetters, uniformBackground } from '../../sequence/alphabet.ts'
import { prepareDefaults } from '../../sequence/prepare.ts'
import { splitNames } from '../../sequence/sequenceSet.ts'
import { defaultQuantile } from '../../sis/threshold.ts'
import { selections } from '../../sis/types.ts'
import { classWeightings } from '../../train/classWeights.ts'
import { restartDefaults } from '../../train/restarts.ts'
import { schedules } from '../../train/train.ts'
import { evaluateSchema, explainSchema } from './explainSchemas.ts'
import { inputPath, withDefault } from './schemaParts.ts'

const count = z.int().positive()
const fraction = z.number().min(0).max(1)
/** YAML reads the chromosome 1 as a number. */
const chromosome = z.union([z.string(), z.int()]).transform(String)
const splitName = z.enum(splitNames)
/** Names are parts of file names. */
const safeName = '[A-Za-z0-9][A-Za-z0-9_.-]*'
/** What is said of a name that has others. */
export const nameRule = 'must be letters, digits, dots, dashes and underscores'

/** Architectures are named (`cnn`) or files of layers (`my-net.yaml`). */
export function isPath(architecture: string): boolean {
  return /\.ya?ml$/.test(architecture) || architecture.includes('/')
}

/** One source of sequences; exactly one of `sourceKinds` says which kind it is. */
export const sourceKinds = ['fasta', 'positives', 'table', 'bed', 'bam', 'simulate'] as const
export const sourceSchema = z.strictObject({
  fasta: inputPath().optional().describe('FASTA file (plain, gzip or bgzip)'),
  target: inputPath().optional().describe("labels of the FASTA's sequences, one line each"),
  positives: inputPath().optional().describe('FASTA file of positive sequences (label 1)'),
  negatives: inputPath().optional().describe('FASTA file of negative sequences (label 0)'),
  table: inputPath().optional().describe('TSV or CSV file of labelled sequences (plain or gzip)'),
  'sequence-column': z.string().optional().describe("the table's column of sequences"),
  'name-column': z.string().optional().describe("the table's column of names"),
  'label-columns': z.array(z.string()).optional().describe("the table's columns of 0/1 labels, one per task"),
  bed: inputPath().optional().describe('BED or narrowPeak file; needs --genome and --length'),
  bam: inputPath().optional().describe('BAM file with its index; needs --genome and --length'),
  peaks: inputPath().optional().describe('BED file of the places at which the BAM is read'),
  genome: inputPath().optional().describe('indexed FASTA of the genome'),
  centre: z.enum(['summit', 'middle']).default('summit').describe('where a BED window is centred'),
  'min-coverage': count
    .optional()
    .describe('reads that a covered base, or on average a window at a peak, of the BAM needs'),
  'min-mapping-quality': z.int().min(0).optional().describe('mapping quality that a read of the BAM needs'),
  stranded: z.boolean().default(false).describe('give BAM windows the strand of most of their reads'),
  simulate: inputPath().optional().describe('grammar file (YAML) that sequences are simulated from'),
  shuffles: z
    .int()
    .min(0)
    .default(prepareDefaults.shuffles)
    .describe('negatives made of each positive by dinucleotide-preserving shuffles'),
  'genomic-negatives': z
    .int()
    .min(0)
    .default(0)
    .describe('negatives drawn from the genome for each window of the BED, of its length and GC content'),
  label: z.int().min(0).max(1).optional().describe('label of every sequence of this source'),
  split: splitName.optional().describe('split of every sequence of this source'),
})

export const sequencesSchema = z.strictObject({
  sources: z.array(sourceSchema),
  length: count.optional().describe('length of the sequences; longer ones are cropped around their middle'),
  shorter: z
    .enum(['error', 'skip'])
    .default(prepareDefaults.shorter)
    .describe('what becomes of sequences shorter than --length'),
  duplicates: z
    .enum(['drop', 'keep'])
    .default(prepareDefaults.duplicates)
    .describe('what becomes of repeated sequences'),
  'bad-records': z
    .enum(['error', 'skip'])
    .default('error')
    .describe('stop at the first record that cannot be read, or leave such records out and count them'),
  'max-unknown': fraction
    .default(prepareDefaults.maxUnknown)
    .describe('fraction of unknown bases (N) above which a sequence is dropped'),
  'split-by': z.enum(['hash', 'chromosome', 'source']).default('hash').describe('how sequences are split'),
  'valid-chromosomes': z.array(chromosome).default([]).describe('chromosomes of the validation split'),
  'test-chromosomes': z.array(chromosome).default([]).describe('chromosomes of the test split'),
  'valid-fraction': fraction.default(0.1).describe('share of sequences in the validation split'),
  'test-fraction': fraction.default(0.2).describe('share of sequences in the test split'),
})

const trainingShape = {
  epochs: count.describe('passes over the training split, at most'),
  'batch-size': count.describe('sequences in a training step'),
  'learning-rate': z.number().positive().describe("Adam's step size"),
  schedule: z
    .enum(schedules)
    .describe('the step size over all epochs: the same, or falling to 0 along a cosine'),
  'weight-decay': z
    .number()
    .min(0)
    .describe('half of this times the sum of squares of all kernels is added to the loss'),
  patience: count.describe(
    'epochs without a lower validation loss before training stops, counted once the model is better than chance',
  ),
  restarts: z
    .int()
    .min(0)
    .describe('times that training begins again from another seed, at most, where it ends at chance'),
  initialisation: z.enum(initialisations).describe('how first weights are drawn'),
  'class-weights': z.enum(classWeightings).describe('weights of positives and negatives in the loss'),
  'random-strand': z
    .boolean()
    .describe(
      withDefault(
        'read each sequence on a strand drawn anew for each epoch of training',
        'true unless sequences were read from the reverse strand',
      ),
    ),
}

export const trainSchema = z.strictObject({
  epochs: trainingShape.epochs.default(restartDefaults.epochs),
  'batch-size': trainingShape['batch-size'].default(restartDefaults.batchSize),
  'learning-rate': trainingShape['learning-rate'].default(restartDefaults.learningRate),
  schedule: trainingShape.schedule.default(restartDefaults.schedule),
  'weight-decay': trainingShape['weight-decay'].default(restartDefaults.weightDecay),
  patience: trainingShape.patience.default(restartDefaults.patience),
  restarts: trainingShape.restarts.default(restartDefaults.restarts),
  initialisation: trainingShape.initialisation.default(defaultInitialisation),
  'class-weights': trainingShape['class-weights'].default(restartDefaults.classWeights),
  'random-strand': trainingShape['random-strand'].optional(),
  backend: z
    .enum(trainingBackends)
    .default('auto')
    .describe(
      'what trains: ONNX Runtime (cpu, webgpu, cuda) or a backend of TensorFlow.js; auto takes native TensorFlow.js where it is installed, else the faster one for the network',
    ),
})

/** What a model file may not tell, or tells otherwise: how it reads sequences, and which of its numbers are scores. */
export const importSchema = z.strictObject({
  weights: inputPath().optional().describe('HDF5 file of the weights, where the model file is Keras JSON'),
  'input-order': z
    .enum(channelOrders)
    .optional()
    .describe("how the model's input lies: NCW channel by channel, NWC position by position"),
  alphabet: z
    .string()
    .optional()
    .describe(withDefault("the model's order of channels, e.g. AGCT", baseLetters)),
  'output-tensor': z
    .union([z.string(), z.int().min(0)])
    .optional()
    .describe('the output that holds the scores, by name or index, where the model has several'),
  'output-names': z.array(z.string()).optional().describe('a name for each score, in order'),
  transform: z
    .enum(outputTransforms)
    .optional()
    .describe(
      withDefault('what makes scores of what the model gives, e.g. sigmoid where it gives logits', 'none'),
    ),
})

/** A sequence whose scores are known, so that a model read wrongly is found out before a long run. */
const checkSchema = z.strictObject({
  sequence: z.string(),
  scores: z.array(z.number()).min(1),
})

export const modelSchema = z.strictObject({
  name: z
    .string()
    // Of runs that are compared the models are called RUN/MODEL (comparedRuns.ts).
    .regex(new RegExp(`^(?:${safeName}/)?${safeName}$`), nameRule)
    .refine((name) => name !== 'joint', "is taken: 'joint' names the clustering of all models"),
  architecture: inputPath(isPath)
    .optional()
    .describe('a named architecture, or a YAML file with a list of layers'),
  layers: z.array(z.unknown()).optional().describe('the list of layers itself'),
  strands: z
    .enum(strandChoices)
    .optional()
    .describe('score the forward strand, or the better of both (deepbind reads both, the others forward)'),
  artifact: inputPath().optional().describe('directory of a model trained before (model.onnx, model.json)'),
  file: inputPath()
    .optional()
    .describe(
      'a model from elsewhere: ONNX, Keras (.h5, .keras, .json), TensorFlow.js (model.json), SavedModel (directory), DeepBind (.txt)',
    ),
  ...importSchema.shape,
  check: z
    .array(checkSchema)
    .optional()
    .describe('sequences and their scores as its author has them; a model that scores otherwise is an error'),
  ...(Object.fromEntries(Object.entries(trainingShape).map(([key, schema]) => [key, schema.optional()])) as {
    [K in keyof typeof trainingShape]: z.ZodOptional<(typeof trainingShape)[K]>
  }),
})

export const extractSchema = z.strictObject({
  output: z
    .union([z.string(), z.int().min(0)])
    .default(0)
    .describe('output that is explained, by name or index'),
  direction: z.enum(['>=', '<=']).default('>=').describe('the side of the threshold that is explained'),
  threshold: z.number().optional().describe('the threshold τ itself'),
  quantile: fraction
    .default(defaultQuantile)
    .describe('τ as a quantile of the predictions, where no threshold is given'),
  'quantile-split': z
    .enum([...splitNames, 'all'])
    .default('test')
    .describe('split whose predictions the quantile is of'),
  splits: z.array(splitName).min(1).default(['test']).describe('splits whose sequences are explained'),
  'max-sequences': count
    .optional()
    .describe('explain at most this many sequences a model, the highest scores first'),
  'max-sis': count.default(10).describe('sufficient input subsets of one sequence, at most'),
  background: z
    .array(z.number())
    .length(4)
    .default([...uniformBackground])
    .describe('what a masked base becomes: numbers for A, C, G and T'),
  fill: z
    .string()
    .regex(
      new RegExp(`^(?:mask|(?:${fillKinds.join('|')}):[1-9]\\d{0,3})$`),
      `must be mask, or one of ${fillKinds.join(', ')} with how many completions, e.g. shuffled:20`,
    )
    .default('mask')
    .describe(
      `what a base that is not kept becomes: the background (mask), or real bases, the score being the mean over so many completions (${fillKinds.map((kind) => `${kind}:N`).join(', ')})`,
    ),
  'batch-size': count.optional().describe('inputs that the runtime scores at once'),
  device: z
    .enum(devices)
    .default('auto')
    .describe('what scores sequences; a device that is named and not there is an error, auto takes the best'),
  selection: z
    .enum(selections)
    .default('exact')
    .describe(
      'exact, or batched-gradient: approximate, for long sequences; its SIS are certified all the same, but may be others than the exact ones',
    ),
  'batch-features': count.default(16).describe('batched-gradient: features masked at each step'),
  'block-size': count
    .default(1)
    .describe('bases masked together; an SIS of such blocks is minimal in blocks, not in bases'),
  engine: z
    .enum(enginePreferences)
    .default('auto')
    .describe(
      'who selects: the fastest exact engine that knows the model (auto), an engine or an error (incremental), the runtime alone (naive)',
    ),
  threads: count
    .optional()
    .describe(
      withDefault('threads of engine and runtime', 'SLURM_CPUS_PER_TASK where set, else all processors'),
    ),
})

export const completionsSchema = z.strictObject({
  completions: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('completions of each kind that an SIS is tried in'),
  fills: z
    .array(z.enum(fillKinds))
    .min(1)
    .default([...fillKinds])
    .describe(
      "where the bases of completions come from: the sequence's own others, shuffled; other sequences that the model does not call; drawn by the background",
    ),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional()
    .describe(withDefault('seed of the completions', 'that of the run')),
})

export const clusterSchema = z.strictObject({
  'part-gap': z
    .int()
    .min(0)
    .optional()
    .describe(
      withDefault(
        'masked bases between neighbours of one part of an SIS, at most',
        'learnt from the gaps of each model',
      ),
    ),
  method: z.enum(clusterMethods).default('dbscan').describe('how parts are clustered'),
  eps: z.number().positive().optional().describe('DBSCAN: edit distance within which parts are neighbours'),
  'min-samples': count.optional().describe('DBSCAN: parts (itself included) that make a core'),
  k: count.optional().describe('k-means: number of clusters'),
  'reverse-complements': z.boolean().default(true).describe('treat a part and its reverse complement as one'),
  merge: z.boolean().default(true).describe('make motifs one that are the same within noise'),
  'known-motifs': inputPath()
    .optional()
    .describe('file of known motifs (MEME, .pfm, .h5 of modisco-lite, …) that motifs are compared with'),
  'max-q-value': fraction
    .default(0.1)
    .describe('q-value above which a match is not stored (the best always is)'),
})

export const reportSchema = z.strictObject({
  title: z.string().optional().describe('title of the page'),
  examples: z.int().min(0).default(6).describe('example sequences drawn for each model'),
  curves: z
    .int()
    .min(0)
    .default(100)
    .describe('sequences of each model whose ordering curve the page holds: the most confident'),
  assembly: z
    .string()
    .regex(/^[A-Za-z0-9_.-]+$/, 'is a name such as hg38')
    .optional()
    .describe("UCSC's name of the genome (hg38), for links to genome browsers; else as its file is called"),
})

/** A finished run that is compared with others. */
const comparedRunSchema = z.strictObject({
  name: z
    .string()
    .regex(new RegExp(`^${safeName}$`), nameRule)
    .describe('what it is called: its models are NAME/MODEL'),
  path: inputPath().describe('its directory'),
})

export const configSchema = z.strictObject({
  out: z.string().optional().describe('the run directory'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .describe('seed of everything random'),
  runs: z
    .array(comparedRunSchema)
    .min(2, 'needs at least two runs')
    .optional()
    .describe('finished runs that are compared, instead of sequences and training'),
  sequences: sequencesSchema,
  train: trainSchema.prefault({}),
  models: z
    .array(modelSchema)
    .min(1, 'needs at least one model')
    .default([
      { name: 'cnn', architecture: 'cnn' },
      { name: 'fc', architecture: 'fc' },
    ]),
  extract: extractSchema.prefault({}),
  completions: completionsSchema.optional().describe('SIS are tried in real contexts, where this is given'),
  cluster: clusterSchema.prefault({}),
  explain: explainSchema.prefault({}),
  evaluate: evaluateSchema.prefault({}),
  report: reportSchema.prefault({}),
})

/** A config as it is written: kebab-case keys, defaults filled in. */
export type ConfigFile = z.output<typeof configSchema>

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S
type CamelKeys<T> = T extends readonly (infer U)[]
  ? CamelKeys<U>[]
  : T extends object
    ? { [K in keyof T as K extends string ? Camel<K> : never]: CamelKeys<T[K]> }
    : T

/** A config as code reads it: the same, its keys in camelCase. */
export type Config = CamelKeys<ConfigFile>

/** `layers` holds a list in the architecture's own language and stays as it is. */
function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      key === 'layers' ? inner : camelKeys(inner),
    ]),
  )
}

export function toConfig(file: ConfigFile): Config {
  return camelKeys(file) as Config
}
