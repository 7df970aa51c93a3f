/**
 * Whether two motifs keep a distance: what their sites have, against sites placed at random in the same sequences.
 */

/** A helical turn of B-DNA, in bases (Wang, PNAS 76:200, 1979, in solution 10.4; 10.5 is what most use). */
export const helicalTurn = 10.5
/** A spacing is called so at this level, after correction. */
export const spacingLevel = 0.01
/** Sites paired across sequences for the null, at most: at even steps of all. */
const mostPaired = 2000

/** Two sites in a sequence. */
export interface SitePair {
  /** First bases of the sites of the first and of the second motif, 0-based. */
  readonly starts: readonly [number, number]
  /** Bases between them; negative where they overlap. */
  readonly gap: number
}

interface Distance {
  /** Bases between the sites. */
  readonly gap: number
  readonly observed: number
  /** Where sites lie anywhere in the sequences. */
  readonly expected: number
  /** Of so many pairs at this distance, times the number of distances tried; at most 1. */
  readonly pValue: number
}

/**
 * `fixed`: one distance has half of the pairs or more; `preferred`: some distances are more frequent than by chance;
 * `periodic`: distances repeat with the helical turn; `close`: nearer than by chance; `free`: none of these.
 */
export type SpacingKind = 'fixed' | 'preferred' | 'periodic' | 'close' | 'free'

export interface Spacing {
  readonly kind: SpacingKind
  /** From the least to the largest observed gap. */
  readonly distances: readonly Distance[]
  /** Gaps more frequent than by chance, the most frequent first. */
  readonly preferred: readonly Distance[]
  /** Of the mean resultant length at the helical turn (Rayleigh, about what the null has). */
  readonly periodPValue: number
  /** Of the mean gap being smaller than by chance. */
  readonly closePValue: number
  readonly median: number
}

/**
 * Every p-value is the larger of two, against two nulls: sites anywhere in sequences of this length, and sites where those of
 * other sequences lie, so that motifs which both keep to the middle of peaks are not taken for a pair that keeps a distance.
 * @param pairs at least one
 * @param widths of the two sites
 * @param length L
 */
export function spacingOf(
  pairs: readonly SitePair[],
  widths: readonly [number, number],
  length: number,
): Spacing {
  const gaps = pairs.map(({ gap }) => gap).sort((a, b) => a - b)
  const least = Math.min(0, gaps[0]!)
  const most = Math.max(gaps.at(-1)!, length - widths[0] - widths[1])
  const anywhere = placedAnywhere(least, most, widths, length)
  const elsewhere = placedAsElsewhere(pairs, widths, least, anywhere)
  const nulls = [anywhere, elsewhere]
  const tried = anywhere.filter((share) => share > 0).length
  const n = pairs.length

  const observed = new Map<number, number>()
  for (const gap of gaps) observed.set(gap, (observed.get(gap) ?? 0) + 1)
  const distances: Distance[] = []
  for (let gap = gaps[0]!; gap <= gaps.at(-1)!; gap++) {
    const count = observed.get(gap) ?? 0
    const tails = nulls.map((shares) => binomialTail(count, n, shares[gap - least]!))
    distances.push({
      gap,
      observed: count,
      expected: n * anywhere[gap - least]!,
      pValue: count < 2 ? 1 : Math.min(1, tried * Math.max(...tails)),
    })
  }
  const preferred = distances
    .filter(({ pValue }) => pValue < spacingLevel)
    .sort((a, b) => b.observed - a.observed || a.gap - b.gap)
  const periodPValue = Math.max(...nulls.map((shares) => periodTail(gaps, shares, least)))
  const closePValue = Math.max(...nulls.map((shares) => closeTail(gaps, shares, least)))
  return {
    kind: kindOf(preferred, n, periodPValue, closePValue),
    distances,
    preferred,
    periodPValue,
    closePValue,
    median: (gaps[(n - 1) >> 1]! + gaps[n >> 1]!) / 2,
  }
}

function kindOf(preferred: readonly Distance[], n: number, period: number, close: number): SpacingKind {
  if (preferred.length > 0) return 2 * preferred[0]!.observed >= n ? 'fixed' : 'preferred'
  if (period < spacingLevel) return 'periodic'
  return close < spacingLevel ? 'close' : 'free'
}

