/** Tomtom's fast comparison held to the method written down plainly: every score, offset and sum one by one. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import type { ComparedMotif } from '../../src/motif/motifMatch.ts'
import { reverseComplementMatrix } from '../../src/motif/motif.ts'
import { tomtom } from '../../src/motif/tomtom.ts'

interface PlainMatch {
  readonly target: number
  readonly pValue: number
  readonly score: number
  readonly offset: number
  readonly overlap: number
  readonly strand: number
}

/** The docstring of src/motif/tomtom.ts, word for word. @returns all targets, best first */
function plainTomtom({ ppm, silent }: ComparedMotif, targets: readonly ComparedMotif[]): PlainMatch[] {
  const strands = targets.map((target) => [target.ppm, reverseComplementMatrix(target.ppm)] as const)
  const columns = [...strands.flatMap(([forward]) => forward), ...strands.flatMap(([, reverse]) => reverse)]
  const distance = (a: readonly number[], b: readonly number[]): number =>
    Math.sqrt(a.reduce((sum, value, base) => sum + (value - b[base]!) * (value - b[base]!), 0))
  // The median is known to a ten-thousandth of the largest distance; the middle of its bin is taken.
  const bin = Math.SQRT2 / 10_000
  const medians = ppm.map((row) => {
    const ascending = columns.map((column) => distance(row, column)).sort((a, b) => a - b)
    return (
      (Math.min(10_000, Math.floor(ascending[columns.length / 2 - 1]! * (10_000 / Math.SQRT2))) + 0.5) * bin
    )
  })
  const similarity = (i: number, column: readonly number[]): number =>
    silent?.[i] === true ? 0 : medians[i]! - distance(ppm[i]!, column)
  const all = ppm.flatMap((_, i) => columns.map((column) => similarity(i, column)))
  const step = (Math.max(0, ...all) - Math.min(0, ...all)) / 100 || 1
  const scoreOf = (i: number, column: readonly number[]): number => Math.round(similarity(i, column) / step)

  const width = ppm.length
  const distributions = ppm.map((_, i) => {
    const shares = new Map<number, number>()
    for (const column of columns) {
      const score = scoreOf(i, column)
      shares.set(score, (shares.get(score) ?? 0) + 1 / columns.length)
    }
    return shares
  })
  /** P(sum of query columns from..to - 1 against random columns >= score), by score. */
  const known = new Map<string, Map<number, number>>()
  const sumsOf = (from: number, to: number): Map<number, number> => {
    const key = `${from} ${to}`
    let sums = known.get(key)
    if (sums === undefined) {
      sums = new Map<number, number>()
      if (to === from) sums.set(0, 1)
      else {
        for (const [sum, share] of sumsOf(from, to - 1)) {
          for (const [score, other] of distributions[to - 1]!) {
            sums.set(sum + score, (sums.get(sum + score) ?? 0) + share * other)
          }
        }
      }
      known.set(key, sums)
    }
    return sums
  }
  const tailOf = (from: number, to: number, score: number): number => {
    let tail = 0
    for (const [sum, share] of sumsOf(from, to)) if (sum >= score) tail += share
    return Math.min(1, tail)
  }

  return targets
    .map((_, target) => {
      const targetWidth = strands[target]![0].length
      let best = { score: -Infinity, offset: 0, overlap: 0, strand: 0 }
      for (const strand of [0, 1] as const) {
        for (let offset = 1 - width; offset < targetWidth; offset++) {
          const from = Math.max(0, -offset)
          const to = Math.min(width, targetWidth - offset)
          let score = 0
          for (let i = from; i < to; i++) score += scoreOf(i, strands[target]![strand][offset + i]!)
          if (score > best.score || (score === best.score && to - from > best.overlap)) {
            best = { score, offset, overlap: to - from, strand }
          }
        }
      }
      let log = 0
      for (let offset = 1 - width; offset < targetWidth; offset++) {
        const from = Math.max(0, -offset)
        const to = Math.min(width, targetWidth - offset)
        log += 2 * Math.log1p(-tailOf(from, to, best.score))
      }
      return { target, pValue: -Math.expm1(log), ...best }
    })
    .sort((a, b) => a.pValue - b.pValue || b.score - a.score || a.target - b.target)
}

interface Case {
  readonly query: ComparedMotif
  readonly targets: readonly ComparedMotif[]
}

const motif = (id: number, ppm: number[][]): ComparedMotif => ({ id: String(id), name: `motif ${id}`, ppm })

/** Vague, sharp and one-hot columns, and fractions of a few counts, of which many are equal. */
function randomColumn(random: Random): number[] {
  const kind = random.below(4)
  if (kind === 0) {
    const base = random.below(4)
    return [0, 1, 2, 3].map((other) => Number(other === base))
  }
  const weights = [0, 1, 2, 3].map(() => (kind === 1 ? 1 + random.below(3) : random.uniform() ** (2 * kind)))
  const sum = weights.reduce((total, weight) => total + weight)
  return weights.map((weight) => weight / sum)
}

function randomPpm(width: number, random: Random): number[][] {
  return Array.from({ length: width }, () => randomColumn(random))
}

