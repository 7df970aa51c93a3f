/** What a config says of other explanation methods, and of the scorecard on which they and SIS are judged. */
import { z } from 'zod'
import { baselines } from '../../explain/method.ts'
import { methodNames } from '../../explain/methods.ts'
import { inputPath, withDefault } from './schemaParts.ts'

const count = z.int().positive()

/** Attributions that something else made. */
const givenAttributionsSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'consists of letters, digits, _ and -')
    .refine((name) => !methodNames.some((method) => method === name), 'is a method of ours; take another')
    .describe('what they are called, as a method is'),
  path: inputPath().describe('array [n, L], [n, L, 4] or [n, 4, L]: .npy, .npz or HDF5'),
  array: z.string().optional().describe('which array of the file; a known name or the only one unless given'),
  rows: inputPath()
    .optional()
    .describe('table or FASTA whose names say which sequence each row is of; else in the order of the run'),
  model: z.string().optional().describe('whose they are; the only model unless given'),
})

/** Other explanation methods, beside SIS. */
export const explainSchema = z.strictObject({
  methods: z.array(z.enum(methodNames)).default([]).describe('explanation methods, beside SIS'),
  'max-sequences': count
    .optional()
    .describe('explain at most this many of the sequences that are extracted, the highest scores first'),
  replicates: count
    .default(1)
    .describe('times that methods which sample are asked, each from another seed, to see how far they agree'),
  steps: count.default(50).describe('integrated gradients: points between baseline and sequence'),
  baseline: z
    .enum(baselines)
    .default('shuffled')
    .describe('what integrated gradients start from (DeepLIFT takes the background, DeepSHAP shuffles)'),
  references: count
    .default(20)
    .describe(
      'dinucleotide shuffles of each sequence: of DeepSHAP, and of integrated gradients from shuffles',
    ),
  samples: count
    .default(1000)
    .describe('draws of methods that sample: LIME, Shapley values, maximum entropy'),
  window: count.default(1).describe('bases that occlusion, LIME and Shapley values take as one feature'),
  attributions: z.array(givenAttributionsSchema).default([]).describe('attributions made elsewhere'),
})

/** The scorecard of SIS and of other methods. */
export const evaluateSchema = z.strictObject({
  motif: z
    .string()
    .optional()
    .describe(
      withDefault(
        'known motif that explanations are held against, by id or name, of those that the run matched',
        "that which names each model's leading motif",
      ),
    ),
})
