/** The grammar file: what simulated sequences are made of. Read it as YAML, check it with `grammarSchema`. */
import { z } from 'zod'

const iupac = /^[ACGTRYSWKMBDHVN]+$/
const frequencies = z
  .array(z.number().min(0))
  .length(4)
  .refine((row) => Math.abs(row.reduce((sum, p) => sum + p, 0) - 1) < 0.01, 'must sum to 1')
const fraction = z.number().min(0).max(1)
const count = z.int().min(0)
const range = z
  .tuple([count, count])
  .refine(([from, to]) => from <= to, 'must be given as [smallest, largest]')
const numberOrRange = z.union([count, range])

const strand = z.enum(['+', '-', 'either']).describe("strand; 'either' draws one for each site")

const backgroundSchema = z
  .union([
    z.strictObject({ gc: fraction.describe('share of G and C; A = T, C = G') }),
    z.strictObject({ frequencies: frequencies.describe('frequencies of A, C, G, T') }),
    z.strictObject({
      transitions: z
        .array(frequencies)
        .length(4)
        .describe('first-order Markov chain: row = base before (A C G T), column = next base'),
    }),
  ])
  .describe('what lies between the motifs: gc, frequencies or transitions')

const motifSchema = z
  .union([
    z.strictObject({
      consensus: z
        .string()
        .regex(iupac, 'must be IUPAC letters in upper case')
        .describe('IUPAC letters; a site draws each base evenly from those that the letter allows'),
    }),
    z.strictObject({
      ppm: z.array(frequencies).min(1).describe('a row of probabilities of A, C, G, T for every position'),
    }),
    z.strictObject({ meme: z.string().describe('id or name of a motif in the file of known motifs') }),
  ])
  .describe('a motif: consensus, ppm or meme')

const placement = z
  .union([
    z.literal('uniform'),
    z.strictObject({
      centre: z
        .number()
        .positive()
        .describe('standard deviation, in bases, around the middle of the sequence'),
    }),
    z.strictObject({ within: range.describe('bases [first, last], 0-based, that the element may occupy') }),
  ])
  .describe("where the element lies: 'uniform', { centre: bases } or { within: [first, last] }")

const decoy = {
  scrambled: z.boolean().default(false).describe('put the columns of the motif in a random order: a decoy'),
  mutated: count
    .default(0)
    .describe('replace this many informative bases by ones that the motif has least of all there: a decoy'),
}

const occurrence = {
  probability: fraction.default(1).describe('share of the sequences that have the element'),
  copies: numberOrRange.default(1).describe('copies in a sequence that has it: a number or [least, most]'),
  strand: strand.default('either'),
  placement: placement.default('uniform'),
}

const memberSchema = z.strictObject({
  motif: z.string().describe('name of a motif of this grammar'),
  strand: strand.default('+'),
  ...decoy,
})

const elementSchema = z
  .union([
    z.strictObject({
      motif: z.string().describe('name of a motif of this grammar'),
      ...decoy,
      ...occurrence,
    }),
    z.strictObject({
      group: z
        .array(memberSchema)
        .min(2)
        .describe('motifs in this order, their strands relative to the group'),
      spacing: numberOrRange.describe('bases between one motif and the next: a number or [least, most]'),
      ...occurrence,
    }),
  ])
  .describe('a motif, or an ordered group of motifs')

const classSchema = z.strictObject({
  name: z.string().min(1).describe('begins the names of its sequences'),
  count: z.int().positive().describe('sequences of this class'),
  labels: z
    .array(z.union([z.literal(0), z.literal(1)]))
    .describe("one 0 or 1 for each of the grammar's labels"),
  background: backgroundSchema.optional().describe("this class's own background"),
  elements: z.array(elementSchema).default([]).describe('what is planted; nothing by default'),
})

export const grammarSchema = z
  .strictObject({
    length: z.int().positive().describe('bases of every sequence'),
    labels: z.array(z.string()).min(1).default(['positive']).describe('names of the labels (tasks)'),
    background: backgroundSchema.default({ gc: 0.5 }),
    motifs: z.record(z.string(), motifSchema).default({}).describe('motifs by name'),
    'minimum-spacing': count.default(0).describe('least number of bases between two elements'),
    classes: z.array(classSchema).min(1).describe('kinds of sequences, each with its labels'),
  })
  .superRefine((grammar, context) => {
    for (const [i, kind] of grammar.classes.entries()) {
      if (kind.labels.length !== grammar.labels.length) {
        context.addIssue({
          code: 'custom',
          path: ['classes', i, 'labels'],
          message: `has ${kind.labels.length} labels, but the grammar names ${grammar.labels.length}`,
        })
      }
      for (const [j, element] of kind.elements.entries()) {
        for (const { motif } of 'group' in element ? element.group : [element]) {
          if (Object.hasOwn(grammar.motifs, motif)) continue
          context.addIssue({
            code: 'custom',
            path: ['classes', i, 'elements', j],
            message: `names the motif '${motif}', which the grammar does not have; it has ${Object.keys(grammar.motifs).join(', ') || 'none'}`,
          })
        }
      }
    }
    const names = grammar.classes.map((kind) => kind.name)
    if (new Set(names).size < names.length) {
      context.addIssue({ code: 'custom', path: ['classes'], message: 'have names that repeat' })
    }
  })

/** A grammar with its defaults filled in. */
export type Grammar = z.output<typeof grammarSchema>
export type GrammarClass = z.output<typeof classSchema>
export type GrammarElement = z.output<typeof elementSchema>
export type GrammarMotif = z.output<typeof motifSchema>
export type GrammarBackground = z.output<typeof backgroundSchema>
