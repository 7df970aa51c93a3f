/**
 * Tomtom held to memelite (PyPI), which implements the same complete scores. Skipped where no Python has it: set
 * SIS_PYTHON to one, or `python3 -m venv .venv && .venv/bin/pip install memelite scikit-learn`.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readKnownMotifs } from '../../src/io/knownMotifs.ts'
import { matchMotifs } from '../../src/motif/compareMotifs.ts'
import { pythonWith, runPython } from './python.ts'

const program = `
import json, sys
import numpy as np
from memelite import tomtom
given = json.load(sys.stdin)
columns = lambda motifs: [np.array(m, dtype=float).T for m in motifs]
# No approximate hashing of target columns.
p, _, _, overlaps, strands = tomtom(columns(given['queries']), columns(given['targets']), n_target_bins=None)[:5]
json.dump({'p': np.asarray(p).tolist(), 'overlaps': np.asarray(overlaps).tolist(), 'strands': np.asarray(strands).tolist()}, sys.stdout)
`

interface Answer {
  p: number[][]
  overlaps: number[][]
  strands: number[][]
}

const realData = process.env['SIS_REAL_DATA']
const python = realData === undefined ? undefined : pythonWith('memelite')

describe.skipIf(python === undefined)('matchMotifs against memelite', () => {
  const known =
    realData === undefined ? [] : readKnownMotifs(join(realData, 'motifs/JASPAR2022_vertebrates.pfm'))
  const queries = known.filter((_, i) => i % 84 === 3)

  it('gives the same p-values and alignments', { timeout: 300_000 }, () => {
    const answer = runPython(python!, program, {
      queries: queries.map(({ ppm }) => ppm),
      targets: known.map(({ ppm }) => ppm),
    }) as Answer
    const places = new Map(known.map(({ id }, i) => [id, i]))
    const matches = matchMotifs(queries, known)
    let compared = 0
    let sameAlignment = 0
    for (const [q, query] of queries.entries()) {
      const differences: number[] = []
      for (const match of matches.filter(({ queryId }) => queryId === query.id)) {
        const t = places.get(match.targetId)!
        // A target's own p-value lies so far in the tail that one score step is a power of ten.
        if (match.targetId !== query.id)
          differences.push(Math.abs(Math.log10(match.pValue / answer.p[q]![t]!)))
        const sameStrand = (match.orientation === '+' ? 0 : 1) === answer.strands[q]![t]!
        if (sameStrand && match.overlap === answer.overlaps[q]![t]!) sameAlignment++
        compared++
      }
      differences.sort((a, b) => a - b)
      // Both cut scores into 100 integer steps, but not at the same places: a p-value may be off by one step, typically
      // 2 %; where few targets score, in the tail, by more.
      expect(differences[Math.floor(differences.length / 2)]).toBeLessThan(0.02)
      expect(differences[Math.floor(0.99 * differences.length)]).toBeLessThan(0.2)
      const order = (values: readonly number[]): number[] =>
        [...values.keys()].sort((a, b) => values[a]! - values[b]!)
      const ours = matches.filter(({ queryId, matchRank }) => queryId === query.id && matchRank < 10)
      const theirs = new Set(order(answer.p[q]!).slice(0, 15))
      expect(ours.filter(({ targetId }) => theirs.has(places.get(targetId)!)).length).toBeGreaterThanOrEqual(
        9,
      )
    }
    expect(compared).toBe(queries.length * known.length)
    // Palindromic queries match equally well on both strands; which one is told is a matter of rounding.
    expect(sameAlignment / compared).toBeGreaterThan(0.75)
  })
})
