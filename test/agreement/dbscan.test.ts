/** DBSCAN of weighted patterns held to scikit-learn; skipped where Python lacks it (see python.ts). */
import { expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { dbscan } from '../../src/cluster/dbscan.ts'
import { EditDistances } from '../../src/cluster/editDistance.ts'
import { neighboursWithin } from '../../src/cluster/neighbours.ts'
import { describeAgainst, runPython } from './python.ts'

const program = `
import json, sys
import numpy as np
from sklearn.cluster import DBSCAN
answers = []
for case in json.load(sys.stdin):
    model = DBSCAN(eps=case['eps'], min_samples=case['minSamples'], metric='precomputed')
    model.fit(np.array(case['distances'], dtype=float), sample_weight=case['weights'])
    answers.append({'labels': model.labels_.tolist(), 'cores': model.core_sample_indices_.tolist()})
json.dump(answers, sys.stdout)
`

interface Answer {
  labels: number[]
  cores: number[]
}

describeAgainst('sklearn', 'dbscan against scikit-learn', () => {
  it('finds the same cores, clusters and noise, and gives border points to a cluster that reaches them', async () => {
    const random = new Random(8, 'dbscan agreement')
    const cases = Array.from({ length: 60 }, (_, i) => randomCase(i, random))
    const answers = (await runPython(
      program,
      cases.map(({ patterns, distances, ...rest }) => ({
        ...rest,
        distances: patterns.map((_, a) => patterns.map((_, b) => distances.between(a, b))),
      })),
    )) as Answer[]
    expect(answers).toHaveLength(cases.length)
    let clusters = 0
    let contested = 0
    let noisePoints = 0
    for (const [i, { distances, weights, eps, minSamples }] of cases.entries()) {
      const { labels, core } = dbscan(neighboursWithin(distances, eps), weights, minSamples)
      const answer = answers[i]!
      const cores = [...core.keys()].filter((point) => core[point] === 1)
      expect(cores).toEqual(answer.cores)
      expect(partition(cores.map((point) => labels[point]!))).toEqual(
        partition(cores.map((point) => answer.labels[point]!)),
      )
      for (const [point, label] of labels.entries()) {
        const reaching = new Set(
          cores.filter((other) => distances.between(other, point) <= eps).map((other) => labels[other]!),
        )
        expect(label < 0 ? reaching.size === 0 : reaching.has(label)).toBe(true)
        if (reaching.size > 1) contested++
      }
      // Both grow one cluster after the other in the order of the points, so even contested border points agree.
      expect(partition(labels)).toEqual(partition(answer.labels))
      clusters += Math.max(...labels) + 1
      noisePoints += labels.filter((label) => label < 0).length
    }
    // Enough of each kind was compared.
    expect(clusters).toBeGreaterThan(60)
    expect(contested).toBeGreaterThan(60)
    expect(noisePoints).toBeGreaterThan(60)
  })
})

/** Each label replaced by the first point that has it; noise stays. */
function partition(labels: ArrayLike<number>): number[] {
  const all = Array.from(labels)
  return all.map((label) => (label < 0 ? label : all.indexOf(label)))
}

function randomCase(i: number, random: Random) {
  const eps = 1 + (i % 4)
  const drawn = i % 3 === 0 ? bridgedPatterns(eps, random) : scatteredPatterns(random)
  const patterns = random.shuffle([...new Set(drawn)])
  return {
    patterns,
    distances: new EditDistances(patterns, i % 2 === 0),
    weights: patterns.map(() => 1 + random.below(3)),
    eps,
    minSamples: i % 3 === 0 ? 12 : 2 + (i % 7),
  }
}

/** Variants of four patterns, from dense to lone. */
function scatteredPatterns(random: Random): string[] {
  const centres = Array.from({ length: 4 }, () => randomPattern(10, random))
  return Array.from({ length: 80 }, () => {
    const letters = Array.from(centres[random.below(4)]!)
    for (let edits = random.below(6); edits > 0; edits--)
      letters[random.below(letters.length)] = 'ACGT-'[random.below(5)]!
    return letters.slice(random.below(3)).join('')
  })
}

/** Pairs of centres 2 eps apart, each amid its variants, and a pattern half-way that both reach: a contested border. */
function bridgedPatterns(eps: number, random: Random): string[] {
  return Array.from({ length: 8 }, () => {
    const left = randomPattern(20, random)
    const half = substituted(left, 0, eps)
    const right = substituted(half, eps, eps)
    const variants = [left, right].flatMap((centre) =>
      Array.from({ length: 4 + random.below(6) }, () => substituted(centre, 8 + random.below(13 - eps), eps)),
    )
    return [left, half, right, ...variants]
  }).flat()
}

/** The pattern with `count` letters from `first` on replaced by other ones. */
function substituted(pattern: string, first: number, count: number): string {
  return Array.from(pattern, (letter, i) =>
    i < first || i >= first + count ? letter : 'ACGT-'[('ACGT-'.indexOf(letter) + 1 + (i % 4)) % 5]!,
  ).join('')
}

function randomPattern(length: number, random: Random): string {
  return Array.from({ length }, () => 'ACGT-'[random.below(5)]!).join('')
}
