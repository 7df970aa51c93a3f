/**
 * Scanning held to memelite's `fimo` (PyPI), which rounds weights to bins for its p-values but not for its scores; skipped
 * where Python lacks it (see python.ts). numba compiles memelite when a virtual environment first runs it, which takes minutes.
 */
import { expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { eachHit, leastScore, pValueOf, scanMotif, scanSequence, type Strand } from '../../src/motif/scan.ts'
import { describeAgainst, runPython } from './python.ts'

const p = 1e-4
const [nsites, pseudocount] = [20, 0.1]
/** Of memelite's p-values, in bits. */
const bin = 0.01

// The motifs are smoothed already, as ours are.
const program = `
import json, sys
import numpy as np
from memelite import fimo
case = json.load(sys.stdin)
motifs = {str(i): np.array(ppm, dtype=float).T for i, ppm in enumerate(case['motifs'])}
codes = np.array(case['codes'])
one_hot = np.eye(4)[codes].transpose(0, 2, 1)
hits = fimo(motifs, one_hot, bin_size=case['bin'], eps=0, threshold=case['p'])
columns = ('sequence_name', 'start', 'strand', 'score', 'p-value')
json.dump([list(zip(*(table[column].tolist() for column in columns))) for table in hits], sys.stdout)
`

describeAgainst('memelite', 'scanning against memelite', () => {
  it('gives the hits of fimo at 1e-4, at its p-values but for its rounding', async () => {
    const random = new Random(7, 'scan')
    // Of graded columns: the scores of consensus motifs are few and far apart, and a bin takes one for the next.
    const motifs = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 7 + (i % 14) }, () => {
        const counts = Array.from({ length: 4 }, () => random.uniform() ** 3)
        const sum = counts.reduce((total, count) => total + count, 0)
        return counts.map((count) => count / sum)
      }),
    )
    const smoothed = motifs.map((ppm) =>
      ppm.map((row) => row.map((share) => (share * nsites + 0.25 * pseudocount) / (nsites + pseudocount))),
    )
    const sequences = Array.from({ length: 400 }, () =>
      Uint8Array.from({ length: 500 }, () => random.below(4)),
    )
    const answer = (await runPython(program, {
      motifs: smoothed,
      codes: sequences.map((codes) => [...codes]),
      p,
      bin,
    })) as [sequence: number, start: number, strand: Strand, score: number, p: number][][]
    expect(answer).toHaveLength(motifs.length)

    let both = 0
    let compared = 0
    const key = (sequence: number, start: number, strand: Strand): string => `${sequence} ${start} ${strand}`
    for (const [i, ppm] of motifs.entries()) {
      const motif = scanMotif(ppm, { nsites, pseudocount })
      // Each weight is off by half a bin of theirs and half a hundredth of ours at most, and a score by one bin more.
      const off = Math.ceil(100 * (motif.width * (bin + 0.01) * 0.5 + bin))
      const least = leastScore(motif, p) ?? Infinity
      const ours = new Map<string, number>()
      for (const [sequence, codes] of sequences.entries()) {
        eachHit(motif, scanSequence(codes), least, (start, strand, score) =>
          ours.set(key(sequence, start, strand), score),
        )
      }
      const theirs = new Map(
        answer[i]!.map(([sequence, start, strand, score, pValue]) => [
          key(sequence, start, strand),
          { score, pValue },
        ]),
      )
      for (const [place, { score, pValue }] of theirs) {
        const own = ours.get(place)
        compared++
        if (own === undefined) {
          expect(pValueOf(motif, Math.round(100 * score) + off), place).toBeLessThanOrEqual(p)
          expect(Math.round(100 * score) - off, place).toBeLessThan(least)
          continue
        }
        both++
        expect(Math.abs(own / 100 - score), place).toBeLessThanOrEqual(motif.width * 0.005 + 1e-9)
        expect(pValue, place).toBeGreaterThanOrEqual(pValueOf(motif, own + off) * (1 - 1e-9))
        expect(pValue, place).toBeLessThanOrEqual(pValueOf(motif, own - off) * (1 + 1e-9))
      }
      for (const [place, score] of ours) {
        if (!theirs.has(place)) expect(pValueOf(motif, score - off), place).toBeGreaterThan(p)
      }
    }
    expect(both).toBeGreaterThan(1000)
    expect(both / compared).toBeGreaterThan(0.98)
  }, 600_000)
})
