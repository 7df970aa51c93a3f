/**
 * DBSCAN held to scikit-learn. Skipped where no Python has it: set SIS_PYTHON to one, or
 * `python3 -m venv .venv && .venv/bin/pip install memelite scikit-learn`.
 */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { dbscan } from '../../src/cluster/dbscan.ts'
import { EditDistances } from '../../src/cluster/editDistance.ts'
import { neighboursWithin } from '../../src/cluster/neighbours.ts'
import { pythonWith, runPython } from './python.ts'

const program = `
import json, sys
import numpy as np
from sklearn.cluster import DBSCAN
answers = []
for case in json.load(sys.stdin):
    model = DBSCAN(eps=case['eps'], min_samples=case['minSamples'], metric='precomputed')
    model.fit(np.array(case['distances'], dtype=float), sample_weight=case['weights'])
    answers.append({'labels': model.labels_.tolist(), 'core': model.core_sample_indices_.tolist()})
json.dump(answers, sys.stdout)
`

const python = pythonWith('sklearn')

describe.skipIf(python === undefined)('dbscan against scikit-learn', () => {
  const random = new Random(8, 'dbscan agreement')
  const cases = Array.from({ length: 60 }, (_, i) => {
    const seeds = Array.from({ length: 4 }, () => pattern(10, random))
    const patterns = [...new Set(Array.from({ length: 80 }, () => mutated(seeds[random.below(4)]!, random)))]
    const distances = new EditDistances(patterns, i % 2 === 0)
    return {
      distances,
      weights: patterns.map(() => 1 + random.below(3)),
      eps: 1 + (i % 4),
      minSamples: 2 + (i % 7),
    }
  })

  it('finds the same cores, clusters and noise', () => {
    const answers = runPython(
      python!,
      program,
      cases.map(({ distances, ...rest }) => ({
        ...rest,
        distances: distances.patterns.map((_, a) =>
          distances.patterns.map((_, b) => distances.between(a, b)),
        ),
      })),
    ) as { labels: number[]; core: number[] }[]
    let clusters = 0
    let noisePoints = 0
    for (const [i, { distances, weights, eps, minSamples }] of cases.entries()) {
      const { labels, core } = dbscan(neighboursWithin(distances, eps), weights, minSamples)
      expect([...core.keys()].filter((point) => core[point] === 1)).toEqual(answers[i]!.core)
      // The same partition, whatever its numbers.
      expect(firstOfLabel([...labels])).toEqual(firstOfLabel(answers[i]!.labels))
      clusters += Math.max(...labels) + 1
      noisePoints += labels.filter((label) => label < 0).length
    }
    expect(answers).toHaveLength(cases.length)
    expect(clusters).toBeGreaterThan(60)
    expect(noisePoints).toBeGreaterThan(60)
  })
})

/** Each label replaced by the first point that has it; noise stays. */
function firstOfLabel(labels: readonly number[]): number[] {
  return labels.map((label) => (label < 0 ? label : labels.indexOf(label)))
}

function pattern(length: number, random: Random): string {
  return Array.from({ length }, () => 'ACGT-'[random.below(5)]!).join('')
}

function mutated(text: string, random: Random): string {
  const letters = Array.from(text)
  for (let edits = random.below(6); edits > 0; edits--)
    letters[random.below(letters.length)] = 'ACGT-'[random.below(5)]!
  return letters.slice(random.below(3)).join('')
}
