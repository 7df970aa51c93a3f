/** The sentence of a model, whole. */
import { describe, expect, it } from 'vitest'
import { logicOfModel, type LogicSis } from '../../src/logic/logicOfModel.ts'
import { setText, summaryOfParts, summaryOfPositions, type SummaryFacts } from '../../src/logic/summary.ts'

const names = ['TAL1', 'GATA1', 'CTCF']
const facts = {
  model: 'cnn',
  direction: '>=',
  threshold: 0.5,
  labelOf: (motif: number) => names[motif]!,
} as const
const site = (motif: number, start: number) => ({
  size: 4,
  site: { motif, strand: '+' as const, start, end: start + 6 },
})

function factsOf(sis: readonly LogicSis[], change: Partial<SummaryFacts> = {}): SummaryFacts {
  const { sets, pairs, alternatives } = logicOfModel(sis, new Set(), 100)
  return {
    ...facts,
    sis: sis.length,
    sequences: new Set(sis.map(({ sequence }) => sequence)).size,
    severalSis: alternatives.reduce((sum, { sequences }) => sum + sequences, 0),
    sets,
    pairs: pairs.map((pair) => ({ ...pair, scores: { a: 0.02, b: 0.1, pair: 0.93, gain: 0.83 } })),
    ...change,
  }
}

describe('summaryOfParts', () => {
  it('tells of two motifs that are needed together', () => {
    const sis = Array.from({ length: 20 }, (_, i) => ({ sequence: i, parts: [site(0, i), site(1, i + 16)] }))
    expect(summaryOfParts(factsOf(sis))).toBe(
      'cnn scores a sequence ≥ 0.5000 where it has TAL1 and GATA1 together (20 of 20 SIS, 100\u00a0%); TAL1 and GATA1 lie as TAL1> GATA1> (100\u00a0%) and 10 bases apart (100\u00a0% of 20 pairs); alone they score 0.02000 and 0.1000 (medians), together 0.9300.',
    )
  })

  it('tells of alternatives, and what is left', () => {
    const sis = [
      ...Array.from({ length: 12 }, (_, i) => ({ sequence: i, parts: [site(0, 5)] })),
      ...Array.from({ length: 7 }, (_, i) => ({ sequence: i + 8, parts: [site(1, 40)] })),
      { sequence: 30, parts: [site(2, 40)] },
    ]
    expect(summaryOfParts(factsOf(sis, { direction: '<=', threshold: -1.5 }))).toBe(
      'cnn scores a sequence ≤ −1.500 where it has TAL1 alone (12 of 20 SIS, 60\u00a0%), or GATA1 alone (7 of 20 SIS, 35\u00a0%); the other 1 have other sets; 4 of 16 sequences have several disjoint SIS, each enough by itself.',
    )
  })

  it('tells of two sites of one motif', () => {
    const sis = Array.from({ length: 4 }, (_, i) => ({
      sequence: i,
      parts: [site(2, 7 * i), site(2, 30 + 9 * i)],
    }))
    expect(summaryOfParts(factsOf(sis))).toContain('where it has two sites of CTCF (4 of 4 SIS')
    expect(summaryOfParts(factsOf(sis))).toContain('one alone scores 0.02000 or 0.1000')
  })

  it('says so where nothing recurs, and where there is nothing', () => {
    const many = Array.from({ length: 12 }, (_, i) => ({
      sequence: i,
      parts: Array.from({ length: i + 1 }, (__, k) => site(0, 8 * k)),
    }))
    expect(summaryOfParts(factsOf(many))).toContain('many different sets of motifs (12 sets in 12 SIS)')
    expect(summaryOfParts(factsOf([]))).toBe('cnn has no SIS.')
  })
})

it('summaryOfPositions says why motifs say little', () => {
  const { model, direction, threshold } = facts
  expect(
    summaryOfPositions({
      model,
      direction,
      threshold,
      sis: 200,
      sequences: 90,
      inMotifs: 14,
      positions: 23,
      length: 101,
    }),
  ).toBe(
    'cnn does not look for motifs that recur: 14 of its 200 SIS (7\u00a0%) have a part in one; half of the bases that they keep lie at 23 of 101 positions, so it is shown by the positions that it needs.',
  )
})

it('setText counts sites of one motif', () => {
  expect(setText(['A'])).toBe('A alone')
  expect(setText(['A', 'A', 'A'])).toBe('three sites of A')
  expect(setText(['A', 'A', 'B'])).toBe('two sites of A and B together')
})
