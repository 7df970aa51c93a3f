/** The pruned search finds the pairs that comparing all with all finds, of patterns of every kind. */
import fc from 'fast-check'
import { distance } from 'fastest-levenshtein'
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/base/random.ts'
import { EditDistances } from '../../src/cluster/editDistance.ts'
import { NeighbourRows } from '../../src/cluster/neighbourRows.ts'
import { neighbourLimit, neighboursWithin } from '../../src/cluster/neighbours.ts'
import { reverseComplementPattern } from '../../src/sequence/pattern.ts'

/** Letters of each kind of pattern: motifs, motifs with gaps, what fully connected nets keep, and one letter only. */
const alphabets = ['ACGT', 'ACGTN-', 'ACGT------------', '-', 'AT']

/** Random patterns, and variants of some of them, so that there are neighbours at every distance. */
function randomPatterns(random: Random, count: number): string[] {
  const alphabet = alphabets[random.below(alphabets.length)]!
  const longest = 1 + random.below(random.below(2) === 0 ? 12 : 99)
  const letter = (): string => alphabet[random.below(alphabet.length)]!
  const patterns = Array.from({ length: 1 + random.below(10) }, () =>
    Array.from({ length: random.below(longest + 1) }, letter).join(''),
  )
  while (patterns.length < count) {
    const letters = Array.from(patterns[random.below(patterns.length)]!)
    for (let edits = random.below(5); edits > 0; edits--) {
      const at = random.below(letters.length + 1)
      const kind = random.below(3)
      if (kind === 0) letters.splice(at, 1)
      else letters.splice(at, kind - 1, letter())
    }
    const text = letters.join('')
    patterns.push(random.below(2) === 0 ? text : reverseComplementPattern(text))
  }
  return random.shuffle(patterns)
}

function pairsByBruteForce(
  patterns: readonly string[],
  bothStrands: boolean,
  isNear: (apart: number, shorter: number) => boolean,
): number[][] {
  return patterns.map((b, i) => {
    const reverse = reverseComplementPattern(b)
    return [...patterns.slice(0, i).entries()]
      .filter(([, a]) => {
        const forward = distance(a, b)
        const apart = bothStrands ? Math.min(forward, distance(a, reverse)) : forward
        return isNear(apart, Math.min(a.length, b.length))
      })
      .map(([j]) => j)
  })
}

function pairsOf(rows: NeighbourRows): number[][] {
  return Array.from({ length: rows.count }, (_, i) => Array.from(rows.before(i)))
}

describe('neighboursWithin', () => {
  it('holds the pairs within eps that comparing all with all finds, on one strand and on both', () => {
    let pairs = 0
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 6 }), fc.boolean(), (seed, eps, bothStrands) => {
        const patterns = randomPatterns(new Random(seed, 'neighbours'), 60)
        const expected = pairsByBruteForce(patterns, bothStrands, (apart) => apart <= eps)
        pairs += expected.flat().length
        expect(pairsOf(neighboursWithin(new EditDistances(patterns, bothStrands), eps))).toEqual(expected)
      }),
      { numRuns: 150 },
    )
    expect(pairs).toBeGreaterThan(10_000)
  })

  it('takes a large eps, and one that is no integer', () => {
    const patterns = randomPatterns(new Random(1, 'neighbours'), 80)
    for (const eps of [9.5, 10, 40, 200]) {
      const expected = pairsByBruteForce(patterns, true, (apart) => apart <= eps)
      expect(pairsOf(neighboursWithin(new EditDistances(patterns, true), eps))).toEqual(expected)
    }
  })

  it('holds no pair that differs by more than a share of the shorter', () => {
    let dropped = 0
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 0, max: 6 }),
        fc.constantFrom(0, 0.2, 0.25, 1 / 3, 0.4, 0.5, 1, 1.5),
        fc.boolean(),
        (seed, eps, mostOfLength, bothStrands) => {
          const patterns = randomPatterns(new Random(seed, 'share'), 60)
          const within = (apart: number, shorter: number): boolean =>
            apart <= eps && apart <= mostOfLength * shorter + 1e-9
          const expected = pairsByBruteForce(patterns, bothStrands, within)
          dropped +=
            pairsByBruteForce(patterns, bothStrands, (apart) => apart <= eps).flat().length -
            expected.flat().length
          const rows = neighboursWithin(new EditDistances(patterns, bothStrands), eps, mostOfLength)
          expect(pairsOf(rows)).toEqual(expected)
        },
      ),
      { numRuns: 150 },
    )
    expect(dropped).toBeGreaterThan(1000)
  })

  it('lets two columns be neighbours only where they are equal', () => {
    expect(neighbourLimit(2, 2, 0.4)).toBe(0)
    expect(neighbourLimit(3, 2, 0.4)).toBe(1)
    expect(neighbourLimit(5, 2, 0.4)).toBe(2)
    expect(neighbourLimit(25, 2, 0.4)).toBe(2)
    expect(neighbourLimit(100, 40, 0.29)).toBe(29)
    expect(neighbourLimit(0, 2)).toBe(2)
  })
})

describe('NeighbourRows', () => {
  it('gives back rows of any density, over many allocations', () => {
    const random = new Random(3, 'rows')
    const rows = new NeighbourRows(3000)
    const given: Uint32Array[] = []
    for (let point = 0; point < rows.count; point++) {
      const share = [0, 0.001, 0.03, 0.3, 1][random.below(5)]!
      const row = Uint32Array.from([...Array(point).keys()].filter(() => random.uniform() < share))
      given.push(row)
      rows.push(row)
    }
    for (const [point, row] of given.entries()) expect(rows.before(point)).toEqual(row)
  })
})
