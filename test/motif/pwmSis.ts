/** Sufficient input subsets of a predictor that is understood: the score of the best site under known motifs. */
import { patternOf } from '../../src/sequence/pattern.ts'
import { ppmOf, pwmOf, reverseComplementMatrix } from '../../src/motif/motif.ts'
import type { Matrix } from '../../src/sequence/matrix.ts'
import { baseCount, encodeSequence } from '../../src/sequence/alphabet.ts'

interface Site {
  readonly score: number
  /** Positions and their log-odds, the highest first. */
  readonly contributions: readonly { readonly position: number; readonly bits: number }[]
  readonly codes: Uint8Array
}

/** The SIS, as patterns, of the sequences whose best site of the motif scores above the quantile. */
export function pwmSis(sequences: readonly string[], ppm: Matrix, quantile: number): string[] {
  // The pseudocount keeps bases that were never seen from scoring minus infinity.
  const pwm = pwmOf(
    ppmOf(
      ppm.map((row) => row.map((p) => 50 * p)),
      50,
    ),
  )
  const sites = sequences.map((sequence) => bestSite(encodeSequence(sequence), pwm))
  const threshold = sites.map(({ score }) => score).sort((a, b) => a - b)[
    Math.floor(quantile * sites.length)
  ]!
  return sites
    .filter(({ score }) => score >= threshold)
    .map(({ contributions, codes }) => {
      let score = 0
      const kept = contributions.filter(({ bits }) => {
        if (score >= threshold) return false
        score += bits
        return true
      })
      return patternOf(
        codes,
        kept.map(({ position }) => position).sort((a, b) => a - b),
      )
    })
}

function bestSite(codes: Uint8Array, pwm: Matrix): Site {
  let best: Site = { score: -Infinity, contributions: [], codes }
  for (const matrix of [pwm, reverseComplementMatrix(pwm)]) {
    for (let start = 0; start + matrix.length <= codes.length; start++) {
      let score = 0
      for (const [i, row] of matrix.entries())
        if (codes[start + i]! < baseCount) score += row[codes[start + i]!]!
      if (score <= best.score) continue
      const contributions = matrix.map((row, i) => ({
        position: start + i,
        bits: row[codes[start + i]!] ?? 0,
      }))
      best = { score, contributions: contributions.sort((a, b) => b.bits - a.bits), codes }
    }
  }
  return best
}