/** Shares of the gaps from `least` to `most`: how many places two sites with such a gap have in a sequence. */
function placedAnywhere(
  least: number,
  most: number,
  widths: readonly [number, number],
  length: number,
): Float64Array {
  const places = Float64Array.from({ length: most - least + 1 }, (_, i) =>
    Math.max(0, length - widths[0] - widths[1] - (least + i) + 1),
  )
  return normalised(places)
}

/** The first site of each sequence with the second sites of all others; what never occurs so has the other null's share of one. */
function placedAsElsewhere(
  pairs: readonly SitePair[],
  widths: readonly [number, number],
  least: number,
  anywhere: Float64Array,
): Float64Array {
  const step = Math.max(1, pairs.length / mostPaired)
  const used = Array.from(
    { length: Math.min(pairs.length, mostPaired) },
    (_, i) => pairs[Math.floor(i * step)]!.starts,
  )
  const counts = new Float64Array(anywhere.length)
  let total = 0
  for (const [i, [a]] of used.entries()) {
    for (const [j, [, b]] of used.entries()) {
      if (i === j) continue
      const isFirst = 2 * a + widths[0] <= 2 * b + widths[1]
      const gap = isFirst ? b - a - widths[0] : a - b - widths[1]
      if (gap < least || gap - least >= counts.length) continue
      counts[gap - least]!++
      total++
    }
  }
  const weight = 1 / (used.length + 1)
  return counts.map((count, i) =>
    total === 0 ? anywhere[i]! : (1 - weight) * (count / total) + weight * anywhere[i]!,
  )
}

function normalised(values: Float64Array): Float64Array {
  const total = values.reduce((sum, value) => sum + value, 0)
  return values.map((value) => value / total)
}

/** P(X >= k) of a binomial variable. */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1
  if (p <= 0) return 0
  if (p >= 1) return 1
  // From the term at k on, each from the last.
  let term = logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p)
  let sum = 0
  for (let i = k; i <= n; i++) {
    const value = Math.exp(term)
    sum += value
    if (i > n * p && value < sum * 1e-16) break
    term += Math.log((n - i) / (i + 1)) + Math.log(p) - Math.log1p(-p)
  }
  return Math.min(1, sum)
}

function logChoose(n: number, k: number): number {
  let sum = 0
  for (let i = 1; i <= Math.min(k, n - k); i++) sum += Math.log(n - Math.min(k, n - k) + i) - Math.log(i)
  return sum
}

/**
 * The gaps as angles of the helical turn: the length of their mean vector about that of the null, which for many independent
 * pairs is complex normal, so its square is exponential. The variance is the null's own.
 */
function periodTail(gaps: readonly number[], shares: Float64Array, least: number): number {
  const angle = (gap: number): number => (2 * Math.PI * gap) / helicalTurn
  let [meanX, meanY] = [0, 0]
  for (const [i, share] of shares.entries()) {
    meanX += share * Math.cos(angle(least + i))
    meanY += share * Math.sin(angle(least + i))
  }
  let [x, y] = [0, 0]
  for (const gap of gaps) {
    x += Math.cos(angle(gap)) - meanX
    y += Math.sin(angle(gap)) - meanY
  }
  const variance = 1 - meanX ** 2 - meanY ** 2
  if (variance < 1e-9) return 1
  return Math.exp(-(x ** 2 + y ** 2) / (gaps.length * variance))
}

/** One-sided, normal. */
function closeTail(gaps: readonly number[], shares: Float64Array, least: number): number {
  let mean = 0
  let square = 0
  for (const [i, share] of shares.entries()) {
    mean += share * (least + i)
    square += share * (least + i) ** 2
  }
  const deviation = Math.sqrt(Math.max(0, square - mean ** 2) / gaps.length)
  if (deviation === 0) return 1
  const observed = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  return normalTail((mean - observed) / deviation)
}

/** P(Z >= z), by the continued fraction or series of erfc (Abramowitz and Stegun 7.1.26 is too coarse for small tails). */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z)
  if (z < 3) {
    // P(0 < Z < z) = φ(z) Σ z^(2k+1) / (1·3·5···(2k+1))
    let term = z
    let sum = z
    for (let k = 1; term > 1e-17 * sum; k++) {
      term *= (z * z) / (2 * k + 1)
      sum += term
    }
    return 0.5 - sum * density(z)
  }
  let fraction = z
  for (let k = 60; k >= 1; k--) fraction = z + k / fraction
  return density(z) / fraction
}

function density(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
}