function randomCase(seed: number): Case {
  const random = new Random(seed, 'tomtom, plainly')
  const targets = Array.from({ length: 1 + random.below(12) }, (_, i) =>
    motif(i, randomPpm(1 + random.below(30), random)),
  )
  const width = 1 + random.below(30)
  // Now and then a target itself, so that a query meets columns at distance 0 and another target as well.
  const ppm = random.below(3) === 0 ? targets[0]!.ppm.map((row) => [...row]) : randomPpm(width, random)
  const silent = random.below(2) === 0 ? undefined : ppm.map(() => random.below(3) === 0)
  return { query: { id: 'query', name: 'query', ppm, silent }, targets }
}

function expectSame({ query, targets }: Case): void {
  const plain = plainTomtom(query, targets)
  const matches = tomtom([query], targets)
  expect(matches.map(({ matchRank }) => matchRank)).toEqual(plain.map((_, rank) => rank))
  // Ranks of p-values that differ by rounding alone are chance.
  const placeOf = new Map(plain.map((match) => [String(match.target), match]))
  for (const [rank, match] of matches.entries()) {
    const { pValue, offset, overlap, strand } = placeOf.get(match.targetId)!
    expect(match).toMatchObject({ optimalOffset: offset, overlap, orientation: strand === 0 ? '+' : '-' })
    expect(Math.abs(match.pValue / pValue - 1)).toBeLessThan(1e-9)
    expect(Math.abs(match.pValue / plain[rank]!.pValue - 1)).toBeLessThan(1e-9)
    expect(match.eValue).toBe(match.pValue * targets.length)
  }
}

describe('tomtom, held to the plain method', () => {
  it.each(Array.from({ length: 24 }, (_, seed) => seed))('random motifs %i', (seed) => {
    expectSame(randomCase(seed))
  })

  it('many different columns, of which the median is guessed from a sample', () => {
    const random = new Random(1, 'many columns')
    const targets = Array.from({ length: 100 }, (_, i) => motif(i, randomPpm(6 + random.below(10), random)))
    expectSame({ query: { id: 'query', name: 'query', ppm: randomPpm(7, random) }, targets })
    // A query column that lies at the same distance from most.
    const even = [[0.25, 0.25, 0.25, 0.25]]
    expectSame({ query: { id: 'query', name: 'query', ppm: [...even, ...randomPpm(3, random)] }, targets })
  })

  it('a sample that misleads: columns near the query are where the sample does not look', () => {
    const random = new Random(2, 'misled')
    // Blocks of four columns of which each 16th is sampled: those at the end differ from those before.
    const near = (i: number): number[] => [0.9 - i * 1e-5, 0.05 + i * 1e-5, 0.03, 0.02]
    const targets = Array.from({ length: 60 }, (_, i) =>
      motif(
        i,
        Array.from({ length: 10 }, (_, j) => (j % 10 < 5 ? near(10 * i + j) : randomColumn(random))),
      ),
    )
    for (const column of [near(300), [1, 0, 0, 0], [0, 0, 1, 0]]) {
      expectSame({ query: { id: 'query', name: 'query', ppm: [column, ...randomPpm(2, random)] }, targets })
    }
  })

  it.each([
    ['one column against one', [[1, 0, 0, 0]], [[[1, 0, 0, 0]]]],
    ['a single target that says nothing', [[1, 0, 0, 0]], [[[0.25, 0.25, 0.25, 0.25]]]],
    [
      'targets that are all the same',
      [[0.7, 0.1, 0.1, 0.1]],
      [[[0.1, 0.1, 0.1, 0.7]], [[0.1, 0.1, 0.1, 0.7]]],
    ],
  ])('%s', (_, ppm, targets) => {
    expectSame({
      query: { id: 'query', name: 'query', ppm },
      targets: targets.map((rows, i) => motif(i, rows)),
    })
  })

  it('a query wider than all targets, by more lanes than one', () => {
    const random = new Random(3, 'wide')
    const targets = Array.from({ length: 9 }, (_, i) => motif(i, randomPpm(2 + i, random)))
    expectSame({ query: { id: 'query', name: 'query', ppm: randomPpm(36, random) }, targets })
  })

  it('a target with more offsets than a key can tell apart', () => {
    const random = new Random(4, 'long')
    const targets = [5, 1010, 12].map((width, i) => motif(i, randomPpm(width, random)))
    for (const width of [1, 6, 16]) {
      expectSame({ query: { id: 'query', name: 'query', ppm: randomPpm(width, random) }, targets })
    }
  })

  it('gives a query the same whatever was compared before it', () => {
    const cases = Array.from({ length: 12 }, (_, seed) => randomCase(seed))
    const { targets } = cases[5]!
    const queries = cases.map(({ query }, i) => ({ ...query, id: String(i) }))
    expect(tomtom(queries, targets)).toEqual(queries.flatMap((query) => tomtom([query], targets)))
  })
})

describe('what cannot be compared', () => {
  const one = motif(1, [[1, 0, 0, 0]])

  it('is named with its column', () => {
    const counts = motif(7, [
      [1, 0, 0, 0],
      [12, 3, 0, 5],
    ])
    expect(() => tomtom([one], [one, counts])).toThrow('target 7, column 2: 12 is no probability')
    expect(() => tomtom([counts], [one])).toThrow('query 7, column 2: 12 is no probability')
    expect(() => tomtom([motif(8, [[NaN, 0, 0, 1]])], [one])).toThrow(
      'query 8, column 1: NaN is no probability',
    )
    expect(() => tomtom([motif(9, [[0.5, 0.5]])], [one])).toThrow('query 9, column 1: 2 numbers, not 4')
    expect(() => tomtom([one], [motif(9, [])])).toThrow('target 9 has no column')
  })
})
