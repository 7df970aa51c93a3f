/** The grammar schema: defaults, unknown keys, and references that lead nowhere. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { grammarSchema } from '../../src/sequence/grammar.ts'

const small = {
  length: 20,
  motifs: { GATA: { consensus: 'GATA' } },
  classes: [{ name: 'a', count: 1, labels: [1], elements: [{ motif: 'GATA' }] }],
}
const issuesOf = (grammar: unknown): string =>
  z.prettifyError(grammarSchema.safeParse(grammar).error ?? new z.ZodError([]))

describe('grammarSchema', () => {
  it('fills in defaults', () => {
    expect(grammarSchema.parse(small)).toEqual({
      ...small,
      labels: ['positive'],
      background: { gc: 0.5 },
      'minimum-spacing': 0,
      classes: [
        {
          ...small.classes[0],
          elements: [
            {
              motif: 'GATA',
              probability: 1,
              copies: 1,
              strand: 'either',
              placement: 'uniform',
              scrambled: false,
              mutated: 0,
            },
          ],
        },
      ],
    })
  })

  it.each([
    ['an unknown key', { ...small, lenght: 5 }, 'lenght'],
    ['a motif in two forms', { ...small, motifs: { GATA: { consensus: 'GATA', meme: 'x' } } }, 'motifs.GATA'],
    ['a letter that is not IUPAC', { ...small, motifs: { GATA: { consensus: 'GAXA' } } }, 'IUPAC'],
    ['a row that does not sum to 1', { ...small, motifs: { GATA: { ppm: [[1, 1, 0, 0]] } } }, 'sum to 1'],
    ['a range upside down', change({ copies: [3, 1] }), 'elements[0]'],
    ['a motif that is not there', change({ motif: 'RUNX' }), "'RUNX'"],
    ['too many labels', { ...small, labels: ['a', 'b'] }, 'has 1 labels, but the grammar names 2'],
    ['names that repeat', { ...small, classes: [...small.classes, ...small.classes] }, 'names that repeat'],
    ['a group of one', change({ motif: undefined, group: [{ motif: 'GATA' }], spacing: 1 }), 'elements[0]'],
  ])('refuses %s and says where', (_, grammar, words) => {
    expect(issuesOf(grammar)).toContain(words)
  })
})

function change(element: object) {
  return {
    ...small,
    classes: [{ ...small.classes[0], elements: [{ ...small.classes[0]!.elements[0], ...element }] }],
  }
}
