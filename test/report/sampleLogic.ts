/** Made-up logic for the tests of the page: a model of two motifs at a preferred distance, and one tied to positions. */
import type { LogicFacts, MotifRef, PairFacts, Quartiles } from '../../src/report/logicFacts.ts'

const quartiles = (median: number): Quartiles => ({
  least: median - 0.2,
  lower: median - 0.05,
  median,
  upper: median + 0.04,
  most: median + 0.06,
})

/** 250 pairs from -2 to 60 bases apart; 90 of them 10, where 4 are expected. */
export function samplePair(a: MotifRef, b: MotifRef): PairFacts {
  const distances = Array.from({ length: 63 }, (_, i) => {
    const gap = i - 2
    const observed = gap === 10 ? 90 : gap === 60 ? 36 : i % 2 === 0 ? 4 : 0
    return { gap, observed, expected: 4, pValue: gap === 10 ? 3e-80 : gap === 60 ? 2e-22 : 1 }
  })
  return {
    motifs: [a, b],
    palindromes: [false, false],
    pairs: 250,
    sequences: 241,
    gapLeast: -2,
    gapMedian: 10,
    gapMost: 60,
    spacing: 'preferred',
    periodP: 0.2,
    closeP: 0.03,
    arrangement: 'A> B>',
    arrangementP: 4e-30,
    arrangements: [
      { arrangement: 'A> B>', pairs: 150 },
      { arrangement: 'B> A>', pairs: 60 },
      { arrangement: '<B A>', pairs: 40 },
    ],
    distances,
    scores: { a: quartiles(0.62), b: quartiles(0.41), both: quartiles(0.94) },
    gain: 0.31,
  }
}

/** @param motifs at least two */
export function partsLogic(model: string, sis: number, motifs: readonly MotifRef[]): LogicFacts {
  const [a, b] = motifs as [MotifRef, MotifRef]
  return {
    view: 'parts',
    summary: `${model} scores a sequence ≥ 0.9312 where it has ${a.label} alone (412 of ${sis} SIS, 50 %).`,
    partGap: 4,
    partGapWithin: 0.831,
    sis,
    sequences: 500,
    sisInMotifs: sis - 35,
    sisInSayingMotifs: sis - 40,
    singleBases: 90,
    partsInNoMotif: 61,
    halfPositions: 55,
    sets: [
      { motifs: [a], sis: 412, sequences: 401, complete: 300 },
      { motifs: [a, b], sis: 250, sequences: 241, complete: 249 },
      { motifs: [b, b], sis: 60, sequences: 58, complete: 60 },
      { motifs: [], sis: 35, sequences: 33, complete: 0 },
    ],
    setCount: 12,
    alternatives: [
      { sets: [[a], [b, b]], sequences: 40 },
      { sets: [[a], [a, b], []], sequences: 15 },
    ],
    alternativeCount: 7,
    severalSis: 75,
    pairs: [samplePair(a, b)],
    pairCount: 3,
    positionClusters: [],
  }
}

/** Half of the bases at 6 of 101 positions: A at 50 in all SIS of the first cluster, T at 20 in half of the second. */
export function positionsLogic(model: string, sis: number): LogicFacts {
  const profile = (n: number, position: number, base: number): number[][] =>
    Array.from({ length: 101 }, (_, at) =>
      [0, 1, 2, 3].map((code) => (at === position && code === base ? n : (at + code) % 50 === 0 ? 1 : 0)),
    )
  const first = Math.round(0.75 * sis)
  return {
    ...partsLogic(model, sis, [
      { motifId: 90, name: 'none_1', label: 'A', order: 0 },
      { motifId: 91, name: 'none_2', label: 'C', order: 1 },
    ]),
    view: 'positions',
    summary: `${model} does not look for motifs that recur.`,
    sisInSayingMotifs: 12,
    halfPositions: 6,
    sets: [{ motifs: [], sis, sequences: 500, complete: 0 }],
    setCount: 1,
    alternatives: [],
    alternativeCount: 0,
    severalSis: 0,
    pairs: [],
    pairCount: 0,
    positionClusters: [
      { sis: first, share: first / sis, profile: profile(first, 50, 0) },
      { sis: sis - first, share: 1 - first / sis, profile: profile(Math.round((sis - first) / 2), 20, 3) },
    ],
  }
}
