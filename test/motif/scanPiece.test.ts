/** Pieces scanned with several motifs: each window in one piece alone; q-values are those of Benjamini and Hochberg over all windows. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { FalseDiscoveries } from '../../src/motif/falseDiscoveries.ts'
import { eachPieceHit, pieceScanner } from '../../src/motif/scanPiece.ts'
import { leastScore, pValueOf, scanMotif, type ScanMotif } from '../../src/motif/scan.ts'
import { falseDiscoveryRates } from '../../src/motif/falseDiscovery.ts'
import { masked, unknown } from '../../src/sequence/alphabet.ts'

const random = new Random(5, 'scan pieces')
const gradedMotif = (width: number): ScanMotif =>
  scanMotif(
    Array.from({ length: width }, () => {
      const counts = Array.from({ length: 4 }, () => random.uniform() ** 3)
      const sum = counts.reduce((total, count) => total + count, 0)
      return counts.map((count) => count / sum)
    }),
  )
const sequenceOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, () => {
    const draw = random.uniform()
    return draw < 0.01 ? unknown : draw < 0.02 ? masked : random.below(4)
  })
const known = (codes: Uint8Array, at: number, width: number): boolean =>
  at + width <= codes.length && codes.subarray(at, at + width).every((code) => code < 4)

describe('pieceScanner', () => {
  it('counts windows and finds hits where all bases are known and the piece owns the first', () => {
    const motifs = [5, 8, 12].map(gradedMotif)
    const scan = pieceScanner(motifs.map((scores) => ({ scores, least: scores.lowest })))
    const codes = sequenceOf(2000)
    for (const owned of [2000, 1990, 700]) {
      const [found] = scan([{ codes, owned }])
      for (const [i, { width }] of motifs.entries()) {
        let windows = 0
        for (let at = 0; at < owned; at++) if (known(codes, at, width)) windows += 2
        expect(found!.windows[i]).toBe(windows)
        // Every window is a hit.
        expect([...eachPieceHit(found!)].filter(({ motif }) => motif === i)).toHaveLength(windows)
      }
    }
  })

  it('finds the same in overlapping pieces as in the whole', () => {
    const scores = gradedMotif(9)
    const scan = pieceScanner([{ scores, least: leastScore(scores, 0.01)! }])
    const codes = sequenceOf(3000)
    const hitsOf = (from: number, to: number, owned: number): object[] =>
      [...eachPieceHit(scan([{ codes: codes.subarray(from, to), owned }])[0]!)].map((hit) => ({
        ...hit,
        at: from + hit.at,
      }))
    const whole = hitsOf(0, 3000, 3000)
    expect(whole.length).toBeGreaterThan(20)
    expect([...hitsOf(0, 1008, 1000), ...hitsOf(1000, 3000, 2000)]).toEqual(whole)
  })
})

describe('FalseDiscoveries', () => {
  it('gives what Benjamini and Hochberg give for all windows, where all are hits', () => {
    const scores = gradedMotif(7)
    const [found] = pieceScanner([{ scores, least: scores.lowest }])([
      { codes: sequenceOf(3000), owned: 3000 },
    ])
    const rates = new FalseDiscoveries(scores, scores.lowest)
    rates.addWindows(found!.windows[0]!)
    const hits = [...eachPieceHit(found!)]
    for (const { score } of hits) rates.addHit(score)
    const expected = falseDiscoveryRates(Float64Array.from(hits, ({ score }) => pValueOf(scores, score)))
    const qValueOf = rates.qValues()
    for (const [i, { score }] of hits.entries()) expect(qValueOf(score)).toBeCloseTo(expected[i]!, 12)
  })

  it('is never smaller where windows that score less are not looked at', () => {
    const scores = gradedMotif(7)
    const codes = sequenceOf(5000)
    const qValuesFrom = (least: number): ((score: number) => number) => {
      const [found] = pieceScanner([{ scores, least }])([{ codes, owned: codes.length }])
      const rates = new FalseDiscoveries(scores, least)
      rates.addWindows(found!.windows[0]!)
      for (const { score } of eachPieceHit(found!)) rates.addHit(score)
      return rates.qValues()
    }
    const least = leastScore(scores, 0.01)!
    const [all, some] = [qValuesFrom(scores.lowest), qValuesFrom(least)]
    for (let score = least; score <= scores.highest; score++) {
      expect(some(score)).toBeGreaterThanOrEqual(all(score))
      expect(some(score)).toBeLessThanOrEqual(1)
    }
  })
})
